// SPDX-License-Identifier: MPL-2.0

// Command terraform-provider-inference is a Terraform and OpenTofu provider for
// Amazon Bedrock inference endpoints. With the subcommand serve, it serves the
// endpoints of its embedded target over Elasticsearch's _inference API.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"
	"syscall"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/embedded/serve"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/provider"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/tuning"
)

const address = "registry.terraform.io/terraform-provider-inference/inference"

// version is set by the release build.
var version = "dev"

const usage = `The inference provider for Terraform and OpenTofu, which start it without arguments.

usage: terraform-provider-inference serve [options]  the _inference API of the embedded target; serve --help has the options
       terraform-provider-inference [options]        the plugin

`

func main() {
	if len(os.Args) > 1 && os.Args[1] == "serve" {
		runServe(os.Args[2:])
		return
	}
	options, err := parse(os.Args[1:], os.Stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return
	case err != nil:
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	case options.version:
		fmt.Println(version)
		return
	}
	runPlugin(options.debug)
}

type options struct{ debug, version bool }

// parse parses the arguments of the plugin. A misspelled subcommand is an error,
// because a plugin that Terraform did not start would wait forever.
func parse(args []string, out io.Writer) (options, error) {
	var parsed options
	flags := flag.NewFlagSet("terraform-provider-inference", flag.ContinueOnError)
	flags.SetOutput(io.Discard) // main prints the error
	flags.BoolVar(&parsed.debug, "debug", false, "serve for a debugger such as delve, and print how to attach Terraform")
	flags.BoolVar(&parsed.version, "version", false, "print the version and exit")
	err := flags.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		_, _ = io.WriteString(out, usage)
		flags.SetOutput(out)
		flags.PrintDefaults()
	case err != nil:
		err = fmt.Errorf("%w; run with -help for the options", err)
	case flags.NArg() > 0:
		err = fmt.Errorf("unknown subcommand %q: the only subcommand is serve, and it has to be the first argument. Run with -help for the options", flags.Arg(0))
	}
	return parsed, err
}

func runPlugin(debug bool) {
	var options []tf6server.ServeOpt
	if debug {
		options = append(options, tf6server.WithManagedDebug())
	} else {
		tuning.LimitLogs()
	}
	tuning.CollectRarely()
	if err := tf6server.Serve(address, provider.NewServer(version), options...); err != nil {
		log.Fatal(err)
	}
}

// runServe shuts down in order at the first signal, and at once at the second.
func runServe(args []string) {
	ctx, restore := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, restore)
	if err := serve.Run(ctx, args, os.Stderr); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "serve:", err)
		os.Exit(1)
	}
}
