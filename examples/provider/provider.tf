terraform {
  required_version = ">= 1.11"
  required_providers {
    inference = {
      source = "terraform-provider-inference/inference"
    }
  }
}

# Stores endpoints on this cluster.
provider "inference" {
  elasticsearch = {
    endpoints = ["https://es.example.com:9200"] # or ELASTICSEARCH_ENDPOINTS
    api_key   = var.elasticsearch_api_key       # or ELASTICSEARCH_API_KEY
  }
}

# Stores endpoints in a local file and simulates Amazon Bedrock. Requires neither a
# cluster nor an AWS account.
provider "inference" {
  alias = "laptop"

  embedded = {
    path = ".inference/endpoints.db"
  }
  bedrock = {
    simulate = true
  }
}

variable "elasticsearch_api_key" {
  description = "API key of the cluster, in its encoded form."
  type        = string
  ephemeral   = true
}
