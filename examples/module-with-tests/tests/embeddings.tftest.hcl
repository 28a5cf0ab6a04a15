# Run "terraform init" and "terraform test". The tests need neither an AWS account nor a cluster: Amazon Bedrock is
# simulated, and endpoints are stored in a file that only these tests use. At the end, Terraform destroys the endpoints.

provider "inference" {
  embedded = { path = ".inference/embeddings.db" }
  bedrock  = { simulate = true }
}

variables {
  team           = "search"
  aws_access_key = "AKIAEXAMPLE"
  aws_secret_key = "first-secret-key"
}

run "plan_shows_what_was_left_out" {
  command = plan

  assert {
    condition     = inference_endpoint.this.inference_id == "search-embeddings"
    error_message = "The id does not begin with the team's name."
  }
  assert {
    condition     = inference_endpoint.this.chunking_settings.overlap == 100
    error_message = "The overlap that the provider fills in is not 100 words."
  }
}

run "endpoint_answers" {
  assert {
    condition     = output.dimensions == 1024
    error_message = "The model's vectors do not have 1,024 numbers."
  }
  assert {
    condition     = inference_endpoint.this.credentials_revision == 1
    error_message = "A new endpoint does not count its rotations from 1."
  }
}

run "new_keys_rotate" {
  variables {
    aws_secret_key = "second-secret-key"
  }
  assert {
    condition     = inference_endpoint.this.credentials_revision == 2
    error_message = "The changed key was not noticed."
  }
}

run "limit_changes_in_place" {
  variables {
    aws_secret_key      = "second-secret-key"
    requests_per_minute = 60
  }
  assert {
    condition     = inference_endpoint.this.credentials_revision == 2 && inference_endpoint.this.service_settings.rate_limit.requests_per_minute == 60
    error_message = "A new limit replaced the endpoint."
  }
}

run "region_outside_is_refused" {
  command = plan
  variables {
    region = "us-east-1"
  }
  expect_failures = [var.region]
}
