# terraform query -generate-config-out=endpoints.tf
# finds the endpoints of the target and writes their configuration. Only the AWS keys are left to add.
list "inference_endpoint" "embeddings" {
  provider         = inference
  include_resource = true

  config {
    task_type = "text_embedding"
  }
}
