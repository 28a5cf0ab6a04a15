terraform {
  required_version = ">= 1.11"
  required_providers {
    inference = {
      source = "terraform-provider-inference/inference"
    }
  }
}
