output "inference_id" {
  description = "Id of the endpoint, for a semantic_text field or a pipeline."
  value       = inference_endpoint.this.inference_id
}

output "dimensions" {
  description = "Length of the vectors, for a dense_vector field."
  value       = inference_endpoint.this.service_settings.dimensions
}
