output "endpoints" {
  description = "What each endpoint runs, and where it lives."
  value = {
    for endpoint in [inference_endpoint.embeddings, inference_endpoint.completion] :
    endpoint.inference_id => "${endpoint.service_settings.model} on ${endpoint.target}"
  }
}

output "dimensions" {
  description = "Length of the vectors, as the target learnt it from the model."
  value       = inference_endpoint.embeddings.service_settings.dimensions
}

output "embedding" {
  description = "The first numbers of the vector of the greeting that are not 0."
  value       = slice([for number in data.inference_text_embedding.greeting.embeddings[0] : number if number != 0], 0, 3)
}
