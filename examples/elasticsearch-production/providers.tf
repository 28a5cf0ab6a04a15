provider "inference" {
  elasticsearch = {
    endpoints = var.elasticsearch_endpoints
    ca_file   = var.elasticsearch_ca_file
    api_key   = local.secrets["elasticsearch"].api_key

    # Only for a role that may not read GET /. Else the version is asked for, once per run.
    version = var.elasticsearch_version
  }
}

provider "aws" {
  region = var.aws_region
}
