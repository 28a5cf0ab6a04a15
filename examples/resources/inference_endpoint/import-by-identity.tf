import {
  to = inference_endpoint.embeddings
  identity = {
    inference_id = "my-embeddings"
  }
}
