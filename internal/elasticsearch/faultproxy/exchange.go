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

// Exchange is one request and what is done about it.
type Exchange struct {
	Request *http.Request

	proxy  *Proxy
	body   []byte
	raw    net.Conn
	conn   net.Conn
	reader *bufio.Reader
	ended  bool
}

// Answer is what the server says, or what stands for it.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// Act has the server act, and returns what it says.
func (x *Exchange) Act() Answer {
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
		x.proxy.tb.Errorf("the server behind the proxy breaks off: %v", err)
	}
	return Answer{response.StatusCode, response.Header, body}
}

// Send sends an answer to the client.
func (x *Exchange) Send(answer Answer) { x.send(answer, len(answer.Body)) }

// Half announces the whole answer, sends half of its body, and closes.
func (x *Exchange) Half(answer Answer) {
	x.send(answer, len(answer.Body)/2)
	x.ended = true
}

func (x *Exchange) send(answer Answer, bytesOfBody int) {
	response := http.Response{
		StatusCode: answer.Status, ProtoMajor: 1, ProtoMinor: 1, Header: answer.Header, ContentLength: int64(len(answer.Body)),
		Body: io.NopCloser(bytes.NewReader(answer.Body[:bytesOfBody])), Request: x.Request,
	}
	// A client that has gone, and a body that is cut on purpose, are errors here.
	if err := response.Write(x.conn); err != nil {
		x.ended = true
	}
}

// Reset breaks the connection.
func (x *Exchange) Reset() {
	reset(x.raw)
	x.ended = true
}

// Wait lets the client wait until it goes.
func (x *Exchange) Wait() {
	_, _ = x.reader.Peek(1)
	x.ended = true
}

// Told is all that the client has sent, in one line: what a careless server may
// repeat in an error.
func (x *Exchange) Told() string {
	user, password, _ := x.Request.BasicAuth()
	return strings.Join(strings.Fields(fmt.Sprint(x.Request.Header, user, " ", password, " ", string(x.body))), " ")
}
