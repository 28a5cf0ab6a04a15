// Command terraform-provider-inference is a Terraform and OpenTofu provider for
// Amazon Bedrock inference endpoints. With the subcommand serve, it serves the
// endpoints of its embedded target over Elasticsearch's _inference API.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"os"
	"os/signal"
	"syscall"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/embedded/serve"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/provider"
)

const address = "registry.terraform.io/terraform-provider-inference/inference"

// version is set by the release build.
var version = "dev"

func main() {
	if len(os.Args) > 1 && os.Args[1] == "serve" {
		runServe(os.Args[2:])
		return
	}
	debug := flag.Bool("debug", false, "serve for a debugger such as delve, and print how to attach Terraform")
	showVersion := flag.Bool("version", false, "print the version and end")
	flag.Parse()
	if *showVersion {
		fmt.Println(version)
		return
	}
	if !*debug {
		quiet()
	}
	collectRarely()
	var options []tf6server.ServeOpt
	if *debug {
		options = append(options, tf6server.WithManagedDebug())
	}
	if err := tf6server.Serve(address, provider.NewServer(version), options...); err != nil {
		log.Fatal(err)
	}
}

// runServe ends in order at the first signal, and at once at the second.
func runServe(args []string) {
	ctx, restore := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, restore)
	if err := serve.Run(ctx, args, os.Stderr); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "serve:", err)
		os.Exit(1)
	}
}
