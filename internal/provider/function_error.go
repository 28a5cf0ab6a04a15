package provider

import (
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/function"
)

// argumentFault is the error of one argument. Terraform and OpenTofu set a full
// stop behind it, so that it must not have its own.
func argumentFault(argument int64, text string) *function.FuncError {
	return function.NewArgumentFuncError(argument, strings.TrimSuffix(text, "."))
}
