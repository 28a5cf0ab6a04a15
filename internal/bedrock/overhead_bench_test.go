// SPDX-License-Identifier: MPL-2.0

package bedrock

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime/types"
)

// BenchmarkOverhead makes each call twice, with the runner and with the SDK only,
// on the same connections, and reports the ratio of both times.
func BenchmarkOverhead(b *testing.B) {
	runner := New(Config{Simulator: newSimulator(b)})
	endpoint := claude()
	client, err := runner.client(b.Context(), endpoint.ServiceSettings.Region, noKeys)
	if err != nil {
		b.Fatal(err)
	}
	bare := &bedrockruntime.ConverseInput{
		ModelId: aws.String(endpoint.ServiceSettings.Model),
		Messages: []types.Message{{
			Role:    types.ConversationRoleUser,
			Content: []types.ContentBlock{&types.ContentBlockMemberText{Value: "a question"}},
		}},
	}
	var ours, sdk time.Duration
	for b.Loop() {
		begin := time.Now()
		if _, err := runner.Run(b.Context(), endpoint, noKeys, texts("a question")); err != nil {
			b.Fatal(err)
		}
		between := time.Now()
		if _, err := client.Converse(b.Context(), bare); err != nil {
			b.Fatal(err)
		}
		ours += between.Sub(begin)
		sdk += time.Since(between)
	}
	b.ReportMetric(float64((ours-sdk).Microseconds())/float64(b.N), "µs-more/call")
	b.ReportMetric(ours.Seconds()/sdk.Seconds(), "x-sdk")
}
