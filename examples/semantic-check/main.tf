# Warns at every plan and apply if a model no longer ranks two texts as expected,
# for example after a change of the model or of the texts.

terraform {
  required_version = ">= 1.11"
  required_providers {
    inference = {
      source = "terraform-provider-inference/inference"
    }
  }
}

locals {
  question = "How do I reset my password?"
  answer   = "To reset a password, open the sign-in page and follow the link below it."
  other    = "Invoices are sent by post on the first day of the month."
}

resource "inference_endpoint" "search" {
  inference_id = "search"
  task_type    = "text_embedding"

  service_settings = {
    region   = "us-east-1"
    provider = "amazontitan"
    model    = "amazon.titan-embed-text-v2:0"
  }
}

data "inference_text_embedding" "texts" {
  inference_id = inference_endpoint.search.id
  input        = [local.question, local.answer, local.other]
}

locals {
  vectors = data.inference_text_embedding.texts.embeddings
}

check "ranking" {
  assert {
    condition = (
      provider::inference::cosine_similarity(local.vectors[0], local.vectors[1]) >
      provider::inference::cosine_similarity(local.vectors[0], local.vectors[2]) + 0.1
    )
    error_message = "The model finds \"${local.other}\" as near to the question as its answer."
  }
}
