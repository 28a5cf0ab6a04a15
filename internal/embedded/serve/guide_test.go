// SPDX-License-Identifier: MPL-2.0

package serve_test

import (
	"context"
	"errors"
	"flag"
	"maps"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/embedded/serve"
)

// TestGuide verifies that the guide's table contains the options of the subcommand
// with their defaults, and that its commands use no others.
func TestGuide(t *testing.T) {
	t.Setenv("INFERENCE_EMBEDDED_PATH", "")
	page, err := os.ReadFile("../../../templates/guides/embedded-target.md")
	if err != nil {
		t.Fatal(err)
	}
	var help lines
	if err := serve.Run(context.Background(), []string{"--help"}, &help); !errors.Is(err, flag.ErrHelp) {
		t.Fatal(err)
	}
	has := map[string]string{}
	for _, option := range regexp.MustCompile(`(?m)^  --([a-z-]+).*\n.*?(?:\(default "(.*)"\))?$`).FindAllStringSubmatch(help.String(), -1) {
		has["--"+option[1]] = option[2]
	}
	_, text, _ := strings.Cut(string(page), "<!-- table: serve -->\n")
	table, _, _ := strings.Cut(text, "\n\n")
	shown := map[string]string{}
	for _, row := range regexp.MustCompile("(?m)^\\| `(--[a-z-]+)` \\| (?:`(.*?)` )?\\|").FindAllStringSubmatch(table, -1) {
		shown[row[1]] = row[2]
	}
	if len(has) < 7 || !maps.Equal(shown, has) {
		t.Errorf("the guide has the options %q, there are %q", shown, has)
	}
	for _, used := range regexp.MustCompile(`--[a-z][a-z-]+`).FindAllString(string(page), -1) {
		if _, known := has[used]; !known {
			t.Errorf("the guide uses %s, which is no option", used)
		}
	}
}
