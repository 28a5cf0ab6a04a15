# A configuration to check, with the simulator and the embedded target, so that the policy can be tried without an account.
# policy.go has the rules as a Go program, rego the rules for OPA and conftest, and names finds misspelled names.
# check.sh and conftest.sh show how a pipeline runs them.

terraform {
  required_version = ">= 1.11"
  required_providers {
    inference = {
      source = "terraform-provider-inference/inference"
    }
  }
}

provider "inference" {
  embedded  = {}
  bedrock   = { simulate = true }
  preflight = true # tests keys and model in the plan, which the policy for conftest requires
}

variable "documents_model" {
  description = "Model of the embeddings."
  type        = string
  default     = "amazon.titan-embed-text-v2:0"
}

variable "temperature" {
  description = "Randomness of the answers."
  type        = number
  default     = 0.2
}

resource "inference_endpoint" "documents" {
  inference_id = "documents"
  task_type    = "text_embedding"

  service_settings = {
    region   = "eu-central-1"
    provider = "amazontitan"
    model    = var.documents_model
  }
}

resource "inference_endpoint" "answers" {
  inference_id = "answers"
  task_type    = "completion"

  service_settings = {
    region   = "eu-central-1"
    provider = "anthropic"
    model    = "eu.anthropic.claude-haiku-4-5-20251001-v1:0"
  }

  task_settings = {
    temperature    = var.temperature
    max_new_tokens = 512
  }
}
