# The plan shows how Elasticsearch will cut the text, before anything is embedded.
output "chunks" {
  value = provider::inference::chunk(
    join(" ", [for day in range(1, 31) : "On day ${day} of the month the bill of day ${day} is due."]),
    { strategy = "sentence", max_chunk_size = 60 },
  )
}

# Settings left out are the defaults: sentences, 250 words, 1 sentence of overlap.
output "by_default" {
  value = length(provider::inference::chunk("A short text. It is not cut.", {}))
}
