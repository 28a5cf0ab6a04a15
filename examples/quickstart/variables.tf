variable "simulate" {
  description = "Simulate Amazon Bedrock."
  type        = bool
  default     = true
}

# Ephemeral: Terraform does not store these in the state or in plan files.
variable "aws_access_key" {
  description = "AWS access key of the endpoints; null for the AWS default chain."
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
