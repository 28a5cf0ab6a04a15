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
func Pass(x *Exchange) { x.Send(x.Forward()) }

// Reset resets the connection before the server receives the request.
func Reset(x *Exchange) { x.Reset() }

// ForwardThenReset resets the connection after the server has executed the request.
func ForwardThenReset(x *Exchange) {
	x.Forward()
	x.Reset()
}

// ForwardThenStop stops the server after it has executed the request.
func ForwardThenStop(x *Exchange) {
	x.Forward()
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

// ForwardThenRestart restarts the server after it has executed the request.
func ForwardThenRestart(x *Exchange) {
	x.Forward()
	Restart(x)
}

// Delay delays the response.
func Delay(by time.Duration) Fault {
	return func(x *Exchange) {
		answer := x.Forward()
		time.Sleep(by)
		x.Send(answer)
	}
}

// ForwardThenWait executes the request and sends no response.
func ForwardThenWait(x *Exchange) {
	x.Forward()
	x.Wait()
}

// ForwardThenTruncate executes the request and sends half of the response.
func ForwardThenTruncate(x *Exchange) { x.Truncate(x.Forward()) }

// ForwardThenSetHeader executes the request and changes a header of the response. An empty
// value removes the header.
func ForwardThenSetHeader(name, value string) Fault {
	return func(x *Exchange) {
		answer := x.Forward()
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

// ForwardThenPage executes the request and sends such a page instead of the response.
func ForwardThenPage(status int) Fault {
	return func(x *Exchange) {
		x.Forward()
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

// Echoing returns faults that repeat everything that the client has sent: in an
// error of Elasticsearch, on the page of a load balancer, in a media type and in the
// address of a redirect.
func Echoing() map[string]Fault {
	return map[string]Fault{
		"refusal": func(x *Exchange) { Refusal(http.StatusBadRequest, "status_exception", x.Received())(x) },
		"page": func(x *Exchange) {
			x.Send(Answer{http.StatusBadRequest, http.Header{"Content-Type": {"text/html"}}, []byte("<html>" + x.Received() + "</html>")})
		},
		"content type": func(x *Exchange) {
			x.Send(Answer{http.StatusOK, http.Header{"Content-Type": {"text/plain; what=" + x.Received()}, "X-Elastic-Product": {"Elasticsearch"}}, nil})
		},
		"redirect": func(x *Exchange) {
			x.Send(Answer{Status: http.StatusFound, Header: http.Header{"Location": {"http://" + url.PathEscape(x.Received()) + "/"}}})
		},
	}
}
