output "endpoints" {
  description = "Model, target and key revision of each endpoint."
  value = {
    for endpoint in [inference_endpoint.documents, inference_endpoint.answers] :
    endpoint.inference_id => {
      model    = endpoint.service_settings.model
      target   = endpoint.target
      rotation = endpoint.credentials_revision
    }
  }
}
