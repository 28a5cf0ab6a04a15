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

// TestCanary looks for keys in everything that can be printed, while the other
// side repeats them in all that it says.
func TestCanary(t *testing.T) {
	const canary = "CANARY"
	keys := inference.Keys{AccessKey: canary + "-run-access", SecretKey: canary + "-run-secret"}
	config := Config{AccessKey: canary + "-access", SecretKey: canary + "-secret", SessionToken: canary + "-session"}
	said := strings.Join([]string{
		keys.AccessKey.Reveal(), keys.SecretKey.Reveal(),
		config.AccessKey.Reveal(), config.SecretKey.Reveal(), config.SessionToken.Reveal(),
		"x-amz-security-token:" + canary + "-unknown",
	}, " ")
	simulator := newSimulator(t)
	config.Simulator = simulator
	runner := New(config)

	printed := []any{config, &config, runner, simulator}
	for _, fault := range []*bedrocksim.Fault{
		{Status: 403, Code: "InvalidSignatureException", Message: said},
		{Status: 403, Message: said},
		{Status: 400, Code: "ValidationException", Message: said},
		bedrocksim.Damaged(bedrocksim.Reset),
		nil,
	} {
		talking := config
		talking.Simulator = newSimulator(t, bedrocksim.WithFault(func(*http.Request, int) *bedrocksim.Fault { return fault }))
		for _, mine := range []inference.Keys{keys, noKeys} {
			speaker := New(talking)
			speaker.backoff = atOnce
			for _, endpoint := range []inference.Endpoint{titan(), claude()} {
				result, err := speaker.Run(t.Context(), endpoint, mine, texts("a"))
				printed = append(printed, result, err, speaker)
				for cause := errors.Unwrap(err); cause != nil; cause = errors.Unwrap(cause) {
					printed = append(printed, cause)
				}
			}
		}
	}
	for _, value := range printed {
		for _, format := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
			text := fmt.Sprintf(format, value)
			if strings.Contains(text, ownOnly(mineOnly(said), text)) || strings.Contains(text, fmt.Sprintf("%x", canary)) {
				t.Errorf("%T printed with %s: %s", value, format, text)
			}
		}
	}
}
