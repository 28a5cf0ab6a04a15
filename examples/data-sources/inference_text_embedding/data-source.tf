# The texts of a search are embedded by the endpoint that embedded the documents.
data "inference_text_embedding" "search" {
  inference_id = inference_endpoint.embeddings.inference_id
  input        = ["how to reset a password", "where to find an invoice"]
}

# A model embeds without an endpoint, straight on Amazon Bedrock, to try it out.
# Cohere's models tell texts to search by from texts to be found.
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

# A long text is cut as Elasticsearch would cut it, and embedded chunk by chunk.
data "inference_text_embedding" "document" {
  inference_id = inference_endpoint.embeddings.inference_id
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
