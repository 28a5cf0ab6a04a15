// SPDX-License-Identifier: MPL-2.0

package tuning

import (
	"os"
	"testing"
)

func TestLimitLogs(t *testing.T) {
	for name, test := range map[string]struct {
		given              map[string]string
		wantSDK, wantOwned string
	}{
		"not set":            {nil, "OFF", "OFF"},
		"everything":         {map[string]string{"TF_LOG": "debug"}, "debug", "debug"},
		"of providers":       {map[string]string{"TF_LOG_PROVIDER": "TRACE", "TF_LOG": "error"}, "TRACE", "TRACE"},
		"of the core":        {map[string]string{"TF_LOG_CORE": "TRACE"}, "OFF", "OFF"},
		"SDK only, less":     {map[string]string{"TF_LOG": "TRACE", "TF_LOG_SDK": "WARN"}, "WARN", "TRACE"},
		"this provider only": {map[string]string{"TF_LOG": "TRACE", "TF_LOG_PROVIDER_INFERENCE": "INFO"}, "TRACE", "INFO"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, variable := range []string{"TF_LOG", "TF_LOG_CORE", "TF_LOG_PROVIDER", "TF_LOG_SDK", "TF_LOG_PROVIDER_INFERENCE"} {
				t.Setenv(variable, test.given[variable])
			}
			LimitLogs()
			if got := os.Getenv("TF_LOG_SDK"); got != test.wantSDK {
				t.Errorf("TF_LOG_SDK is %q, want %q", got, test.wantSDK)
			}
			if got := os.Getenv("TF_LOG_PROVIDER_INFERENCE"); got != test.wantOwned {
				t.Errorf("TF_LOG_PROVIDER_INFERENCE is %q, want %q", got, test.wantOwned)
			}
		})
	}
}
