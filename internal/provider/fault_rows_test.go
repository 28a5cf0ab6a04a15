package provider_test

import (
	"context"
	"net/http"
	"time"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/elasticsearch/faultproxy"
)

// faultRow is a fault, which is a row in the table of TestFaultMatrix.
type faultRow struct {
	name string
	// arm causes the fault in the requests that match. It may call interrupt, which is
	// what Terraform does when a user stops it.
	arm func(l *lab, match func(*http.Request) bool, interrupt context.CancelFunc)
	// message is a pattern for the text of the error or warning.
	says string
	// serverWide faults affect all requests.
	whole bool
	// shortDeadline is for faults that end with a deadline.
	hurried bool
	// tls is for faults of a server with TLS.
	secure bool
}

type armer = func(*lab, func(*http.Request) bool, context.CancelFunc)

func times(count int, fault faultproxy.Fault) armer {
	return func(l *lab, match func(*http.Request) bool, _ context.CancelFunc) { l.proxy.Arm(match, fault, count) }
}

func once(fault faultproxy.Fault) armer   { return times(1, fault) }
func always(fault faultproxy.Fault) armer { return times(-1, fault) }

// interrupted stops Terraform while it waits for a response.
func interrupted(fault faultproxy.Fault) armer {
	return func(l *lab, match func(*http.Request) bool, interrupt context.CancelFunc) {
		l.proxy.Arm(match, func(x *faultproxy.Exchange) {
			fault(x)
			interrupt()
			x.Wait()
		}, -1)
	}
}

func nothing(*faultproxy.Exchange) {}

func act(x *faultproxy.Exchange) { x.Act() }

const (
	noAnswer    = `did not answer: .*(closed|reset|refused).*(try again|No server listens)`
	tooBusy     = `answered 429: queue is full.* overloaded .429.. Try again later`
	notTrusted  = `certificate is not trusted. Set elasticsearch.ca_file`
	isElsewhere = `redirect \(30\d\) to .* Credentials are not sent to another address: write the final URL`
	busy        = "queue is full"
)

// faultRows returns all faults. Redirects lead to the URL elsewhere.
func faultRows(elsewhere string) []faultRow {
	rejected := func(headers ...string) faultproxy.Fault {
		return faultproxy.Refusal(http.StatusTooManyRequests, "es_rejected_execution_exception", busy, headers...)
	}
	soon := func(x *faultproxy.Exchange) {
		rejected("Retry-After", time.Now().Add(time.Second).UTC().Format(http.TimeFormat))(x)
	}
	noMaster := faultproxy.Refusal(http.StatusServiceUnavailable, "master_not_discovered_exception", "no master")
	rows := []faultRow{
		{name: "connection refused", arm: func(l *lab, _ func(*http.Request) bool, _ context.CancelFunc) { l.proxy.Refuse() }, says: noAnswer, whole: true},
		{name: "connection reset before the server acted, once", arm: once(faultproxy.Reset), says: noAnswer},
		{name: "connection reset before the server acted, always", arm: always(faultproxy.Reset), says: noAnswer},
		{name: "connection reset after the server acted, once", arm: once(faultproxy.ActedReset), says: noAnswer},
		{name: "connection reset after the server acted, always", arm: always(faultproxy.ActedReset), says: noAnswer},
		{name: "server gone after it acted", arm: always(faultproxy.ActedGone), says: noAnswer},
		{name: "server restarts before it acted", arm: once(faultproxy.Restart), says: noAnswer},
		{name: "server restarts after it acted", arm: once(faultproxy.ActedRestart), says: noAnswer},
		{name: "late answer", arm: always(faultproxy.Late(20 * time.Millisecond)), says: `.`},
		{name: "no answer before the deadline, server has not acted", arm: always(faultproxy.Silence), says: `timeouts|took too long|before a response arrived`, hurried: true},
		{name: "no answer before the deadline, server has acted", arm: always(faultproxy.ActedSilence), says: `timeouts|took too long|before a response arrived`, hurried: true},
		{name: "interrupted, server has not acted", arm: interrupted(nothing), says: `cancelled|before a response arrived`},
		{name: "interrupted, server has acted", arm: interrupted(act), says: `cancelled|before a response arrived`},
		{name: "half a body, once", arm: once(faultproxy.ActedHalf), says: `ended after \d+ bytes`},
		{name: "half a body, always", arm: always(faultproxy.ActedHalf), says: `ended after \d+ bytes`},
		{name: "wrong content type", arm: always(faultproxy.ActedChanged("Content-Type", "text/plain")), says: `answered with the media type "text/plain" instead of`},
		{name: "wrong product", arm: always(faultproxy.ActedChanged("X-Elastic-Product", "")), says: `is not from Elasticsearch: it lacks the header X-Elastic-Product`},
		{name: "page of a load balancer with 200", arm: always(faultproxy.Page(http.StatusOK)), says: `is not from Elasticsearch`},
		{name: "page of a load balancer with 503, once", arm: once(faultproxy.Page(http.StatusServiceUnavailable)), says: `answered 503 .* load balancer`},
		{name: "page of a load balancer with 503, always", arm: always(faultproxy.Page(http.StatusServiceUnavailable)), says: `answered 503 .* load balancer.*elasticsearch.endpoints`},
		{name: "429 without Retry-After, once", arm: once(rejected()), says: tooBusy},
		{name: "429 without Retry-After, always", arm: always(rejected()), says: tooBusy},
		{name: "429 with Retry-After in seconds, once", arm: once(rejected("Retry-After", "1")), says: tooBusy},
		{name: "429 with Retry-After as a date, once", arm: once(soon), says: tooBusy},
		{name: "429 with Retry-After of an hour", arm: always(rejected("Retry-After", "3600")), says: `asks to wait 1h0m0s`},
		{name: "500", arm: always(faultproxy.Refusal(http.StatusInternalServerError, "exception", "broken")), says: `answered 500: broken`},
		{name: "500 of a proxy, server has acted", arm: always(faultproxy.ActedPage(http.StatusInternalServerError)), says: `answered 500 .* load balancer`},
		{name: "502, once", arm: once(faultproxy.Page(http.StatusBadGateway)), says: `502`},
		{name: "502, always", arm: always(faultproxy.Page(http.StatusBadGateway)), says: `answered 502`},
		{name: "502, server has acted", arm: always(faultproxy.ActedPage(http.StatusBadGateway)), says: `answered 502`},
		{name: "503, once", arm: once(noMaster), says: `503`},
		{name: "503, always", arm: always(noMaster), says: `answered 503: no master`},
		{name: "504, once", arm: once(faultproxy.Page(http.StatusGatewayTimeout)), says: `504`},
		{name: "504, server has acted", arm: always(faultproxy.ActedPage(http.StatusGatewayTimeout)), says: `answered 504`},
		{name: "401", arm: always(faultproxy.Refusal(http.StatusUnauthorized, "security_exception", "unable to authenticate")), says: `401: unable to authenticate.*check elasticsearch.username`},
		{name: "403", arm: always(faultproxy.Refusal(http.StatusForbidden, "security_exception", "action is unauthorized")), says: `403: action is unauthorized.* privilege (manage|monitor)_inference`},
		{name: "redirect with 302", arm: always(faultproxy.Redirect(http.StatusFound, elsewhere)), says: isElsewhere},
		{name: "redirect with 307", arm: always(faultproxy.Redirect(http.StatusTemporaryRedirect, elsewhere)), says: isElsewhere},
		{name: "redirect with 308", arm: always(faultproxy.Redirect(http.StatusPermanentRedirect, elsewhere)), says: isElsewhere},
	}
	for place, says := range map[string]string{
		"refusal": `answered 400`, "page": `answered 400`, "content type": `answered with the media type ".*" instead of`, "redirect": `answered with a redirect`,
	} {
		rows = append(rows, faultRow{name: "all that was sent, repeated in a " + place, arm: always(faultproxy.Repeating()[place]), says: says})
	}
	return append(rows,
		wrongCertificate("certificate of an unknown authority", "127.0.0.1", time.Hour, true),
		wrongCertificate("certificate for another host", "elsewhere.invalid", time.Hour, false),
		wrongCertificate("certificate that has expired", "127.0.0.1", -time.Minute, false),
	)
}

// wrongCertificate is a server that presents another certificate than before.
func wrongCertificate(name, host string, lifetime time.Duration, unknownAuthority bool) faultRow {
	return faultRow{
		name: name, says: notTrusted, whole: true, secure: true,
		arm: func(l *lab, _ func(*http.Request) bool, _ context.CancelFunc) {
			authority := l.authority
			if unknownAuthority {
				authority = faultproxy.NewAuthority(l.t)
			}
			l.proxy.Present(authority.Issue(host, time.Now().Add(lifetime)))
		},
	}
}
