variable "team" {
  description = "Team that owns the endpoint; its id begins with it."
  type        = string
}

variable "model" {
  description = "Embedding model of Titan or Cohere, by its base id."
  type        = string
  default     = "amazon.titan-embed-text-v2:0"
}

variable "region" {
  description = "AWS region of the model."
  type        = string
  default     = "eu-central-1"

  validation {
    condition     = startswith(var.region, "eu-")
    error_message = "Texts must stay in the European Union: write a region that begins with eu-."
  }
}

variable "requests_per_minute" {
  description = "Most requests per minute."
  type        = number
  default     = 240
}

variable "chunk_size" {
  description = "Most words in a chunk."
  type        = number
  default     = 200
}

variable "aws_access_key" {
  description = "AWS access key of the endpoint; null for the AWS default chain, which only the embedded target has."
  type        = string
  default     = null
  sensitive   = true
  ephemeral   = true
}

variable "aws_secret_key" {
  description = "AWS secret key that belongs to the access key."
  type        = string
  default     = null
  sensitive   = true
  ephemeral   = true
}
