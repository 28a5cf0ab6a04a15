# Neither the prompt nor the answer is kept: not in the state, not in plan files.
# Keys of its own are used for this run alone and are stored nowhere.
ephemeral "inference_completion" "trial" {
  service_settings = {
    access_key = var.aws_access_key
    secret_key = var.aws_secret_key
    region     = "us-east-1"
    provider   = "anthropic"
    model      = "us.anthropic.claude-sonnet-4-5-20250929-v1:0"
  }

  input = ["Answer with one word: are you there?"]

  lifecycle {
    postcondition {
      condition     = self.stop_reason == "end_turn"
      error_message = "The model stopped before its answer was complete."
    }
  }
}

variable "aws_access_key" {
  description = "AWS access key; null for the credentials of the provider."
  type        = string
  default     = null
  ephemeral   = true
}

variable "aws_secret_key" {
  description = "AWS secret key that belongs to the access key."
  type        = string
  default     = null
  ephemeral   = true
}
