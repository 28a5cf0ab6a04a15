output "endpoints" {
  description = "Model and target of each endpoint."
  value = {
    for endpoint in [inference_endpoint.embeddings, inference_endpoint.completion] :
    endpoint.inference_id => "${endpoint.service_settings.model} on ${endpoint.target}"
  }
}

output "dimensions" {
  description = "Length of the vectors."
  value       = inference_endpoint.embeddings.service_settings.dimensions
}

output "embedding" {
  description = "First three numbers of the embedding that are not 0."
  value       = slice([for number in data.inference_text_embedding.greeting.embeddings[0] : number if number != 0], 0, 3)
}
