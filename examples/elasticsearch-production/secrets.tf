# Terraform reads both secrets at every plan and apply, and does not store them in the state or in plan files.
# Each secret is JSON: {"api_key":"..."} for Elasticsearch, {"access_key":"...","secret_key":"..."} for Bedrock.
ephemeral "aws_secretsmanager_secret_version" "this" {
  for_each = var.secret_ids

  secret_id = each.value
}

locals {
  secrets = { for name, secret in ephemeral.aws_secretsmanager_secret_version.this : name => jsondecode(secret.secret_string) }
}
