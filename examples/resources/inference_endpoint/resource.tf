resource "inference_endpoint" "embeddings" {
  inference_id = "my-embeddings"
  task_type    = "text_embedding"

  service_settings = {
    access_key = var.aws_access_key # write-only: sent to the target, stored nowhere else
    secret_key = var.aws_secret_key
    region     = "us-east-1"
    provider   = "amazontitan"
    model      = "amazon.titan-embed-text-v2:0"

    rate_limit = {
      requests_per_minute = 120
    }
  }

  chunking_settings = {
    strategy       = "word"
    max_chunk_size = 200
    overlap        = 50
  }
}

resource "inference_endpoint" "completion" {
  inference_id = "my-completion"
  task_type    = "completion"

  service_settings = {
    access_key = var.aws_access_key
    secret_key = var.aws_secret_key
    region     = "us-east-1"
    provider   = "anthropic"
    model      = "us.anthropic.claude-haiku-4-5-20251001-v1:0"
  }

  task_settings = {
    temperature    = 0.2
    max_new_tokens = 500
  }
}

variable "aws_access_key" {
  description = "AWS access key of the endpoints."
  type        = string
  ephemeral   = true
}

variable "aws_secret_key" {
  description = "AWS secret key that belongs to the access key."
  type        = string
  ephemeral   = true
}
