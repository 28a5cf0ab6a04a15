output "id" {
  description = "Id of the endpoint, known once the endpoint exists: for semantic_text fields, pipelines and data sources."
  value       = inference_endpoint.this.id
}

output "dimensions" {
  description = "Length of the vectors, for a dense_vector field."
  value       = inference_endpoint.this.service_settings.dimensions
}
