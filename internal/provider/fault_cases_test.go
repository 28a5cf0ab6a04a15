// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"context"
	"net/http"
	"time"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/elasticsearch/faultproxy"
)

// faultCase is a fault, which is a row in the table of TestFaultMatrix.
type faultCase struct {
	name string
	// arm causes the fault in the requests that match. It may call end, which ends the
	// context of the operation.
	arm func(env *faultEnv, match func(*http.Request) bool, end context.CancelFunc)
	// message is a pattern for the text of the error or warning.
	message string
	// serverWide faults affect all requests.
	serverWide bool
	// deadline is set if end is the deadline of the operation. Without it, end is what
	// Terraform does when a user stops it. With Terraform, the deadline is a short timeout.
	deadline bool
	// protocolOnly is for interrupts, after which Terraform adds errors of its own.
	protocolOnly bool
	// tls is for faults of a server with TLS.
	tls bool
}

type armFunc = func(*faultEnv, func(*http.Request) bool, context.CancelFunc)

func times(count int, fault faultproxy.Fault) armFunc {
	return func(env *faultEnv, match func(*http.Request) bool, _ context.CancelFunc) {
		env.proxy.Arm(match, fault, count)
	}
}

func once(fault faultproxy.Fault) armFunc   { return times(1, fault) }
func always(fault faultproxy.Fault) armFunc { return times(-1, fault) }

// ended ends the operation while it waits for a response.
func ended(fault faultproxy.Fault) armFunc {
	return func(env *faultEnv, match func(*http.Request) bool, end context.CancelFunc) {
		env.proxy.Arm(match, func(x *faultproxy.Exchange) {
			fault(x)
			end()
			x.Wait()
		}, -1)
	}
}

func noFault(*faultproxy.Exchange) {}

func act(x *faultproxy.Exchange) { x.Forward() }

const (
	noResponse = `did not answer: .*(closed|reset|refused).*(try again|No server listens)`
	tooBusy    = `answered 429: queue is full.* overloaded .429.. Try again later`
	notTrusted = `certificate is not trusted. Set elasticsearch.ca_file`
	isRedirect = `redirect \(30\d\) to .* Credentials are not sent to another address: write the final URL`
	queueFull  = "queue is full"
)

// faultCases returns all faults. Redirects lead to the URL elsewhere.
func faultCases(elsewhere string) []faultCase {
	rejected := func(headers ...string) faultproxy.Fault {
		return faultproxy.Refusal(http.StatusTooManyRequests, "es_rejected_execution_exception", queueFull, headers...)
	}
	soon := func(x *faultproxy.Exchange) {
		rejected("Retry-After", time.Now().Add(time.Second).UTC().Format(http.TimeFormat))(x)
	}
	noMaster := faultproxy.Refusal(http.StatusServiceUnavailable, "master_not_discovered_exception", "no master")
	rows := []faultCase{
		{name: "connection refused", arm: func(env *faultEnv, _ func(*http.Request) bool, _ context.CancelFunc) { env.proxy.Refuse() }, message: noResponse, serverWide: true},
		{name: "connection reset before the server acted, once", arm: once(faultproxy.Reset), message: noResponse},
		{name: "connection reset before the server acted, always", arm: always(faultproxy.Reset), message: noResponse},
		{name: "connection reset after the server acted, once", arm: once(faultproxy.ForwardThenReset), message: noResponse},
		{name: "connection reset after the server acted, always", arm: always(faultproxy.ForwardThenReset), message: noResponse},
		{name: "server unreachable after it acted", arm: always(faultproxy.ForwardThenStop), message: noResponse},
		{name: "server restarts before it acted", arm: once(faultproxy.Restart), message: noResponse},
		{name: "server restarts after it acted", arm: once(faultproxy.ForwardThenRestart), message: noResponse},
		{name: "late answer", arm: always(faultproxy.Delay(20 * time.Millisecond)), message: `.`},
		{name: "no answer before the deadline, server has not acted", arm: ended(noFault), message: `timeouts|took too long|before a response arrived`, deadline: true},
		{name: "no answer before the deadline, server has acted", arm: ended(act), message: `timeouts|took too long|before a response arrived`, deadline: true},
		{name: "interrupted, server has not acted", arm: ended(noFault), message: `canceled|before a response arrived`, protocolOnly: true},
		{name: "interrupted, server has acted", arm: ended(act), message: `canceled|before a response arrived`, protocolOnly: true},
		{name: "half a body, once", arm: once(faultproxy.ForwardThenTruncate), message: `ended after \d+ bytes`},
		{name: "half a body, always", arm: always(faultproxy.ForwardThenTruncate), message: `ended after \d+ bytes`},
		{name: "wrong content type", arm: always(faultproxy.ForwardThenSetHeader("Content-Type", "text/plain")), message: `answered with the media type "text/plain" instead of`},
		{name: "wrong product", arm: always(faultproxy.ForwardThenSetHeader("X-Elastic-Product", "")), message: `is not from Elasticsearch: it lacks the header X-Elastic-Product`},
		{name: "page of a load balancer with 200", arm: always(faultproxy.Page(http.StatusOK)), message: `is not from Elasticsearch`},
		{name: "page of a load balancer with 503, once", arm: once(faultproxy.Page(http.StatusServiceUnavailable)), message: `answered 503 .* load balancer`},
		{name: "page of a load balancer with 503, always", arm: always(faultproxy.Page(http.StatusServiceUnavailable)), message: `answered 503 .* load balancer.*elasticsearch.endpoints`},
		{name: "429 without Retry-After, once", arm: once(rejected()), message: tooBusy},
		{name: "429 without Retry-After, always", arm: always(rejected()), message: tooBusy},
		{name: "429 with Retry-After in seconds, once", arm: once(rejected("Retry-After", "1")), message: tooBusy},
		{name: "429 with Retry-After as a date, once", arm: once(soon), message: tooBusy},
		{name: "429 with Retry-After of an hour", arm: always(rejected("Retry-After", "3600")), message: `asks to wait 1h0m0s`},
		{name: "500", arm: always(faultproxy.Refusal(http.StatusInternalServerError, "exception", "broken")), message: `answered 500: broken`},
		{name: "500 of a proxy, server has acted", arm: always(faultproxy.ForwardThenPage(http.StatusInternalServerError)), message: `answered 500 .* load balancer`},
		{name: "502, once", arm: once(faultproxy.Page(http.StatusBadGateway)), message: `502`},
		{name: "502, always", arm: always(faultproxy.Page(http.StatusBadGateway)), message: `answered 502`},
		{name: "502, server has acted", arm: always(faultproxy.ForwardThenPage(http.StatusBadGateway)), message: `answered 502`},
		{name: "503, once", arm: once(noMaster), message: `503`},
		{name: "503, always", arm: always(noMaster), message: `answered 503: no master`},
		{name: "504, once", arm: once(faultproxy.Page(http.StatusGatewayTimeout)), message: `504`},
		{name: "504, server has acted", arm: always(faultproxy.ForwardThenPage(http.StatusGatewayTimeout)), message: `answered 504`},
		{name: "401", arm: always(faultproxy.Refusal(http.StatusUnauthorized, "security_exception", "unable to authenticate")), message: `401: unable to authenticate.*Check elasticsearch.username`},
		{name: "403", arm: always(faultproxy.Refusal(http.StatusForbidden, "security_exception", "action is unauthorized")), message: `403: action is unauthorized.* privilege (manage|monitor)_inference`},
		{name: "redirect with 302", arm: always(faultproxy.Redirect(http.StatusFound, elsewhere)), message: isRedirect},
		{name: "redirect with 307", arm: always(faultproxy.Redirect(http.StatusTemporaryRedirect, elsewhere)), message: isRedirect},
		{name: "redirect with 308", arm: always(faultproxy.Redirect(http.StatusPermanentRedirect, elsewhere)), message: isRedirect},
	}
	for place, says := range map[string]string{
		"refusal": `answered 400`, "page": `answered 400`, "content type": `answered with the media type ".*" instead of`, "redirect": `answered with a redirect`,
	} {
		rows = append(rows, faultCase{name: "request echoed in a " + place, arm: always(faultproxy.Echoing()[place]), message: says})
	}
	return append(rows,
		wrongCertificate("certificate of an unknown authority", "127.0.0.1", time.Hour, true),
		wrongCertificate("certificate for another host", "elsewhere.invalid", time.Hour, false),
		wrongCertificate("certificate that has expired", "127.0.0.1", -time.Minute, false),
	)
}

// wrongCertificate is a server that presents another certificate than before.
func wrongCertificate(name, host string, lifetime time.Duration, unknownAuthority bool) faultCase {
	return faultCase{
		name: name, message: notTrusted, serverWide: true, tls: true,
		arm: func(env *faultEnv, _ func(*http.Request) bool, _ context.CancelFunc) {
			authority := env.authority
			if unknownAuthority {
				authority = faultproxy.NewAuthority(env.t)
			}
			env.proxy.Present(authority.Issue(host, time.Now().Add(lifetime)))
		},
	}
}
