# The prompt and the result are not stored in the state or in plan files.
# The keys are used only for this call and are not stored.
ephemeral "inference_completion" "trial" {
  service_settings = {
    access_key = var.aws_access_key
    secret_key = var.aws_secret_key
    region     = "us-east-1"
    provider   = "anthropic"
    model      = "us.anthropic.claude-haiku-4-5-20251001-v1:0"
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
