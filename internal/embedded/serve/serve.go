// Package serve is the subcommand that runs the _inference API of the embedded
// target: its options, who may call, and a server that ends in order.
package serve

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/bedrock"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/bedrock/bedrocksim"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/embedded"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/embedded/api"
)

// Run serves until ctx is done, and then finishes what is under way. out gets
// one line that says what is served and how it is protected, and a log line for
// each request. args are those behind the name of the subcommand.
func Run(ctx context.Context, args []string, out io.Writer) error {
	options, err := parse(args, out)
	if err != nil {
		return err
	}
	config := bedrock.Config{Region: os.Getenv("AWS_REGION"), Endpoint: os.Getenv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME")}
	if faults := config.Validate(); len(faults) > 0 {
		return fmt.Errorf("AWS_ENDPOINT_URL_BEDROCK_RUNTIME: %s", faults[0].Detail)
	}
	if options.simulate {
		config.Simulator = bedrocksim.New()
		defer config.Simulator.Close()
	}
	target := embedded.New(options.file, bedrock.New(config), embedded.Sealed(options.passphrase), embedded.SetBy("--db"))
	listener, err := listen(ctx, options)
	if err != nil {
		return err
	}
	if err := target.Touch(ctx); err != nil {
		return errors.Join(err, listener.Close())
	}
	if _, err := io.WriteString(out, options.greeting(listener.Addr())+"\n"); err != nil {
		return errors.Join(err, listener.Close())
	}
	logger := slog.New(slog.NewTextHandler(out, nil))
	return serve(ctx, newServer(target, options, logger), listener)
}

func newServer(target *embedded.Target, options options, logger *slog.Logger) *http.Server {
	handler := withHealth(target, api.New(target, api.Config{Credentials: options.credentials}))
	if options.credentials.IsZero() {
		handler = localOnly(logger, options.listen, handler)
	}
	return &http.Server{
		Handler: logged(logger, handler),
		// A caller has this long for the head of a request; the API bounds the
		// rest, for runs and streams take their time.
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          slog.NewLogLogger(logger.Handler(), slog.LevelWarn),
	}
}

func serve(ctx context.Context, server *http.Server, listener net.Listener) error {
	finished := make(chan error, 1)
	stop := context.AfterFunc(ctx, func() {
		// Nothing under way is without end: every run has a deadline.
		finished <- server.Shutdown(context.WithoutCancel(ctx))
	})
	err := server.Serve(listener)
	if stop() {
		return err // it ended by itself
	}
	return <-finished
}
