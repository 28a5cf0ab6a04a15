variable "elasticsearch_endpoints" {
  description = "URLs of the cluster; the next is tried where one cannot be reached."
  type        = list(string)
}

variable "elasticsearch_ca_file" {
  description = "PEM file of the authority that signed the cluster's certificate; null for those of the system."
  type        = string
  default     = null
}

variable "elasticsearch_version" {
  description = "Version of the cluster, for a role that may not read it; null to ask."
  type        = string
  default     = null
}

variable "aws_region" {
  description = "AWS region of the models and of the secrets."
  type        = string
  default     = "us-east-1"
}

variable "secret_ids" {
  description = "Ids or ARNs of the secrets in AWS Secrets Manager."
  type        = object({ elasticsearch = string, bedrock = string })
  default = {
    elasticsearch = "inference/elasticsearch"
    bedrock       = "inference/bedrock"
  }
}

variable "embeddings_per_minute" {
  description = "Most embedding requests per minute."
  type        = number
  default     = 600
}

variable "answers_per_minute" {
  description = "Most completion requests per minute."
  type        = number
  default     = 120
}
