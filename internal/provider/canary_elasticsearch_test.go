// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"bytes"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/elasticsearch/elasticsearchtest"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/elasticsearch/faultproxy"
)

// authMethod is an authentication method of Elasticsearch and the secret that it needs.
type authMethod struct {
	name, settings string
	server         func(secret string) elasticsearchtest.Option
	environment    func(secret string) string // for secrets from the environment
}

var authMethods = []authMethod{
	{
		name: "password", settings: `username = "elastic", password = var.login`,
		server: func(secret string) elasticsearchtest.Option { return elasticsearchtest.BasicAuth("elastic", secret) },
	},
	{name: "API key", settings: `api_key = "id:${var.login}"`, server: encodedAPIKey},
	{name: "bearer token", settings: `bearer_token = var.login`, server: elasticsearchtest.BearerToken},
	{
		name: "API key from the environment", server: encodedAPIKey,
		environment: func(secret string) string { return "ELASTICSEARCH_API_KEY=id:" + secret },
	},
}

// encodedAPIKey makes the server accept the key with this secret.
func encodedAPIKey(secret string) elasticsearchtest.Option {
	return elasticsearchtest.APIKey(base64.StdEncoding.EncodeToString([]byte("id:" + secret)))
}

// allBlocksConfig is a configuration with every type of block that manages, reads or runs
// an endpoint.
const allBlocksConfig = `
resource "inference_endpoint" "this" {
  inference_id = "e"
  task_type    = "text_embedding"
  service_settings = {
    access_key = var.access
    secret_key = var.secret
    region     = "us-east-1"
    provider   = "amazontitan"
    model      = "amazon.titan-embed-text-v2:0"
  }
}
data "inference_endpoint" "this" {
  inference_id = inference_endpoint.this.id
}
data "inference_endpoints" "all" {
  depends_on = [inference_endpoint.this]
}
data "inference_text_embedding" "this" {
  inference_id = inference_endpoint.this.id
  input        = ["x"]
}
`

// canaries maps the variables of a configuration to their secret values.
type canaries map[string]string

func newCanaries(t *testing.T) canaries {
	t.Helper()
	authority := faultproxy.NewAuthority(t)
	client := authority.Issue("client", time.Now().Add(time.Hour))
	key, err := x509.MarshalPKCS8PrivateKey(client.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	return canaries{
		"login": newCanary(), "header": newCanary(), "access": "AKIA" + rand.Text(), "secret": newCanary(), "next": newCanary(),
		"aws_access": "AKIA" + rand.Text(), "aws_secret": newCanary(), "aws_session": newCanary(),
		"client_key":  string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key})),
		"certificate": string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: client.Certificate[0]})),
	}
}

// secrets returns the texts that must not be revealed: of a PEM text, the lines with
// random content.
func (c canaries) secrets() []string {
	var secrets []string
	for name, value := range c {
		switch name {
		case "certificate": // is public
		case "client_key":
			secrets = append(secrets, strings.Split(value, "\n")[1:3]...)
		default:
			secrets = append(secrets, value)
		}
	}
	return secrets
}

// declared returns declarations of the variables, which are ephemeral, and the
// environment variables with their values.
func (c canaries) declared() (config string, env []string) {
	var text strings.Builder
	for name, value := range c {
		fmt.Fprintf(&text, "variable %q {\n  type      = string\n  ephemeral = true\n}\n", name)
		env = append(env, "TF_VAR_"+name+"="+value)
	}
	return text.String(), env
}

// TestCanaryElasticsearch checks that no secret of a configuration is revealed in
// output, logs, plans or state, with every type of block, after a rotation, and with
// servers that repeat requests in their error messages.
func TestCanaryElasticsearch(t *testing.T) {
	t.Parallel()
	for _, method := range authMethods {
		t.Run(method.name, func(t *testing.T) {
			t.Parallel()
			secret := newCanaries(t)
			server := elasticsearchtest.New(t, method.server(secret["login"]))
			authority := faultproxy.NewAuthority(t)
			proxy := faultproxy.NewTLS(t, server.URL, authority.Issue("127.0.0.1", time.Now().Add(time.Hour)))
			variables, env := secret.declared()
			if method.environment != nil {
				env = append(env, method.environment(secret["login"]))
			}
			config := variables + allBlocksConfig + fmt.Sprintf(`
provider "inference" {
  elasticsearch = { %s
    endpoints      = [%q]
    headers        = { X-Tenant = var.header }
    ca_file        = "ca.pem"
    cert_data      = var.certificate
    key_data       = var.client_key
    retry_wait_min = "1ms"
    retry_wait_max = "5ms"
  }
  bedrock = { access_key = var.aws_access, secret_key = var.aws_secret, session_token = var.aws_session }
}
`, method.settings, proxy.URL)
			terraform := newInstalledCLI(t, config, append(env, "TF_LOG=TRACE", "TF_LOG_PATH=trace.log")...)
			terraform.write("ca.pem", authority.PEM())
			texts := terraform.runAllCommands(proxy, method.name == "password")
			if access, key := server.Keys("e"); access != secret["access"] || key != secret["next"] {
				t.Error("the server did not receive the keys, so the search for secrets proves nothing")
			}
			terraform.checkTrace()
			checkNoSecrets(t, terraform.dir, texts, secret.secrets())
		})
	}
}

// runAllCommands creates the endpoint and rotates its keys, also with servers that repeat
// requests. It returns all output and plans.
func (c *cli) runAllCommands(proxy *faultproxy.Proxy, everyFault bool) map[string]string {
	c.t.Helper()
	texts := map[string]string{"apply": c.succeeds("apply", "-no-color", "-auto-approve")}
	c.rewrite("var.secret", "var.next")
	texts["plan"] = c.succeeds("plan", "-no-color", "-out=rotation.tfplan")
	texts["plan file"] = c.planFile("rotation.tfplan")
	texts["plan as JSON"] = c.succeeds("show", "-json", "rotation.tfplan")
	for place, fault := range faultproxy.Echoing() {
		if everyFault || place == "refusal" {
			proxy.Arm(func(r *http.Request) bool { return r.Method == http.MethodPut }, fault, -1)
			texts["apply, repeated in a "+place] = c.fails("apply", "-no-color", "-auto-approve")
			proxy.Arm(func(*http.Request) bool { return true }, fault, -1)
			texts["plan, repeated in a "+place] = c.fails("plan", "-no-color")
		}
	}
	proxy.Lift()
	texts["rotation"] = c.succeeds("apply", "-no-color", "-auto-approve")
	texts["state as JSON"] = c.succeeds("show", "-json")
	return texts
}

// checkTrace checks that the trace log has requests, so that a search of it proves something.
func (c *cli) checkTrace() {
	c.t.Helper()
	log, err := os.ReadFile(filepath.Join(c.dir, "trace.log"))
	if err != nil || !bytes.Contains(log, []byte("Request answered")) {
		c.t.Errorf("got a trace log of %d bytes without requests, error %v", len(log), err)
	}
}
