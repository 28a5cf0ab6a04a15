// SPDX-License-Identifier: MPL-2.0

package faultproxy

import (
	"fmt"
	"net/http"
	"net/url"
	"time"
)

// Fault determines what happens to a request.
type Fault func(*Exchange)

// Pass passes the request on without a fault.
func Pass(x *Exchange) { x.Send(x.Act()) }

// Reset resets the connection before the server receives the request.
func Reset(x *Exchange) { x.Reset() }

// ActedReset resets the connection after the server has executed the request.
func ActedReset(x *Exchange) {
	x.Act()
	x.Reset()
}

// ActedGone stops the server after it has executed the request.
func ActedGone(x *Exchange) {
	x.Act()
	x.ended = true
	x.proxy.Refuse()
}

// Restart closes every connection. The first request afterwards is answered by a
// server that is still starting.
func Restart(x *Exchange) {
	x.ended = true
	x.proxy.Refuse()
	x.proxy.Arm(func(*http.Request) bool { return true },
		Refusal(http.StatusServiceUnavailable, "cluster_block_exception", "blocked by: [SERVICE_UNAVAILABLE/1/state not recovered / initialized];"), 1)
	x.proxy.Listen()
}

// ActedRestart restarts the server after it has executed the request.
func ActedRestart(x *Exchange) {
	x.Act()
	Restart(x)
}

// Late delays the response.
func Late(by time.Duration) Fault {
	return func(x *Exchange) {
		answer := x.Act()
		time.Sleep(by)
		x.Send(answer)
	}
}

// ActedSilence executes the request and sends no response.
func ActedSilence(x *Exchange) {
	x.Act()
	x.Wait()
}

// ActedHalf executes the request and sends half of the response.
func ActedHalf(x *Exchange) { x.Half(x.Act()) }

// ActedChanged executes the request and changes a header of the response. An empty
// value removes the header.
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

// Page sends the HTML page of a load balancer.
func Page(status int) Fault {
	return func(x *Exchange) {
		x.Send(Answer{
			status,
			http.Header{"Content-Type": {"text/html"}},
			fmt.Appendf(nil, "<html><head><title>%d %s</title></head><body><h1>Please try again later</h1></body></html>", status, http.StatusText(status)),
		})
	}
}

// ActedPage executes the request and sends such a page instead of the response.
func ActedPage(status int) Fault {
	return func(x *Exchange) {
		x.Act()
		Page(status)(x)
	}
}

// Refusal sends an error of Elasticsearch. headers are pairs of names and values.
func Refusal(status int, kind, reason string, headers ...string) Fault {
	return func(x *Exchange) {
		header := http.Header{"Content-Type": {"application/json"}, "X-Elastic-Product": {"Elasticsearch"}}
		for i := 0; i+1 < len(headers); i += 2 {
			header.Set(headers[i], headers[i+1])
		}
		x.Send(Answer{status, header, fmt.Appendf(nil, `{"error":{"root_cause":[{"type":%[1]q,"reason":%[2]q}],"type":%[1]q,"reason":%[2]q},"status":%[3]d}`, kind, reason, status)})
	}
}

// Redirect redirects the client to another address.
func Redirect(status int, to string) Fault {
	return func(x *Exchange) {
		x.Send(Answer{Status: status, Header: http.Header{"Location": {to + x.Request.URL.RequestURI()}}})
	}
}

// Repeating returns faults that repeat everything that the client has sent: in an
// error of Elasticsearch, on the page of a load balancer, in a media type and in the
// address of a redirect.
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
