package elasticsearch

import (
	"net/http"
	"strings"
)

// remedy says what to do about an error answer; empty where the reason says it.
func (c *Client) remedy(call *call, status int, reason string) string {
	switch {
	case status == http.StatusUnauthorized:
		return "Elasticsearch does not know these credentials: " + c.config.credentials() + "."
	case status == http.StatusForbidden && len(call.path) == 0:
		return "Reading the version needs the cluster privilege monitor. Grant it, or set elasticsearch.version."
	case status == http.StatusForbidden && call.method != http.MethodGet && call.method != http.MethodPost:
		return "The role needs the cluster privilege manage_inference."
	case status == http.StatusForbidden:
		return "The role needs the cluster privilege monitor_inference."
	case status == http.StatusTooManyRequests:
		return "Elasticsearch has too much to do. Try again later, or with less parallelism."
	case status == http.StatusRequestTimeout:
		return "The model did not answer in time. Give it more in timeouts, and see whether it is overloaded."
	case strings.Contains(reason, "validation call to service"):
		return "Elasticsearch asked the model for a trial, and that failed. Check access_key and secret_key, that they may use the model in this region, and that region, provider and model fit together."
	case reason == "":
		return "Check that elasticsearch.endpoints names Elasticsearch itself, with https where it speaks TLS, and that it is up."
	}
	return ""
}

func (c Config) credentials() string {
	switch {
	case c.APIKey != "":
		return "check elasticsearch.api_key, which is the encoded form of the key, and that the key has not expired"
	case c.BearerToken != "":
		return "check elasticsearch.bearer_token, and that the token has not expired"
	case c.Username != "":
		return "check elasticsearch.username and password"
	}
	return "none are set. Set elasticsearch.api_key, or username and password, or bearer_token"
}
