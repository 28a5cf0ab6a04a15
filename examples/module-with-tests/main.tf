# A module that a platform team could provide to product teams: an embedding endpoint with the company's rules. The caller
# configures the provider, so the module works with a cluster, and with the embedded target in its tests.

resource "inference_endpoint" "this" {
  inference_id = "${var.team}-embeddings"
  task_type    = "text_embedding"

  service_settings = {
    access_key = var.aws_access_key
    secret_key = var.aws_secret_key
    region     = var.region
    provider   = split(".", var.model)[0] == "cohere" ? "cohere" : "amazontitan"
    model      = var.model
    rate_limit = { requests_per_minute = var.requests_per_minute }
  }

  chunking_settings = {
    strategy       = "word"
    max_chunk_size = var.chunk_size
  }
}
