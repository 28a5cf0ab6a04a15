// SPDX-License-Identifier: MPL-2.0

package faultproxy

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
)

// Exchange is one request and its response.
type Exchange struct {
	Request *http.Request

	proxy  *Proxy
	body   []byte
	raw    net.Conn
	conn   net.Conn
	reader *bufio.Reader
	ended  bool
}

// Answer is a response of the server, or one in its place.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// Forward sends the request to the server and returns the response.
func (x *Exchange) Forward() Answer {
	request := x.Request.Clone(context.Background())
	request.RequestURI, request.URL.Scheme, request.URL.Host = "", "http", x.proxy.backend
	request.Body = io.NopCloser(bytes.NewReader(x.body))
	response, err := x.proxy.forward.RoundTrip(request)
	if err != nil {
		x.proxy.tb.Errorf("the server behind the proxy does not answer: %v", err)
		return Answer{Status: http.StatusBadGateway}
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		x.proxy.tb.Errorf("the response of the server behind the proxy is incomplete: %v", err)
	}
	return Answer{response.StatusCode, response.Header, body}
}

// Send sends a response to the client.
func (x *Exchange) Send(answer Answer) { x.send(answer, len(answer.Body)) }

// Truncate announces the whole response, sends half of its body and closes the
// connection.
func (x *Exchange) Truncate(answer Answer) {
	x.send(answer, len(answer.Body)/2)
	x.ended = true
}

func (x *Exchange) send(answer Answer, bytesOfBody int) {
	response := http.Response{
		StatusCode: answer.Status, ProtoMajor: 1, ProtoMinor: 1, Header: answer.Header, ContentLength: int64(len(answer.Body)),
		Body: io.NopCloser(bytes.NewReader(answer.Body[:bytesOfBody])), Request: x.Request,
	}
	// A closed connection and a body that is cut on purpose are errors here.
	if err := response.Write(x.conn); err != nil {
		x.ended = true
	}
}

// Reset resets the connection.
func (x *Exchange) Reset() {
	reset(x.raw)
	x.ended = true
}

// Wait sends no response, and returns when the client closes the connection.
func (x *Exchange) Wait() {
	_, _ = x.reader.Peek(1)
	x.ended = true
}

// Received returns everything that the client has sent, on one line. A careless server
// may repeat it in an error.
func (x *Exchange) Received() string {
	user, password, _ := x.Request.BasicAuth()
	return strings.Join(strings.Fields(fmt.Sprint(x.Request.Header, user, " ", password, " ", string(x.body))), " ")
}
