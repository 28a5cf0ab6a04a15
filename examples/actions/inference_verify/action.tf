# After each change the endpoint has to answer: its keys, its access to the model
# and its dimensions are proven before anything relies on them. At any other time:
# terraform apply -invoke=action.inference_verify.embeddings
action "inference_verify" "embeddings" {
  config {
    inference_id = inference_endpoint.embeddings.inference_id
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
