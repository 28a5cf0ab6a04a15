# Each test file uses its own endpoint file, so that test files do not affect each other.

provider "inference" {
  embedded = { path = ".inference/cohere.db" }
  bedrock  = { simulate = true }
}

run "cohere_answers_too" {
  variables {
    team           = "search"
    model          = "cohere.embed-multilingual-v3"
    aws_access_key = "AKIAEXAMPLE"
    aws_secret_key = "secret-key"
  }
  assert {
    condition     = inference_endpoint.this.service_settings.provider == "cohere" && output.dimensions == 1024
    error_message = "The module does not make an endpoint of Cohere's."
  }
}
