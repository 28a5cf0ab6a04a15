terraform {
  required_version = ">= 1.11"
  required_providers {
    inference = {
      source  = "terraform-provider-inference/inference"
      version = "~> 0.1.0" # before 1.0 a minor version may change what a setting means
    }
    aws = {
      source = "hashicorp/aws"
    }
  }
}
