# Reads an endpoint, for example to use the length of its vectors in a mapping.
data "inference_endpoint" "documents" {
  inference_id = inference_endpoint.documents.id
}

resource "inference_endpoint" "documents" {
  inference_id = "documents"
  task_type    = "text_embedding"

  service_settings = {
    region   = "us-east-1"
    provider = "amazontitan"
    model    = "amazon.titan-embed-text-v2:0"
  }
}

output "dimensions" {
  value = data.inference_endpoint.documents.service_settings.dimensions
}
