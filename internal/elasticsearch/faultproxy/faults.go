package faultproxy

import (
	"fmt"
	"net/http"
	"net/url"
	"time"
)

// Fault is what happens to a request.
type Fault func(*Exchange)

// Pass is no fault.
func Pass(x *Exchange) { x.Send(x.Act()) }

// Reset breaks the connection before the server has seen the request.
func Reset(x *Exchange) { x.Reset() }

// ActedReset breaks the connection when the server has acted.
func ActedReset(x *Exchange) {
	x.Act()
	x.Reset()
}

// ActedGone has the server act and be gone from then on.
func ActedGone(x *Exchange) {
	x.Act()
	x.ended = true
	x.proxy.Refuse()
}

// Restart cuts every connection; the first request after it comes too early.
func Restart(x *Exchange) {
	x.ended = true
	x.proxy.Refuse()
	x.proxy.Arm(func(*http.Request) bool { return true },
		Refusal(http.StatusServiceUnavailable, "cluster_block_exception", "blocked by: [SERVICE_UNAVAILABLE/1/state not recovered / initialized];"), 1)
	x.proxy.Listen()
}

// ActedRestart is a restart when the server has acted.
func ActedRestart(x *Exchange) {
	x.Act()
	Restart(x)
}

// Late answers after a while.
func Late(by time.Duration) Fault {
	return func(x *Exchange) {
		answer := x.Act()
		time.Sleep(by)
		x.Send(answer)
	}
}

// Silence never answers.
func Silence(x *Exchange) { x.Wait() }

// ActedSilence has the server act and says nothing of it.
func ActedSilence(x *Exchange) {
	x.Act()
	x.Wait()
}

// ActedHalf has the server act and sends half of its answer.
func ActedHalf(x *Exchange) { x.Half(x.Act()) }

// ActedChanged has the server act and spoils a header of its answer; an empty
// value takes the header away.
func ActedChanged(name, value string) Fault {
	return func(x *Exchange) {
		answer := x.Act()
		answer.Header.Del(name)
		if value != "" {
			answer.Header.Set(name, value)
		}
		x.Send(answer)
	}
}

// Page is what a load balancer shows to a person.
func Page(status int) Fault {
	return func(x *Exchange) {
		x.Send(Answer{
			status,
			http.Header{"Content-Type": {"text/html"}},
			fmt.Appendf(nil, "<html><head><title>%d %s</title></head><body><h1>Please try again later</h1></body></html>", status, http.StatusText(status)),
		})
	}
}

// ActedPage is such a page in place of the answer of a server that has acted.
func ActedPage(status int) Fault {
	return func(x *Exchange) {
		x.Act()
		Page(status)(x)
	}
}

// Refusal is an error in the words of Elasticsearch, with more headers in pairs.
func Refusal(status int, kind, reason string, headers ...string) Fault {
	return func(x *Exchange) {
		header := http.Header{"Content-Type": {"application/json"}, "X-Elastic-Product": {"Elasticsearch"}}
		for i := 0; i+1 < len(headers); i += 2 {
			header.Set(headers[i], headers[i+1])
		}
		x.Send(Answer{status, header, fmt.Appendf(nil, `{"error":{"root_cause":[{"type":%[1]q,"reason":%[2]q}],"type":%[1]q,"reason":%[2]q},"status":%[3]d}`, kind, reason, status)})
	}
}

// Redirect sends the client elsewhere.
func Redirect(status int, to string) Fault {
	return func(x *Exchange) {
		x.Send(Answer{Status: status, Header: http.Header{"Location": {to + x.Request.URL.RequestURI()}}})
	}
}

// Repeating are faults that repeat all that the client has sent: in a refusal of
// Elasticsearch, on the page of a load balancer, in the type of an answer, and
// in the address of a redirect.
func Repeating() map[string]Fault {
	return map[string]Fault{
		"refusal": func(x *Exchange) { Refusal(http.StatusBadRequest, "status_exception", x.Told())(x) },
		"page": func(x *Exchange) {
			x.Send(Answer{http.StatusBadRequest, http.Header{"Content-Type": {"text/html"}}, []byte("<html>" + x.Told() + "</html>")})
		},
		"content type": func(x *Exchange) {
			x.Send(Answer{http.StatusOK, http.Header{"Content-Type": {"text/plain; what=" + x.Told()}, "X-Elastic-Product": {"Elasticsearch"}}, nil})
		},
		"redirect": func(x *Exchange) {
			x.Send(Answer{Status: http.StatusFound, Header: http.Header{"Location": {"http://" + url.PathEscape(x.Told()) + "/"}}})
		},
	}
}
