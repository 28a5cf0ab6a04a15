// SPDX-License-Identifier: MPL-2.0

package bedrock

import (
	"bytes"
	"cmp"
	"os"
	"path/filepath"
	"regexp"
	"sync"

	"github.com/aws/aws-sdk-go-v2/config"
)

// unusedSetting matches a line of a shared file of AWS that sets one of the
// settings of unusedVariables. Indented lines belong to another setting.
var unusedSetting = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?mi)^(retry_mode|max_attempts|defaults_mode|account_id_endpoint_mode|request_checksum_calculation|` +
		`response_checksum_validation|disable_request_compression|request_min_compression_size_bytes|endpoint_discovery_enabled|` +
		`s3_use_arn_region|s3_disable_multiregion_access_points|s3_disable_express_session_auth|sdk_ua_app_id)[ \t]*=.*$`)
})

// storedSecret matches a line of a shared file that contains a secret.
var storedSecret = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?mi)^[ \t]*(aws_secret_access_key|aws_session_token)[ \t]*=`)
})

// sharedFiles returns options that load the shared files without the settings
// that have no effect here, but may have values that the SDK rejects. The SDK
// loads files only, so that a file with such a setting is copied to a temporary
// directory until remove is called. A file that contains a secret is not copied.
func sharedFiles() (options []func(*config.LoadOptions) error, remove func()) {
	remove = func() {}
	configFile := cmp.Or(os.Getenv("AWS_CONFIG_FILE"), config.DefaultSharedConfigFilename())
	content, err := os.ReadFile(configFile) //nolint:gosec // the SDK reads the same file, which the user names
	if err != nil || !unusedSetting().Match(content) || storedSecret().Match(content) {
		return nil, remove
	}
	directory, err := os.MkdirTemp("", "inference-aws-")
	if err != nil {
		return nil, remove
	}
	remove = func() { _ = os.RemoveAll(directory) }
	copied := filepath.Join(directory, "config")
	if err := os.WriteFile(copied, bytes.TrimSpace(unusedSetting().ReplaceAll(content, nil)), 0o600); err != nil { //nolint:gosec // the path is in a directory that was just created
		return nil, remove
	}
	return []func(*config.LoadOptions) error{config.WithSharedConfigFiles([]string{copied})}, remove
}
