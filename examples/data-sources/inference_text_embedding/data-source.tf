# Embeds search queries with the endpoint that embedded the documents.
data "inference_text_embedding" "search" {
  inference_id = inference_endpoint.embeddings.id
  input        = ["how to reset a password", "where to find an invoice"]
}

# Calls a model on Amazon Bedrock without an endpoint. Cohere's models distinguish
# search queries from documents.
data "inference_text_embedding" "trial" {
  service_settings = {
    region   = "us-east-1"
    provider = "cohere"
    model    = "cohere.embed-english-v3"
  }

  task_settings = {
    truncate = "END"
  }

  input_type = "search"
  input      = ["how to reset a password"]
}

# Splits a long text as Elasticsearch does, and embeds each chunk.
data "inference_text_embedding" "document" {
  inference_id = inference_endpoint.embeddings.id
  input        = [join(" ", [for day in range(1, 31) : "On day ${day} of the month the bill of day ${day} is due."])]

  chunking_settings = {
    strategy       = "word"
    max_chunk_size = 100
    overlap        = 20
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
}

output "dimensions" {
  value = data.inference_text_embedding.search.dimensions
}

output "similarity" {
  value = provider::inference::cosine_similarity(data.inference_text_embedding.search.embeddings[0], data.inference_text_embedding.search.embeddings[1])
}

output "chunks" {
  value = [for chunk in data.inference_text_embedding.document.chunks : "${chunk.start_offset} to ${chunk.end_offset}"]
}
