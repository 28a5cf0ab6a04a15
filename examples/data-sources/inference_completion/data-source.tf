# Task settings of the data source take precedence over those of the endpoint.
data "inference_completion" "summary" {
  inference_id = inference_endpoint.completion.id
  input        = ["Say in one sentence what an inference endpoint is."]

  task_settings = {
    temperature    = 0.2
    max_new_tokens = 100
  }

  lifecycle {
    postcondition {
      condition     = self.stop_reason != "max_tokens"
      error_message = "The answer was cut: raise max_new_tokens."
    }
  }
}

# Calls a model on Amazon Bedrock without an endpoint.
data "inference_completion" "trial" {
  service_settings = {
    region   = "us-east-1"
    provider = "anthropic"
    model    = "us.anthropic.claude-haiku-4-5-20251001-v1:0"
  }

  input = ["What is a vector?", "What is a cosine?"]
}

resource "inference_endpoint" "completion" {
  inference_id = "completion"
  task_type    = "completion"

  service_settings = {
    region   = "us-east-1"
    provider = "amazontitan"
    model    = "amazon.nova-lite-v1:0"
  }
}

output "summary" {
  value = data.inference_completion.summary.result
}

output "answers" {
  value = data.inference_completion.trial.results
}

output "tokens" {
  value = data.inference_completion.trial.usage
}
