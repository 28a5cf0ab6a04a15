package embedded

import (
	"fmt"
	"os"
	"strings"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/redact"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/backend"
)

const (
	variablePassphrase     = "INFERENCE_EMBEDDED_PASSPHRASE"
	variablePassphraseFile = "INFERENCE_EMBEDDED_PASSPHRASE_FILE"
)

// Passphrase is the one in the environment, or in the file that the environment
// names; empty where neither is set.
func Passphrase() (redact.Secret, error) {
	passphrase, given := os.LookupEnv(variablePassphrase)
	path := os.Getenv(variablePassphraseFile)
	switch {
	case given && path != "":
		return "", passphraseFault(variablePassphrase + " and " + variablePassphraseFile + " are both set. Keep one.")
	case given && passphrase == "":
		return "", passphraseFault(variablePassphrase + " is empty. Write a passphrase, or unset it.")
	case path == "":
		return redact.Secret(passphrase), nil
	}
	content, err := os.ReadFile(path) //nolint:gosec // the user names the file
	if err != nil {
		return "", passphraseFault(fmt.Sprintf("%s names a file that cannot be read: %v.", variablePassphraseFile, err))
	}
	if passphrase = strings.TrimRight(string(content), "\r\n"); passphrase == "" {
		return "", passphraseFault(fmt.Sprintf("%s names %s, which is empty. Write the passphrase into it.", variablePassphraseFile, path))
	}
	return redact.Secret(passphrase), nil
}

func passphraseFault(detail string) error {
	return &backend.Error{Kind: backend.Refused, Summary: "Passphrase cannot be used", Detail: detail}
}
