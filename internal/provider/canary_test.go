// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// newCanary returns a unique secret. Because of the slash and the plus its escaped forms
// differ from it, as those of real keys do.
func newCanary() string { return "canary/" + rand.Text() + "+" }

// secretForms returns the encodings in which a secret may occur.
func secretForms(secret string) []string {
	inJSON, _ := json.Marshal(secret)
	return []string{
		secret,
		strings.ReplaceAll(secret, "/", `\/`),
		strings.Trim(string(inJSON), `"`),
		url.QueryEscape(secret),
		url.PathEscape(secret),
		base64.StdEncoding.EncodeToString([]byte(secret)),
		base64.RawURLEncoding.EncodeToString([]byte(secret)),
	}
}

// checkNoSecrets reports secrets in the files below dir and in texts. except are names of
// files that contain them on purpose.
func checkNoSecrets(t *testing.T, dir string, texts map[string]string, secrets []string, except ...string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		for _, allowed := range except {
			if filepath.Base(path) == allowed {
				return nil
			}
		}
		data, err := os.ReadFile(path)
		texts[path] = string(data) + decodedPrivate(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for source, text := range texts {
		for _, secret := range secrets {
			for _, form := range secretForms(secret) {
				if strings.Contains(text, form) {
					t.Errorf("%s contains a secret as %q", source, form)
				}
			}
		}
	}
}

// decodedPrivate returns the decoded private data of a state file, which is base64 of a
// JSON object with base64 values.
func decodedPrivate(state []byte) string {
	var decoded struct {
		Resources []struct {
			Instances []struct {
				Private []byte `json:"private"`
			} `json:"instances"`
		} `json:"resources"`
	}
	if json.Unmarshal(state, &decoded) != nil {
		return ""
	}
	var text strings.Builder
	for _, resource := range decoded.Resources {
		for _, instance := range resource.Instances {
			var values map[string][]byte
			text.Write(instance.Private)
			if json.Unmarshal(instance.Private, &values) == nil {
				for _, value := range values {
					text.Write(value)
				}
			}
		}
	}
	return text.String()
}

// TestCanaryEmbedded checks that the keys of an endpoint are in no output, log, plan or
// state after create, plan, rotation and a failed plan, but only in the target's file.
func TestCanaryEmbedded(t *testing.T) {
	t.Parallel()
	// Access keys of AWS have neither slash nor plus, because they are sent in headers.
	access, secret, next := "AKIA"+rand.Text(), newCanary(), newCanary()
	config := `
variable "secret" {
  type      = string
  ephemeral = true
}
provider "inference" {
  embedded = { path = "target/endpoints.db" }
  bedrock  = { simulate = true }
}
` + strings.NewReplacer("\"AKIATEST\"", "var.access", "\"secret-one\"", "var.secret").Replace(endpointConfig("c", "completion", titanText)) + `
variable "access" {
  type      = string
  ephemeral = true
}
`
	terraform := newInstalledCLI(t, config, "TF_LOG=TRACE", "TF_LOG_PATH=trace.log", "TF_VAR_access="+access, "TF_VAR_secret="+secret)
	texts := map[string]string{
		"apply": terraform.succeeds("apply", "-no-color", "-auto-approve"),
		"show":  terraform.succeeds("show", "-json"),
	}
	terraform.env = append(terraform.env, "TF_VAR_secret="+next)
	texts["plan"] = terraform.succeeds("plan", "-no-color", "-out=rotation.tfplan")
	if !strings.Contains(texts["plan"], "must be replaced") || !strings.Contains(texts["plan"], "AWS keys changed") {
		t.Errorf("the plan does not name the reason of the replacement:\n%s", texts["plan"])
	}
	texts["plan as JSON"] = terraform.succeeds("show", "-json", "rotation.tfplan")
	texts["rotation"] = terraform.succeeds("apply", "-no-color", "-auto-approve")
	texts["second plan"] = terraform.succeeds("plan", "-no-color", "-detailed-exitcode")
	terraform.env = append(terraform.env, "TF_VAR_access=")
	texts["refusal"] = terraform.fails("plan", "-no-color")

	// The file of the embedded target stores the keys.
	checkNoSecrets(t, terraform.dir, texts, []string{access, secret, next}, "endpoints.db")
	if log, err := os.ReadFile(filepath.Join(terraform.dir, "trace.log")); err != nil || len(log) < 10_000 {
		t.Errorf("got a trace log of %d bytes, want at least 10000; error %v", len(log), err)
	}
	data, err := os.ReadFile(filepath.Join(terraform.dir, "target", "endpoints.db"))
	if err != nil || !strings.Contains(string(data), next) {
		t.Errorf("the file of the target does not have the new key, error %v", err)
	}
}
