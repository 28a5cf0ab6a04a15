provider "inference" {
  elasticsearch = { endpoints = ["URL"] }
}
resource "inference_endpoint" "created" {
  inference_id = "created"
  task_type    = "text_embedding"
  service_settings = {
    access_key = "AKIAIOSFODNN7EXAMPLE"
    secret_key = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
    region     = "us-east-1"
    provider   = "amazontitan"
    model      = "amazon.titan-embed-text-v2:0"
  }
}
resource "inference_endpoint" "imported" {
  inference_id = "imported"
  task_type    = "completion"
  service_settings = {
    region     = "us-east-1"
    provider   = "anthropic"
    model      = "anthropic.claude-3-haiku-20240307-v1:0"
  }
  task_settings = { top_p = 0.3 }
}
