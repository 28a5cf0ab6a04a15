provider "inference" {
  elasticsearch = {
    endpoints = var.elasticsearch_endpoints
    ca_file   = var.elasticsearch_ca_file
    api_key   = local.secrets["elasticsearch"].api_key

    # Required only if the role cannot read the version, which the provider reads once per run.
    version = var.elasticsearch_version
  }
}

provider "aws" {
  region = var.aws_region
}
