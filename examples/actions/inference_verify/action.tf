# Verifies the keys, the access to the model and the dimensions after each change
# of the endpoint. To verify the endpoint at any other time, run
# terraform apply -invoke=action.inference_verify.embeddings
action "inference_verify" "embeddings" {
  config {
    inference_id = inference_endpoint.embeddings.id
    dimensions   = 1024
  }
}

resource "inference_endpoint" "embeddings" {
  inference_id = "embeddings"
  task_type    = "text_embedding"

  service_settings = {
    region   = "us-east-1"
    provider = "amazontitan"
    model    = "amazon.titan-embed-text-v2:0"
  }

  lifecycle {
    action_trigger {
      events  = [after_create, after_update]
      actions = [action.inference_verify.embeddings]
    }
  }
}
