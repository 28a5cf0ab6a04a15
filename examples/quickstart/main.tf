# The two endpoints of the service's own documentation, and one run of the first.
#
# As it stands nothing else is needed: endpoints live in a file beside this one,
# and a simulator answers in place of Amazon Bedrock. With simulate = false the
# real models answer, with the keys below or your AWS environment's.

terraform {
  required_version = ">= 1.11"
  required_providers {
    inference = {
      source = "terraform-provider-inference/inference"
    }
  }
}

provider "inference" {
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
    model      = "amazon.titan-text-premier-v1:0"
  }
}

data "inference_text_embedding" "greeting" {
  inference_id = inference_endpoint.embeddings.inference_id
  input        = ["Good morning, Amazon Bedrock."]
}
