package serve

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"path/filepath"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/embedded"
)

// listen refuses an address that others can reach where nothing is asked of
// them. It is the address itself that is judged, not how it was written.
func listen(ctx context.Context, options options) (net.Listener, error) {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", options.listen)
	if err != nil {
		return nil, fmt.Errorf("--listen: %w", err)
	}
	if !isLoopback(listener.Addr()) && options.credentials.IsZero() {
		fault := fmt.Errorf("--listen: others can reach %s, and whoever does could use the keys of every endpoint. Give --api-key-file or --basic-auth-file, or listen on 127.0.0.1", listener.Addr())
		return nil, errors.Join(fault, listener.Close())
	}
	if options.tlsCert == "" {
		return listener, nil
	}
	certificate, err := tls.LoadX509KeyPair(options.tlsCert, options.tlsKey)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("--tls-cert: %w", err), listener.Close())
	}
	return tls.NewListener(listener, &tls.Config{
		Certificates: []tls.Certificate{certificate},
		MinVersion:   tls.VersionTLS12,
		NextProtos:   []string{"h2", "http/1.1"},
	}), nil
}

func isLoopback(address net.Addr) bool {
	tcp, ok := address.(*net.TCPAddr)
	return ok && tcp.IP.IsLoopback()
}

// greeting says what is served and what protects it.
func (o options) greeting(address net.Addr) string {
	scheme, unencrypted := "https", ""
	if o.tlsCert == "" {
		scheme = "http"
		if !isLoopback(address) {
			unencrypted = " What they send is not encrypted: give --tls-cert and --tls-key."
		}
	}
	file, err := filepath.Abs(o.file)
	if err != nil {
		file = o.file
	}
	callers := "Callers need no key."
	if !o.credentials.IsZero() {
		callers = "Callers have to show a key."
	}
	keys := "The keys in the file are in clear, and " + embedded.Protection + " is all that protects them: INFERENCE_EMBEDDED_PASSPHRASE seals those of a new file."
	if o.passphrase != "" {
		keys = "The keys in the file are sealed with a passphrase."
	}
	greeting := fmt.Sprintf("Serving %s://%s from %s. %s%s %s", scheme, address, file, callers, unencrypted, keys)
	if o.simulate {
		greeting += " Amazon Bedrock is simulated: nothing is sent to AWS, and no answer is a model's."
	}
	return greeting
}
