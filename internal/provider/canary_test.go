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

// newCanary is a secret that occurs nowhere else. The slash and the plus make
// its escaped forms differ from it, as those of real keys do.
func newCanary() string { return "canary/" + rand.Text() + "+" }

// forms are the spellings in which a secret might lie somewhere.
func forms(secret string) []string {
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

// reveals names the first place below dir, and in the texts, that has a secret.
// except are files that hold it on purpose.
func reveals(t *testing.T, dir string, texts map[string]string, secrets []string, except ...string) {
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
	for place, text := range texts {
		for _, secret := range secrets {
			for _, form := range forms(secret) {
				if strings.Contains(text, form) {
					t.Errorf("%s reveals a secret as %q", place, form)
				}
			}
		}
	}
}

// decodedPrivate is the private data of a state file, which lies in it as base64
// of a JSON object of base64.
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

// TestCanaryEmbedded follows the keys of an endpoint through create, plan,
// rotation, a failing update and destroy, with every log that there is.
func TestCanaryEmbedded(t *testing.T) {
	t.Parallel()
	// AWS's access keys have neither slash nor plus: they stand in headers.
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
	terraform := newCLI(t, config, "TF_LOG=TRACE", "TF_LOG_PATH=trace.log", "TF_VAR_access="+access, "TF_VAR_secret="+secret)
	texts := map[string]string{
		"apply": terraform.succeeds("apply", "-no-color", "-auto-approve"),
		"show":  terraform.succeeds("show", "-json"),
	}
	terraform.env = append(terraform.env, "TF_VAR_secret="+next)
	texts["plan"] = terraform.succeeds("plan", "-no-color", "-out=rotation.tfplan")
	if !strings.Contains(texts["plan"], "must be replaced") || !strings.Contains(texts["plan"], "AWS keys changed") {
		t.Errorf("the plan of a rotation does not say so:\n%s", texts["plan"])
	}
	texts["plan as JSON"] = terraform.succeeds("show", "-json", "rotation.tfplan")
	texts["rotation"] = terraform.succeeds("apply", "-no-color", "-auto-approve")
	texts["second plan"] = terraform.succeeds("plan", "-no-color", "-detailed-exitcode")
	terraform.env = append(terraform.env, "TF_VAR_access=")
	texts["refusal"] = terraform.fails("plan", "-no-color")

	// The file of the target is where the keys belong.
	reveals(t, terraform.dir, texts, []string{access, secret, next}, "endpoints.db")
	if log, err := os.ReadFile(filepath.Join(terraform.dir, "trace.log")); err != nil || len(log) < 10_000 {
		t.Errorf("there is no trace to search: %d bytes, %v", len(log), err)
	}
	data, err := os.ReadFile(filepath.Join(terraform.dir, "target", "endpoints.db"))
	if err != nil || !strings.Contains(string(data), next) {
		t.Errorf("the target itself was not given the key: %v", err)
	}
}
