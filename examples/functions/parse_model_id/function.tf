locals {
  model = provider::inference::parse_model_id("us.anthropic.claude-haiku-4-5-20251001-v1:0")
}

# { geography = "us", kind = "inference-profile", provider = "anthropic",
#   model = "anthropic.claude-haiku-4-5-20251001-v1:0", and null for the rest }
output "model" {
  value = local.model
}

# The provider of the settings follows from the model.
data "inference_completion" "greeting" {
  service_settings = {
    region   = "us-east-1"
    provider = local.model.provider
    model    = "us.${local.model.model}"
  }

  input = ["Good morning."]
}
