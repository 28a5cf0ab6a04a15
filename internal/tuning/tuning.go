// SPDX-License-Identifier: MPL-2.0

// Package tuning sets the process-wide options of the plugin: the log levels of
// the SDK and the pace of the garbage collector.
package tuning

import (
	"cmp"
	"os"
	"runtime/debug"
)

// LimitLogs keeps the SDK from writing log lines that are discarded. By default
// it writes several lines for every attribute of every resource, which Terraform
// receives and drops unless TF_LOG asks for them: half of the CPU of a plan with a
// thousand resources, on both sides.
func LimitLogs() {
	level := cmp.Or(os.Getenv("TF_LOG_PROVIDER"), os.Getenv("TF_LOG"), "OFF")
	for _, logger := range []string{"TF_LOG_SDK", "TF_LOG_PROVIDER_INFERENCE"} {
		if os.Getenv(logger) == "" {
			_ = os.Setenv(logger, level)
		}
	}
}

// CollectRarely makes the garbage collector run less often than by default,
// unless GOGC is set. A plugin runs for one command, and what it keeps is small
// compared with what it allocates.
func CollectRarely() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(300)
	}
}
