# Stops every plan if the length of the vectors differs from that of the index.
# The vectors are not stored.
ephemeral "inference_text_embedding" "probe" {
  inference_id = inference_endpoint.embeddings.id
  input        = ["any text"]

  lifecycle {
    postcondition {
      condition     = self.dimensions == 1024
      error_message = "The index holds vectors of 1024 dimensions, and the endpoint makes others."
    }
  }
}

resource "inference_endpoint" "embeddings" {
  inference_id = "embeddings"
  task_type    = "text_embedding"

  service_settings = {
    region   = "us-east-1"
    provider = "amazontitan"
    model    = "amazon.titan-embed-text-v2:0"
  }
}
