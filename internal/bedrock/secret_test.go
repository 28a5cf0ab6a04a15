// SPDX-License-Identifier: MPL-2.0

package bedrock

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/bedrock/bedrocksim"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

// TestNoSecretIsPrinted looks for keys in everything that can be printed, while
// the server quotes the keys in its errors.
func TestNoSecretIsPrinted(t *testing.T) {
	const canary = "CANARY"
	ofRun := inference.Keys{AccessKey: canary + "-run-access", SecretKey: canary + "-run-secret"}
	config := Config{AccessKey: canary + "-access", SecretKey: canary + "-secret", SessionToken: canary + "-session"}
	printed := []any{config, ofRun}
	for keys, said := range map[inference.Keys]string{
		ofRun:  canary + "-run-access " + canary + "-run-secret",
		noKeys: canary + "-access " + canary + "-secret " + canary + "-session X-Amz-Security-Token:" + canary,
	} {
		for _, fault := range []*bedrocksim.Fault{
			{Status: 403, Code: "InvalidSignatureException", Message: said},
			{Status: 400, Code: "ValidationException", Message: said},
			{Status: 418, Message: said},
			bedrocksim.Damaged(bedrocksim.Reset),
			bedrocksim.Damaged(bedrocksim.Malformed),
			nil,
		} {
			config.Simulator = newSimulator(t, bedrocksim.WithFault(func(*http.Request, int) *bedrocksim.Fault { return fault }))
			runner := New(config)
			runner.backoff = noDelay
			for _, endpoint := range []inference.Endpoint{titan(), claude()} {
				result, err := runner.Run(t.Context(), endpoint, keys, texts("a"))
				printed = append(printed, config, runner, config.Simulator, result)
				for cause := err; cause != nil; cause = errors.Unwrap(cause) {
					printed = append(printed, cause)
				}
			}
		}
	}
	for _, value := range printed {
		for _, format := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
			text := fmt.Sprintf(format, value)
			if strings.Contains(text, canary) || strings.Contains(text, fmt.Sprintf("%x", canary)) {
				t.Errorf("%T printed with %s: %s", value, format, text)
			}
		}
	}
}
