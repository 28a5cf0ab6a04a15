// SPDX-License-Identifier: MPL-2.0

// Package serve implements the subcommand that serves the _inference API of the
// embedded target: its options, the access to it, and its shutdown.
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
	"runtime/debug"
	"time"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/bedrock"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/bedrock/bedrocksim"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/embedded"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/embedded/api"
)

// memoryLimit is the size in bytes from which on the garbage collector runs more
// often, so that garbage does not double the memory that request bodies may take, which
// api.Config.MaxBodies bounds.
const memoryLimit = 256 << 20

// Run serves until ctx is done, and then finishes the requests in progress. It
// writes one line to out that says what is served and how it is protected, and a
// log line for each request. args are the arguments of the subcommand.
func Run(ctx context.Context, args []string, out io.Writer) error {
	options, err := parse(args, out)
	if err != nil {
		return err
	}
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(memoryLimit)
	}
	config := bedrock.Config{Region: os.Getenv("AWS_REGION"), Endpoint: os.Getenv(bedrock.EndpointVariable(os.Getenv))}
	if faults := config.Validate(); len(faults) > 0 {
		return fmt.Errorf("AWS_ENDPOINT_URL_BEDROCK_RUNTIME: %s", faults[0].Detail)
	}
	if options.simulate {
		simulator := bedrocksim.New()
		defer simulator.Close()
		config.Simulator = simulator
	}
	target := embedded.New(options.file, bedrock.New(config), embedded.Encrypted(options.passphrase), embedded.WithSettingName("--db"), embedded.Pinned())
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
	handler := withHealth(logger, target, api.New(target, api.Config{Credentials: options.credentials, Logger: logger}))
	if options.credentials.IsZero() {
		handler = localOnly(logger, options.listen, handler)
	}
	return &http.Server{
		Handler: logged(logger, handler),
		// The time for the header of a request. The API bounds the rest, because
		// runs and streams take long.
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       30 * time.Second,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          slog.NewLogLogger(logger.Handler(), slog.LevelWarn),
	}
}

func serve(ctx context.Context, server *http.Server, listener net.Listener) error {
	finished := make(chan error, 1)
	stop := context.AfterFunc(ctx, func() {
		// Requests in progress end, because every run has a deadline.
		finished <- server.Shutdown(context.WithoutCancel(ctx))
	})
	err := server.Serve(listener)
	if stop() {
		return err // Serve failed
	}
	return <-finished
}
