# By the id of the endpoint. The keys cannot be read from the target: they stay as they are there.
terraform import inference_endpoint.embeddings my-embeddings

# Or with its task type before it.
terraform import inference_endpoint.completion completion/my-completion
