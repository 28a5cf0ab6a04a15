# Two endpoints on an Elasticsearch cluster, configured for production: keys from a secret store, protection from accidental
# deletion, rate limits, and timeouts.

resource "inference_endpoint" "documents" {
  inference_id = "documents"
  task_type    = "text_embedding"

  service_settings = {
    access_key = local.secrets["bedrock"].access_key
    secret_key = local.secrets["bedrock"].secret_key
    region     = var.aws_region
    provider   = "amazontitan"
    model      = "amazon.titan-embed-text-v2:0"
    rate_limit = { requests_per_minute = var.embeddings_per_minute }
  }

  chunking_settings = {
    strategy         = "sentence"
    max_chunk_size   = 250
    sentence_overlap = 1
  }

  # prevent_destroy does not allow replacements, so new keys have to be updated in place. This requires
  # Elasticsearch 8.18 or newer, except 9.5.0 to 9.5.2.
  credentials_rotation = "in_place"

  timeouts = {
    create = "3m" # includes the first call to the model
    update = "3m"
    delete = "1m"
  }

  lifecycle {
    prevent_destroy = true # the vectors in the indices depend on it
  }
}

resource "inference_endpoint" "answers" {
  inference_id = "answers"
  task_type    = "completion"

  service_settings = {
    access_key = local.secrets["bedrock"].access_key
    secret_key = local.secrets["bedrock"].secret_key
    region     = var.aws_region
    provider   = "anthropic"
    model      = "us.anthropic.claude-haiku-4-5-20251001-v1:0" # an inference profile: us-* and ca-* regions
    rate_limit = { requests_per_minute = var.answers_per_minute }
  }

  task_settings = {
    temperature    = 0.2
    max_new_tokens = 512
  }

  credentials_rotation = "in_place"

  timeouts = {
    create = "3m"
    update = "3m"
    delete = "1m"
  }
}
