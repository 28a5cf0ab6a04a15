package bedrock

import (
	"bytes"
	"io"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime"
)

// fromMemory has a client send copies of its request bodies. The SDK closes its
// own as soon as an answer begins, and net/http, which may still be looking for
// their end, then takes the end for an error and closes the connection in the
// middle of the answer (smithy-go v1.28.8, safeWriteToReadCloser.WriteTo).
func fromMemory(o *bedrockruntime.Options) { o.HTTPClient = memoryClient{o.HTTPClient} }

type memoryClient struct{ bedrockruntime.HTTPClient }

// Do sends a request whose body outlives the call.
func (c memoryClient) Do(request *http.Request) (*http.Response, error) {
	if request.Body == nil {
		return c.HTTPClient.Do(request)
	}
	body, err := io.ReadAll(request.Body)
	if err != nil {
		return nil, err
	}
	sent := request.WithContext(request.Context()) // which copies it
	// Without GetBody: with it, the body would follow a redirect.
	sent.Body = io.NopCloser(bytes.NewReader(body))
	return c.HTTPClient.Do(sent)
}
