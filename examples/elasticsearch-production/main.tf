# Two endpoints on an Elasticsearch cluster, as one would run them: keys from a secret store, nothing that can be deleted
# by a slip, limits on how often the models are asked and on how long an apply may wait.

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

  # A replacement would be stopped by prevent_destroy, so new keys have to come as an update. It needs
  # Elasticsearch 8.17 or newer, but not 9.5.0 to 9.5.2.
  credentials_rotation = "in_place"

  timeouts = {
    create = "3m" # the model's first answer included
    update = "3m"
    delete = "1m"
  }

  lifecycle {
    prevent_destroy = true # the vectors in the indices are of no use without it
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
