// SPDX-License-Identifier: MPL-2.0

package elasticsearch

import (
	"bytes"
	"context"
	"testing"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/redact"
)

// FuzzAnswers parses arbitrary responses: nothing panics, and an endpoint that is
// found has the requested id.
func FuzzAnswers(f *testing.F) {
	for _, seed := range []string{
		`{"endpoints":[{"inference_id":"x","task_type":"completion","service":"amazonbedrock","service_settings":{"model":"m","provider":"META"}}]}`,
		`{"endpoints":[{"inference_id":"x","service":"amazonbedrock","service_settings":{"rate_limit":null,"dimensions":1e3}}]}`,
		`{"endpoints":[{"inference_id":"x","service":"other","service_settings":7}]}`,
		`{"error":{"type":"a","reason":"b","caused_by":{"reason":"c"}},"status":400}`,
		`{"error":"b"}`,
		"event: message\ndata: {\"choices\":[{\"delta\":{\"content\":\"x\"}}]}\n\ndata: [DONE]\n",
		"\uFEFFevent: error\ndata: {\"error\":{\"code\":\"c\",\"message\":\"m\",\"type\":\"t\"}}\n\n",
		"<html>", "null", "[]", "",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		if found, err := parseListing(context.Background(), bytes.NewReader(body), ""); err == nil {
			endpoint, err := found.pick("x")
			if err == nil && (endpoint.InferenceID != "x" || endpoint.Service != inference.Service) {
				t.Errorf("picked %+v", endpoint)
			}
		}
		redactor := redact.New("secret")
		if found := readRefusal(body, redactor); found != nil && redactor.Clean(found.Error()) != found.Error() {
			t.Errorf("not redacted: %s", found)
		}
		_, _, _ = readStream(body, redactor)
	})
}
