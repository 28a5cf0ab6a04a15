# Creates the two endpoints that the documentation of the service describes, and
# embeds a text with the first.
#
# By default, endpoints are stored in a local file, and a simulator replaces
# Amazon Bedrock. With simulate = false, the provider calls the real models with
# the keys below or with credentials from your AWS environment.

terraform {
  required_version = ">= 1.11"
  required_providers {
    inference = {
      source = "terraform-provider-inference/inference"
    }
  }
}

provider "inference" {
  embedded = {} # stores the endpoints in a local file
  bedrock = {
    simulate = var.simulate
  }
}

resource "inference_endpoint" "embeddings" {
  inference_id = "amazon_bedrock_embeddings"
  task_type    = "text_embedding"

  service_settings = {
    access_key = var.aws_access_key
    secret_key = var.aws_secret_key
    region     = "us-east-1"
    provider   = "amazontitan"
    model      = "amazon.titan-embed-text-v2:0"
  }

  chunking_settings = {
    strategy         = "sentence"
    max_chunk_size   = 250
    sentence_overlap = 1
  }
}

resource "inference_endpoint" "completion" {
  inference_id = "amazon_bedrock_completion"
  task_type    = "completion"

  service_settings = {
    access_key = var.aws_access_key
    secret_key = var.aws_secret_key
    region     = "us-east-1"
    provider   = "amazontitan"
    model      = "amazon.nova-lite-v1:0"
  }
}

data "inference_text_embedding" "greeting" {
  inference_id = inference_endpoint.embeddings.id
  input        = ["Good morning, Amazon Bedrock."]
}
