// SPDX-License-Identifier: MPL-2.0

package backend

import (
	"testing"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

func TestPredictRecreation(t *testing.T) {
	t.Parallel()
	prior := inference.Endpoint{
		InferenceID: "x", TaskType: inference.TextEmbedding,
		ServiceSettings: inference.ServiceSettings{Region: "r", Provider: inference.AmazonTitan, Model: "m", Similarity: "cosine", Dimensions: 1024},
	}
	used := References{Indices: []string{"books"}}
	for name, test := range map[string]struct {
		change     func(*inference.Endpoint)
		references References
		want       RecreationRisk
	}{
		"nothing relevant":         {func(e *inference.Endpoint) { e.ServiceSettings.RequestsPerMinute = 9 }, used, RecreationSafe},
		"no index":                 {func(e *inference.Endpoint) { e.TaskType = inference.Completion }, References{Pipelines: []string{"p"}}, RecreationSafe},
		"another id":               {func(e *inference.Endpoint) { e.InferenceID, e.TaskType = "y", inference.Completion }, used, RecreationSafe},
		"task type":                {func(e *inference.Endpoint) { e.TaskType = inference.Completion }, used, RecreationRefused},
		"task type not known":      {func(e *inference.Endpoint) { e.TaskType = "" }, used, RecreationUnknown},
		"similarity":               {func(e *inference.Endpoint) { e.ServiceSettings.Similarity = "dot_product" }, used, RecreationRefused},
		"default similarity":       {func(e *inference.Endpoint) { e.ServiceSettings.Similarity = "" }, used, RecreationSafe},
		"other dimensions":         {func(e *inference.Endpoint) { e.ServiceSettings.Model, e.ServiceSettings.Dimensions = "n", 512 }, used, RecreationRefused},
		"model of same dimensions": {func(e *inference.Endpoint) { e.ServiceSettings.Model = "n" }, used, RecreationSafe},
		"model not known":          {func(e *inference.Endpoint) { e.ServiceSettings.Model, e.ServiceSettings.Dimensions = "n", 0 }, used, RecreationUnknown},
		"region":                   {func(e *inference.Endpoint) { e.ServiceSettings.Region, e.ServiceSettings.Dimensions = "s", 0 }, used, RecreationUnknown},
	} {
		planned := prior
		test.change(&planned)
		got, reason := Capabilities{Name: "Elasticsearch 9.5.3", ChecksMappings: true}.PredictRecreation(prior, planned, test.references)
		if got != test.want || (reason == "") != (got == RecreationSafe) {
			t.Errorf("%s: got %v, %q", name, got, reason)
		}
		if got, _ := (Capabilities{}).PredictRecreation(prior, planned, test.references); got != RecreationSafe {
			t.Errorf("%s: refused by a target that does not check mappings", name)
		}
	}
}
