import {
  to = inference_endpoint.embeddings
  id = "my-embeddings"
}
