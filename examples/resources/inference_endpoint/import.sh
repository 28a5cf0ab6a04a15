# By the id of the endpoint. Elasticsearch does not return keys: the next plan sends the configured keys once, in place. Without keys in
# the configuration, nothing is sent.
terraform import inference_endpoint.embeddings my-embeddings

# Or with its task type before it.
terraform import inference_endpoint.completion completion/my-completion
