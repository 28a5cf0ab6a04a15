// SPDX-License-Identifier: MPL-2.0

package release

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"text/template"

	"go.yaml.in/yaml/v3"
)

const (
	root    = "../../.."
	project = "terraform-provider-inference"
	version = "1.2.3"
)

// goreleaser is the part of .goreleaser.yml that decides the layout of a release.
type goreleaser struct {
	Version     int    `yaml:"version"`
	ProjectName string `yaml:"project_name"`
	Builds      []struct {
		Main         string              `yaml:"main"`
		Binary       string              `yaml:"binary"`
		Env          []string            `yaml:"env"`
		ModTimestamp string              `yaml:"mod_timestamp"`
		Flags        []string            `yaml:"flags"`
		Ldflags      []string            `yaml:"ldflags"`
		Goos         []string            `yaml:"goos"`
		Goarch       []string            `yaml:"goarch"`
		Ignore       []map[string]string `yaml:"ignore"`
	} `yaml:"builds"`
	Archives []struct {
		Formats      []string `yaml:"formats"`
		NameTemplate string   `yaml:"name_template"`
	} `yaml:"archives"`
	Sboms []struct {
		Artifacts string `yaml:"artifacts"`
	} `yaml:"sboms"`
	Checksum struct {
		NameTemplate string  `yaml:"name_template"`
		Algorithm    string  `yaml:"algorithm"`
		ExtraFiles   []extra `yaml:"extra_files"`
	} `yaml:"checksum"`
	Signs []struct {
		Artifacts string   `yaml:"artifacts"`
		Args      []string `yaml:"args"`
	} `yaml:"signs"`
	Release struct {
		ExtraFiles []extra `yaml:"extra_files"`
	} `yaml:"release"`
	Changelog struct {
		Disable bool `yaml:"disable"`
	} `yaml:"changelog"`
}

type extra struct {
	Glob         string `yaml:"glob"`
	NameTemplate string `yaml:"name_template"`
}

func load(t *testing.T) goreleaser {
	t.Helper()
	var config goreleaser
	decoder := yaml.NewDecoder(strings.NewReader(read(t, ".goreleaser.yml")))
	decoder.KnownFields(true) // a new setting needs a check
	if err := decoder.Decode(&config); err != nil {
		t.Fatal(err)
	}
	if len(config.Builds) != 1 || len(config.Archives) != 1 || len(config.Signs) != 1 || len(config.Sboms) != 1 {
		t.Fatalf("want one build, one kind of archive, one signature and one SBOM: %+v", config)
	}
	return config
}

// render executes a template as goreleaser does for one platform.
func render(t *testing.T, text, os, arch string) string {
	t.Helper()
	parsed, err := template.New("").Option("missingkey=error").Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if err := parsed.Execute(&out, map[string]any{
		"ProjectName": load(t).ProjectName, "Version": version, "Os": os, "Arch": arch,
		"CommitTimestamp": "1700000000", "Env": map[string]string{"GPG_FINGERPRINT": "FINGERPRINT"},
	}); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// TestNames checks the names of the files, by which the registries find them.
func TestNames(t *testing.T) {
	t.Parallel()
	config := load(t)
	for what, name := range map[string]struct{ template, want string }{
		"binary":                  {config.Builds[0].Binary, project + "_v" + version},
		"archive":                 {config.Archives[0].NameTemplate, project + "_" + version + "_linux_amd64"},
		"checksums":               {config.Checksum.NameTemplate, project + "_" + version + "_SHA256SUMS"},
		"manifest in checksums":   {onlyManifest(t, config.Checksum.ExtraFiles), project + "_" + version + "_manifest.json"},
		"manifest in the release": {onlyManifest(t, config.Release.ExtraFiles), project + "_" + version + "_manifest.json"},
	} {
		if got := render(t, name.template, "linux", "amd64"); got != name.want {
			t.Errorf("%s: got the name %s, want %s", what, got, name.want)
		}
	}
	if !slices.Equal(config.Archives[0].Formats, []string{"zip"}) || config.Checksum.Algorithm != "sha256" {
		t.Errorf("got archives %v and checksums %s, want zip and sha256", config.Archives[0].Formats, config.Checksum.Algorithm)
	}
	if config.Version != 2 || !config.Changelog.Disable || config.Sboms[0].Artifacts != "archive" {
		t.Errorf("got version %d, changelog %v, SBOM of %q", config.Version, config.Changelog, config.Sboms[0].Artifacts)
	}
}

func onlyManifest(t *testing.T, files []extra) string {
	t.Helper()
	if len(files) != 1 || files[0].Glob != "terraform-registry-manifest.json" {
		t.Fatalf("extra files are %v, want the manifest", files)
	}
	return files[0].NameTemplate
}

// TestSignature checks that the checksums get a detached, binary signature, without asking
// for input.
func TestSignature(t *testing.T) {
	t.Parallel()
	sign := load(t).Signs[0]
	args := strings.Join(sign.Args, " ")
	if want := "--batch --local-user FINGERPRINT --output ${signature} --detach-sign ${artifact}"; sign.Artifacts != "checksum" || render(t, args, "", "") != want {
		t.Errorf("got a signature of %s by gpg %s, want %s", sign.Artifacts, args, want)
	}
}

// platforms returns the platforms that are built, as GOOS/GOARCH.
func platforms(config goreleaser) []string {
	build := config.Builds[0]
	var platforms []string
	for _, os := range build.Goos {
		for _, arch := range build.Goarch {
			if !slices.ContainsFunc(build.Ignore, func(i map[string]string) bool { return i["goos"] == os && i["goarch"] == arch }) {
				platforms = append(platforms, os+"/"+arch)
			}
		}
	}
	return platforms
}

// TestPlatforms checks that releases have the platforms that the registries recommend and
// HCP Terraform needs, and none that Go cannot build.
func TestPlatforms(t *testing.T) {
	t.Parallel()
	built := platforms(load(t))
	for _, needed := range []string{"linux/amd64", "linux/arm64", "linux/386", "linux/arm", "darwin/amd64", "darwin/arm64", "freebsd/amd64", "windows/amd64", "windows/arm64"} {
		if !slices.Contains(built, needed) {
			t.Errorf("%s is not built", needed)
		}
	}
	known := strings.Fields(run(t, "go", "tool", "dist", "list"))
	for _, platform := range built {
		if !slices.Contains(known, platform) {
			t.Errorf("Go does not know %s", platform)
		}
	}
}

// TestBinary builds as a release does, and compares the version of the binary with the one
// of the build, and its protocol with the one in the manifest.
func TestBinary(t *testing.T) {
	t.Parallel()
	build := load(t).Builds[0]
	if !slices.Equal(build.Env, []string{"CGO_ENABLED=0"}) || !slices.Equal(build.Flags, []string{"-trimpath"}) || render(t, build.ModTimestamp, "", "") != "1700000000" {
		t.Errorf("builds of the same commit are not identical: %+v", build)
	}
	binary := filepath.Join(t.TempDir(), render(t, build.Binary, "", ""))
	ldflags := render(t, strings.Join(build.Ldflags, " "), "", "")
	command := exec.CommandContext(t.Context(), "go", "build", "-trimpath", "-ldflags", ldflags, "-o", binary, build.Main)
	command.Dir, command.Env = root, append(os.Environ(), build.Env...)
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if got := strings.TrimSpace(run(t, binary, "-version")); got != version {
		t.Errorf("got the version %q: the linker does not set the variable of main", got)
	}

	protocol := handshake(t, binary)
	var manifest struct {
		Version  int `json:"version"`
		Metadata struct {
			ProtocolVersions []string `json:"protocol_versions"`
		} `json:"metadata"`
	}
	if err := json.Unmarshal([]byte(read(t, "terraform-registry-manifest.json")), &manifest); err != nil {
		t.Fatal(err)
	}
	if want := []string{protocol + ".0"}; manifest.Version != 1 || !slices.Equal(manifest.Metadata.ProtocolVersions, want) {
		t.Errorf("the manifest has %+v, and the provider has protocol %s", manifest, protocol)
	}
}

// handshake starts the plugin as Terraform does and returns its protocol. The first line
// that it prints is CORE|PROTOCOL|NETWORK|ADDRESS|KIND.
func handshake(t *testing.T, binary string) string {
	t.Helper()
	plugin := exec.CommandContext(t.Context(), binary)
	plugin.Env = append(os.Environ(), "PLUGIN_PROTOCOL_VERSIONS=5,6", "TF_PLUGIN_MAGIC_COOKIE=d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2")
	out, err := plugin.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := plugin.Start(); err != nil {
		t.Fatal(err)
	}
	defer plugin.Wait()         //nolint:errcheck // it was killed
	defer plugin.Process.Kill() //nolint:errcheck // it may have ended
	line := make([]byte, 1024)
	n, err := out.Read(line)
	parts := strings.Split(string(line[:n]), "|")
	if err != nil || len(parts) < 5 {
		t.Fatalf("no handshake: %q, %v", line[:n], err)
	}
	return parts[1]
}

func run(t *testing.T, name string, args ...string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), name, args...).Output()
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}
