package main

import (
	"fmt"
	"strings"
	"time"
)

// subject is what Terraform is given many of.
type subject struct {
	name string
	// config is a configuration with count of them.
	config func(count int) string
	// cluster is where they live; nil for what lives in the state alone.
	cluster *cluster
}

const (
	floorName = "floor"
	wideName  = "wide floor"
	dataName  = "terraform_data"
)

// groupSize is how many of them one block makes. Terraform copies all instances of a block whenever it looks at one of
// them; in one block of thousands it would do little else.
const groupSize = 100

// inGroups writes blocks that make count resources between them.
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
		return require("inference") + fmt.Sprintf(`
provider "inference" {
  elasticsearch = { endpoints = [%q] }
}
`, on.URL) + inGroups(count, endpointBlock("inference_endpoint"))
	}, on}
}

func endpointsOn(latency time.Duration) string { return fmt.Sprintf("endpoints on %s", latency) }

// wide is a provider with the schema of ours and nothing behind it: see ./wide.
func wide() subject {
	return subject{name: wideName, config: func(count int) string {
		return require("wide") + inGroups(count, endpointBlock("wide_endpoint"))
	}}
}

// floor is the smallest provider: see ./floor.
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

func endpointBlock(resource string) string {
	return `
resource "` + resource + `" %q {
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
}

// data is Terraform itself: a resource that no plugin serves.
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
