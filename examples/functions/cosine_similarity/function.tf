data "inference_text_embedding" "texts" {
  service_settings = {
    region   = "us-east-1"
    provider = "amazontitan"
    model    = "amazon.titan-embed-text-v2:0"
  }

  input = ["the cat sat on the mat", "a cat on a mat"]
}

# 1 for the same direction, 0 for nothing in common.
output "similarity" {
  value = provider::inference::cosine_similarity(
    data.inference_text_embedding.texts.embeddings[0],
    data.inference_text_embedding.texts.embeddings[1],
  )
}
