# Lists all endpoints for embeddings on the target.
data "inference_endpoints" "embeddings" {
  task_type = "text_embedding"
}

output "models" {
  value = { for endpoint in data.inference_endpoints.embeddings.endpoints : endpoint.inference_id => endpoint.service_settings.model }
}

# Checks a rule about the endpoints at every plan.
check "rate_limits" {
  assert {
    condition     = alltrue([for endpoint in data.inference_endpoints.embeddings.endpoints : endpoint.service_settings.rate_limit.requests_per_minute <= 1000])
    error_message = "An endpoint may be asked more than 1,000 times a minute."
  }
}
