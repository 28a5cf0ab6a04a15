// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	embeddedtarget "github.com/terraform-provider-inference/terraform-provider-inference/internal/embedded"
)

// TestEncryptedKeys checks that a passphrase in the environment encrypts the keys in a
// new file, which cannot be used without it.
func TestEncryptedKeys(t *testing.T) {
	const variable, passphrase = "INFERENCE_EMBEDDED_PASSPHRASE", "a passphrase of some length"
	t.Setenv(variable, passphrase)
	// A low cost, because each command of Terraform derives the key from the passphrase.
	path := filepath.Join(t.TempDir(), "endpoints.db")
	if err := embeddedtarget.New(path, nil, embeddedtarget.EncryptedWithCost(passphrase, 4)).Touch(t.Context()); err != nil {
		t.Fatal(err)
	}
	config := fmt.Sprintf(`
provider "inference" {
  embedded = { path = %q }
  bedrock  = { simulate = true }
}
`, path) + endpointConfig("encrypted", "text_embedding", titanEmbedding)
	acceptance(
		t,
		step{config: config},
		step{
			before: func() { _ = os.Unsetenv(variable) },
			config: config,
			fails:  `no\s+passphrase\s+is\s+set`,
		},
		step{
			before: func() { t.Setenv(variable, passphrase) },
			config: config,
		},
	)
}
