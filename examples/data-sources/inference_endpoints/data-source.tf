# All endpoints of the target that make embeddings.
data "inference_endpoints" "embeddings" {
  task_type = "text_embedding"
}

output "models" {
  value = { for endpoint in data.inference_endpoints.embeddings.endpoints : endpoint.inference_id => endpoint.service_settings.model }
}

# Endpoints are cheap to read, so rules about them can be checked at every plan.
check "rate_limits" {
  assert {
    condition     = alltrue([for endpoint in data.inference_endpoints.embeddings.endpoints : endpoint.service_settings.rate_limit.requests_per_minute <= 1000])
    error_message = "An endpoint may be asked more than 1,000 times a minute."
  }
}
