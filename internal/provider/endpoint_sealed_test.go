package provider_test

import (
	"os"
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
)

// TestSealedKeys checks that a passphrase in the environment encrypts the keys in a
// new file, which cannot be used without it.
func TestSealedKeys(t *testing.T) {
	const variable = "INFERENCE_EMBEDDED_PASSPHRASE"
	t.Setenv(variable, "a passphrase of some length")
	config := embedded(t) + endpointConfig("sealed", "text_embedding", titanEmbedding)
	acceptance(
		t,
		resource.TestStep{Config: config},
		resource.TestStep{
			PreConfig:   func() { _ = os.Unsetenv(variable) },
			Config:      config,
			ExpectError: regexp.MustCompile(`no passphrase is\s+set`),
		},
		resource.TestStep{
			PreConfig: func() { t.Setenv(variable, "a passphrase of some length") },
			Config:    config,
		},
	)
}
