// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/elasticsearch"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/elasticsearch/elasticsearchtest"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

const templatesDir = "../../templates"

// guide returns the text of a guide.
func guide(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(templatesDir, "guides", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// fence is a fenced block of a page with the comment before it.
type fence struct{ note, language, text string }

var fenced = regexp.MustCompile("(?m)(?:^<!-- (.+) -->\n)?^```(\\w*)\n((?s:.*?))^```$")

// blocksOf returns the fenced blocks of a page.
func blocksOf(page string) []fence {
	var blocks []fence
	for _, match := range fenced.FindAllStringSubmatch(page, -1) {
		blocks = append(blocks, fence{match[1], match[2], match[3]})
	}
	return blocks
}

// TestGuideConfigurations checks that each Terraform block of each page is valid, with
// declarations of the variables that it uses, and formatted.
func TestGuideConfigurations(t *testing.T) {
	t.Parallel()
	terraform := newCLI(t, "")
	terraform.attached = append(terraform.attached, "elastic/elasticstack") // which a page names
	if err := os.Mkdir(filepath.Join(terraform.dir, "blocks"), 0o700); err != nil {
		t.Fatal(err)
	}
	err := filepath.WalkDir(templatesDir, func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		for i, block := range blocksOf(string(text)) {
			if block.language != "terraform" {
				continue
			}
			terraform.write("main.tf", complete(block.text))
			if out, ok := terraform.run("validate", "-no-color"); !ok {
				t.Errorf("block %d of %s is invalid:\n%s", i+1, file, out)
			}
			terraform.write(filepath.Join("blocks", fmt.Sprintf("%s-%d.tf", strings.ReplaceAll(filepath.Base(file), ".", "-"), i+1)), block.text)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if out, ok := terraform.run("fmt", "-check", "-diff", "blocks"); !ok {
		t.Errorf("blocks are not formatted:\n%s", out)
	}
}

var variable = regexp.MustCompile(`\bvar\.(\w+)`)

// complete adds a required_providers block and declarations of variables.
func complete(config string) string {
	if !strings.Contains(config, "required_providers") {
		config += "terraform {\n  required_providers {\n    inference = { source = \"terraform-provider-inference/inference\" }\n  }\n}\n"
	}
	for _, used := range variable.FindAllStringSubmatch(config, -1) {
		if declaration := "variable " + strconv.Quote(used[1]); !strings.Contains(config, declaration) {
			config += declaration + " {\n  ephemeral = true\n}\n"
		}
	}
	return config
}

// TestGettingStarted checks the steps of the guide: it writes the files, runs the commands
// in one shell environment, and compares the output with the guide.
func TestGettingStarted(t *testing.T) {
	t.Parallel()
	const apiKey = "dGVycmFmb3JtOmtleQ=="
	server := elasticsearchtest.New(t, elasticsearchtest.APIKey(apiKey))
	page := strings.NewReplacer("https://es.example.com:9200", server.URL, "VnVhQ2ZHY0JDZGJrU...", apiKey).Replace(guide(t, "getting-started.md"))

	printed := newReader(t).follow(page)
	if want := "documents is on elasticsearch:"; !strings.Contains(printed, want) {
		t.Errorf("got the last output\n%s\nwant %s", printed, want)
	}
	if ids := server.IDs(); !slices.Equal(ids, []string{"documents"}) {
		t.Errorf("got endpoints %q, want documents", ids)
	}
}

// TestGuideSteps checks the steps of guides that need nothing but the provider, and their
// last output.
func TestGuideSteps(t *testing.T) {
	t.Parallel()
	for page, want := range map[string]string{
		"changing-the-model.md": "No changes.",
		"chunking.md":           "chunks = [",
		"rotating-keys.md":      "1 destroyed",
	} {
		t.Run(page, func(t *testing.T) {
			t.Parallel()
			if printed := newInstalledReader(t).follow(guide(t, page)); !strings.Contains(printed, want) {
				t.Errorf("got the last output, want %q:\n%s", want, printed)
			}
		})
	}
}

// TestServeGuide checks the commands of the guide about serve.
func TestServeGuide(t *testing.T) {
	t.Parallel()
	mirror, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	built, err := filepath.Glob(providerIn(mirror, "*"))
	if err != nil || len(built) == 0 {
		t.Fatalf("the provider is not in %s: %v", mirror, err)
	}
	reader := newReader(t)
	if err := os.Symlink(built[0], filepath.Join(reader.dir, "terraform-provider-inference")); err != nil {
		t.Fatal(err)
	}
	reader.env = append(reader.env, "PATH="+reader.dir+string(os.PathListSeparator)+os.Getenv("PATH"))
	if printed := reader.follow(guide(t, "embedded-target.md")); !strings.Contains(printed, "simulated answer") {
		t.Errorf("got the last output, want a simulated answer:\n%s", printed)
	}
	if log := reader.stop(); strings.Count(log, " status=200 ") != 2 {
		t.Errorf("got the log of serve, want 2 requests with status 200:\n%s", log)
	}
}

// words returns a text without line breaks and frames, which depend on the terminal.
func words(text string) string {
	return strings.Join(strings.Fields(strings.NewReplacer("│", " ", "╷", " ", "╵", " ").Replace(text)), " ")
}

// newReader returns a reader of a guide with a new home directory, an empty working
// directory and one shell environment.
func newReader(t *testing.T) *reader {
	t.Helper()
	home := t.TempDir()
	r := &reader{cli: &cli{t: t, dir: t.TempDir()}, session: filepath.Join(home, "session")}
	for _, name := range []string{"GOPATH", "GOMODCACHE", "GOCACHE"} {
		value, err := exec.CommandContext(t.Context(), "go", "env", name).Output()
		if err != nil {
			t.Fatal(err)
		}
		r.env = append(r.env, name+"="+strings.TrimSpace(string(value)))
	}
	r.env = append(r.env, "HOME="+home, "TF_CLI_CONFIG_FILE="+os.DevNull, "CHECKPOINT_DISABLE=1", "TF_CLI_ARGS=-no-color",
		"PATH="+r.named("terraform")+string(os.PathListSeparator)+os.Getenv("PATH"))
	if err := os.WriteFile(r.session, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	return r
}

// newInstalledReader returns a reader in a directory where the provider is installed.
func newInstalledReader(t *testing.T) *reader {
	t.Helper()
	ready, reader := newInstalledCLI(t, ""), newReader(t)
	reader.dir = ready.dir
	reader.env = append(reader.env, "TF_CLI_CONFIG_FILE="+filepath.Join(ready.dir, "cli.tfrc"))
	return reader
}

// reader runs the steps of a guide in a directory.
type reader struct {
	*cli
	session string // file with the exported variables of the shell

	// served is the address of the server that the page starts; stop stops it and
	// returns its log.
	served string
	stop   func() string
}

// follow runs the marked steps of a page, compares the outputs, and returns the last
// output.
func (r *reader) follow(page string) (printed string) {
	r.t.Helper()
	for _, block := range blocksOf(page) {
		if r.served != "" {
			block.text = strings.ReplaceAll(block.text, "http://127.0.0.1:9200", r.served)
		}
		switch file, isFile := strings.CutPrefix(block.note, "file: "); {
		case isFile:
			r.write(file, block.text)
		case block.note == "run in the repository":
			printed = r.paste(block.text, "../..")
		case block.note == "run":
			printed = r.paste(block.text, r.dir)
		case block.note == "run, fails":
			printed = r.paste("! "+block.text, r.dir)
		case block.note == "run beside":
			r.serve(block.text)
		case block.note == "output":
			for part := range strings.SplitSeq(block.text, "\n...\n") {
				if !strings.Contains(words(printed), words(part)) {
					r.t.Errorf("got the output\n%s\nwant as in the guide\n%s", printed, part)
				}
			}
		}
	}
	return printed
}

// serve starts a server on a free port, and waits until it listens.
func (r *reader) serve(text string) {
	r.t.Helper()
	command := exec.CommandContext(context.Background(), "bash", "-c", "exec "+strings.TrimSpace(text)+" --listen 127.0.0.1:0")
	lines, end := r.startBeside(command, (*exec.Cmd).StderrPipe)
	r.stop = sync.OnceValue(func() string {
		log, err := end()
		if err != nil {
			r.t.Errorf("%s fails: %v:\n%s", text, err, log)
		}
		return log
	})
	r.t.Cleanup(func() { r.stop() })
	greeting, err := lines.ReadString('\n')
	if err != nil {
		r.t.Fatalf("%s: %q, %v", text, greeting, err)
	}
	r.served, _, _ = strings.Cut(strings.TrimPrefix(greeting, "Serving "), " from ")
}

// paste runs commands, answers yes to questions, and returns the output.
func (r *reader) paste(commands, dir string) string {
	r.t.Helper()
	script := "set -eu\n. " + r.session + "\n" + commands + "\nexport -p >" + r.session + "\n"
	command := exec.CommandContext(r.t.Context(), "bash", "-c", script)
	command.Dir, command.Env = dir, r.env
	command.Stdin = strings.NewReader("yes\n")
	out, err := command.CombinedOutput()
	if err != nil {
		r.t.Fatalf("%s\n%v:\n%s", commands, err, out)
	}
	return string(out)
}

// TestMovingGuide checks that the moved block and the import block of the guide take over
// an endpoint of elasticstack without a change.
func TestMovingGuide(t *testing.T) {
	t.Parallel()
	server, _ := cluster(t, elasticsearchtest.Newest)
	client, err := elasticsearch.New(elasticsearch.Config{Endpoints: []string{server.URL}, RequestTimeout: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.Create(t.Context(), inference.Endpoint{
		InferenceID: "documents", TaskType: inference.TextEmbedding, Service: inference.Service,
		ServiceSettings: inference.ServiceSettings{Region: "us-east-1", Provider: inference.AmazonTitan, Model: "amazon.titan-embed-text-v2:0"},
		Chunking:        &inference.ChunkingSettings{Strategy: inference.StrategyWord, MaxChunkSize: 200, Overlap: 50},
	}, inference.Keys{AccessKey: "AKIATEST", SecretKey: "secret-one"}); err != nil {
		t.Fatal(err)
	}
	var configs []string
	for _, block := range blocksOf(guide(t, "moving-from-elasticstack.md")) {
		if block.language == "terraform" {
			configs = append(configs, complete(block.text))
		}
	}
	address := "ELASTICSEARCH_ENDPOINTS=" + server.URL
	terraform := newInstalledCLI(t, "", address, "TF_VAR_aws_access_key=AKIATEST", "TF_VAR_aws_secret_key=secret-one")
	terraform.mirror("elastic", "elasticstack")
	terraform.write("main.tf", configs[0])
	terraform.write("terraform.tfstate", documentsOfElasticstack(t))
	terraform.succeeds("init", "-no-color", "-upgrade")
	if plan := terraform.succeeds("plan", "-no-color"); !strings.Contains(plan, "has moved to") || !strings.Contains(plan, "0 to add, 0 to change, 0 to destroy") {
		t.Errorf("got the plan, want a move without changes:\n%s", plan)
	}

	terraform = newInstalledCLI(t, "", address)
	terraform.write("main.tf", configs[1])
	if out := terraform.succeeds("apply", "-no-color", "-auto-approve"); !strings.Contains(out, "1 imported, 0 added, 0 changed, 0 destroyed") {
		t.Errorf("got the output, want an import without changes:\n%s", out)
	}
}

// documentsOfElasticstack returns a state of the first configuration in the guide.
func documentsOfElasticstack(t *testing.T) string {
	t.Helper()
	state, err := json.Marshal(map[string]any{
		"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "6c1a2c1e-0000-4000-8000-000000000000", "outputs": map[string]any{},
		"resources": []any{map[string]any{
			"mode": "managed", "type": "elasticstack_elasticsearch_inference_endpoint", "name": "documents",
			"provider": `provider["registry.terraform.io/elastic/elasticstack"]`,
			"instances": []any{map[string]any{"schema_version": 0, "attributes": map[string]any{
				"id": "cluster-uuid/documents", "inference_id": "documents", "task_type": "text_embedding", "service": "amazonbedrock",
				"service_settings":  `{"access_key":"AKIATEST","secret_key":"secret-one","region":"us-east-1","provider":"amazontitan","model":"amazon.titan-embed-text-v2:0"}`,
				"chunking_settings": `{"strategy":"word","max_chunk_size":200,"overlap":50}`, "task_settings": nil,
			}, "sensitive_attributes": []any{}}},
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return string(state)
}
