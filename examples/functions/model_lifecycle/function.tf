variable "model" {
  type    = string
  default = "anthropic.claude-sonnet-5"
}

locals {
  lifecycle = provider::inference::model_lifecycle(var.model)
}

# A check warns in every plan, and does not fail it.
check "model_is_active" {
  assert {
    condition     = local.lifecycle.state != "legacy" && local.lifecycle.state != "eol"
    error_message = "${var.model} is ${coalesce(local.lifecycle.state, "not known")} since ${coalesce(local.lifecycle.legacy_date, "an unknown date")}. Use ${coalesce(local.lifecycle.replacement, "a newer model")}."
  }
}
