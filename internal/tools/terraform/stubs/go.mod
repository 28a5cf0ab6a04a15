// Terraform keeps its remote-state backends in modules of their own and reaches them with relative replaces, which do
// not hold for someone who requires Terraform from the module proxy. The tests use no remote state, so one module of
// stubs stands in for all of them.
module github.com/hashicorp/terraform/internal

go 1.23.0
