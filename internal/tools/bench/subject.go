// SPDX-License-Identifier: MPL-2.0

package main

import (
	"fmt"
	"strings"
	"time"
)

// subject is a kind of resource that is measured.
type subject struct {
	name string
	// config returns a configuration with count resources.
	config func(count int) string
	// cluster is nil if the resources exist only in the state.
	cluster *cluster
}

const (
	floorName = "floor"
	echoName  = "echo"
	dataName  = "terraform_data"
)

// groupSize is the number of resources of one block. Terraform copies all instances of a block whenever it evaluates
// one of them, which dominates everything else in a block of thousands.
const groupSize = 100

// inGroups returns blocks with count resources in total.
func inGroups(count int, block string) string {
	var config strings.Builder
	for first := 0; first < count; first += groupSize {
		size := min(groupSize, count-first)
		fmt.Fprintf(&config, block, fmt.Sprintf("from_%d", first), size, fmt.Sprintf("%d-${count.index}", first))
	}
	return config.String()
}

func endpoints(on *cluster) subject {
	return subject{endpointsOn(on.latency), func(count int) string {
		return require("inference") + endpointConfig(on, count)
	}, on}
}

func endpointConfig(on *cluster, count int) string {
	return fmt.Sprintf(`
provider "inference" {
  elasticsearch = { endpoints = [%q] }
}
`, on.URL) + inGroups(count, endpointBlock)
}

func endpointsOn(latency time.Duration) string { return fmt.Sprintf("endpoints on %s", latency) }

// echo is the provider without its logic, see ./echo.
func echo(on *cluster) subject {
	return subject{echoName, func(count int) string {
		return strings.Replace(require("inference"), "terraform-provider-inference/inference", "terraform-provider-inference/echo", 1) + endpointConfig(on, count)
	}, on}
}

// floor is a minimal provider, see ./floor.
func floor() subject {
	return subject{name: floorName, config: func(count int) string {
		return require("floor") + inGroups(count, `
resource "floor_thing" %q {
  count = %d
  name  = "thing-%s"
}
`)
	}}
}

func require(provider string) string {
	return fmt.Sprintf(`
terraform {
  required_providers {
    %s = { source = "terraform-provider-inference/%s" }
  }
}
`, provider, provider)
}

const endpointBlock = `
resource "inference_endpoint" %q {
  count        = %d
  inference_id = "endpoint-%s"
  task_type    = "text_embedding"
  service_settings = {
    access_key = "AKIAEXAMPLE"
    secret_key = "made-up-secret-key"
    region     = "us-east-1"
    provider   = "amazontitan"
    model      = "amazon.titan-embed-text-v2:0"
  }
}
`

// data is terraform_data, a resource of Terraform without a plugin.
func data() subject {
	return subject{name: dataName, config: func(count int) string {
		return inGroups(count, `
resource "terraform_data" %q {
  count = %d
  input = "data-%s"
}
`)
	}}
}
