variable "elasticsearch_endpoints" {
  description = "URLs of the cluster. If one cannot be reached, the next is used."
  type        = list(string)
}

variable "elasticsearch_ca_file" {
  description = "PEM file of the authority that signed the certificate of the cluster; null to use the authorities of the system."
  type        = string
  default     = null
}

variable "elasticsearch_version" {
  description = "Version of the cluster, if the role cannot read it; null to read it from the cluster."
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
  description = "Maximum number of embedding requests per minute."
  type        = number
  default     = 600
}

variable "answers_per_minute" {
  description = "Maximum number of completion requests per minute."
  type        = number
  default     = 120
}
