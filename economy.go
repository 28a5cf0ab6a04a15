package main

import (
	"cmp"
	"os"
	"runtime/debug"
)

// quiet keeps the SDK from writing logs that nobody reads. It writes several
// lines for every attribute of every resource unless it is told not to, and
// Terraform takes them all and drops them unless TF_LOG asks for them: with a
// thousand resources that was half of what a plan costs, on both sides.
func quiet() {
	level := cmp.Or(os.Getenv("TF_LOG_PROVIDER"), os.Getenv("TF_LOG"), "OFF")
	for _, logger := range []string{"TF_LOG_SDK", "TF_LOG_PROVIDER_INFERENCE"} {
		if os.Getenv(logger) == "" {
			_ = os.Setenv(logger, level)
		}
	}
}

// collectRarely collects garbage less often than Go does by itself. A plugin lives for
// one command, and what it keeps is small beside what it drops.
func collectRarely() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(300)
	}
}
