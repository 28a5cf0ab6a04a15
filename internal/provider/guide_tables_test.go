// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/validation"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/backend"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/elasticsearch"
	embeddedtarget "github.com/terraform-provider-inference/terraform-provider-inference/internal/embedded"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/tools/live"
)

// table returns the rows of the table after a comment with its name, without the header.
// Cells have no backquotes.
func table(t *testing.T, page, name string) [][]string {
	t.Helper()
	_, rest, found := strings.Cut(page, "<!-- table: "+name+" -->\n")
	if !found {
		t.Fatalf("the page has no table %q", name)
	}
	var rows [][]string
	for line := range strings.Lines(rest) {
		if !strings.HasPrefix(line, "|") {
			break
		}
		var cells []string
		for cell := range strings.SplitSeq(strings.Trim(strings.TrimSpace(line), "|"), "|") {
			cells = append(cells, strings.TrimSpace(strings.ReplaceAll(cell, "`", "")))
		}
		rows = append(rows, cells)
	}
	return rows[2:]
}

func yes(is bool) string {
	if is {
		return "yes"
	}
	return "no"
}

// TestProvidersTable checks the table of model providers.
func TestProvidersTable(t *testing.T) {
	t.Parallel()
	rows := table(t, guide(t, "choosing-a-model.md"), "providers")
	if len(rows) != len(inference.Providers()) {
		t.Errorf("got %d rows in the guide, want %d", len(rows), len(inference.Providers()))
	}
	for i, provider := range inference.Providers() {
		vendor := rows[i][1]
		if id, _ := inference.ParseModelID(vendor + "model-v1"); id.Provider != provider {
			t.Errorf("ids that begin with %q: got provider %q, want %q", vendor, id.Provider, provider)
		}
		truncates := len(inference.Config{
			ServiceSettings: inference.ServiceConfig{Provider: validation.Given(string(provider))},
			TaskSettings:    inference.TaskConfig{Truncate: validation.Given("END")},
		}.Validate()) == 0
		batch := ""
		if size := provider.EmbeddingBatch(); size > 0 {
			batch = strconv.Itoa(size)
		}
		want := []string{
			string(provider), vendor, yes(provider.Supports(inference.TextEmbedding)), yes(provider.Supports(inference.Completion)),
			yes(provider.TopKName() != ""), yes(truncates), batch,
		}
		if !slices.Equal(rows[i], want) {
			t.Errorf("got %q in the guide, want %q", rows[i], want)
		}
	}
}

// TestARNsTable checks that the guide has a valid ARN of each kind.
func TestARNsTable(t *testing.T) {
	t.Parallel()
	kinds := map[inference.ModelKind]bool{}
	for _, row := range table(t, guide(t, "choosing-a-model.md"), "arns") {
		id, ok := inference.ParseModelID(row[1])
		if !ok {
			t.Errorf("%s: %s is not parsed as an ARN of a model", row[0], row[1])
		}
		kinds[id.Kind] = true
	}
	if len(kinds) != 11 {
		t.Errorf("got %d kinds of ARNs in the guide, want 11", len(kinds))
	}
}

// TestGeographiesTable checks from which regions each prefix of a profile can be used.
func TestGeographiesTable(t *testing.T) {
	t.Parallel()
	regions := []string{
		"us-east-1", "us-west-2", "ca-central-1", "us-gov-west-1", "eu-central-1", "il-central-1", "ap-south-1", "me-south-1",
		"ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-southeast-2", "ap-southeast-4", "ap-southeast-6", "sa-east-1", "mx-central-1", "af-south-1",
	}
	for _, row := range table(t, guide(t, "choosing-a-model.md"), "geographies") {
		for _, region := range regions {
			documented := row[1] == "every commercial region" && !strings.HasPrefix(region, "us-gov-")
			for pattern := range strings.SplitSeq(row[1], ", ") {
				matches, err := path.Match(pattern, region)
				documented = documented || (matches && err == nil && (row[0] == "us-gov." || !strings.HasPrefix(region, "us-gov-")))
			}
			violations := inference.Config{ServiceSettings: inference.ServiceConfig{
				Region: validation.Given(region), Model: validation.Given(row[0] + "anthropic.claude-3-haiku-20240307-v1:0"),
			}}.Validate()
			if valid := len(violations) == 0; valid != documented {
				t.Errorf("%s from %s: got %t in the guide, want %t", row[0], region, documented, valid)
			}
		}
	}
}

// TestVersionsTable checks the chunking strategies and bounds of each version.
func TestVersionsTable(t *testing.T) {
	t.Parallel()
	for _, row := range table(t, guide(t, "chunking.md"), "versions") {
		capabilities := capabilitiesOf(t, row[0])
		chunks := func(strategies ...string) bool {
			return !slices.ContainsFunc(strategies, func(s string) bool { return !slices.Contains(capabilities.Strategies, s) })
		}
		bound := fmt.Sprint(capabilities.MaxChunkSize)
		switch {
		case len(capabilities.Strategies) == 0:
			bound = ""
		case capabilities.MaxChunkSize == 0:
			bound = "no bound"
		}
		want := []string{row[0], yes(chunks(inference.StrategyWord, inference.StrategySentence)), yes(chunks(inference.StrategyNone)), yes(chunks(inference.StrategyRecursive)), bound}
		if !slices.Equal(row, want) {
			t.Errorf("got %q in the guide, want %q", row, want)
		}
	}
}

// capabilitiesOf returns the capabilities of a version of Elasticsearch or of the embedded
// target.
func capabilitiesOf(t *testing.T, version string) backend.Capabilities {
	t.Helper()
	if version == "embedded" {
		return embeddedtarget.Capabilities()
	}
	client, err := elasticsearch.New(elasticsearch.Config{Endpoints: []string{"http://localhost:9200"}, Version: version})
	if err != nil {
		t.Fatal(err)
	}
	capabilities, err := client.Capabilities(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return capabilities
}

// TestStrategiesTable checks that the guide has each strategy with its default settings and
// minimum size.
func TestStrategiesTable(t *testing.T) {
	t.Parallel()
	rows := table(t, guide(t, "chunking.md"), "strategies")
	if len(rows) != len(inference.Strategies()) {
		t.Errorf("got %d strategies in the guide, want %d", len(rows), len(inference.Strategies()))
	}
	for _, row := range rows {
		config := inference.ChunkingConfig{Strategy: validation.Given(row[0])}
		complete, _ := config.Complete()
		var settings []string
		if complete.MaxChunkSize > 0 {
			settings = append(settings, fmt.Sprint("max_chunk_size ", complete.MaxChunkSize))
		}
		if complete.Overlap > 0 {
			settings = append(settings, fmt.Sprint("overlap ", complete.Overlap))
		}
		if complete.SentenceOverlap > 0 {
			settings = append(settings, fmt.Sprint("sentence_overlap ", complete.SentenceOverlap))
		}
		if complete.SeparatorGroup != "" {
			settings = append(settings, "separator_group "+complete.SeparatorGroup)
		}
		if got := strings.Join(settings, ", "); got != row[2] {
			t.Errorf("%s: got %q in the guide, want %q", row[0], row[2], got)
		}
		least, isBound := strings.CutPrefix(row[3], "from ")
		size, _ := strconv.ParseInt(least, 10, 64)
		for _, bound := range []struct {
			size int64
			ok   bool
		}{{size, true}, {size - 1, false}} {
			config.MaxChunkSize = validation.Given(bound.size)
			if ok := len(config.Validate()) == 0; isBound && ok != bound.ok {
				t.Errorf("%s with %d words: valid is %t, want %t", row[0], bound.size, ok, bound.ok)
			}
		}
	}
}

// TestVersionTableGuide checks that the guide has each row of the version table.
func TestVersionTableGuide(t *testing.T) {
	t.Parallel()
	rows := table(t, guide(t, "elasticsearch-versions.md"), "version table")
	var want [][]string
	for _, row := range elasticsearch.VersionTable() {
		want = append(want, []string{strings.Join(row.Since, ", "), strings.ReplaceAll(row.Change, "`", ""), row.Source, string(row.Basis)})
	}
	if !slices.EqualFunc(rows, want, slices.Equal) {
		t.Errorf("got %q in the guide, want %q", rows, want)
	}
}

// TestObservationsGuide checks that the guide names the versions that were tested on a live
// cluster, or says that there is none.
func TestObservationsGuide(t *testing.T) {
	t.Parallel()
	page := guide(t, "elasticsearch-versions.md")
	files, err := filepath.Glob("../live/observations/*.json")
	if err != nil {
		t.Fatal(err)
	}
	if unproven := strings.Contains(page, "has not been proven on a live cluster yet"); unproven != (len(files) == 0) {
		t.Errorf("%d versions were tested on a live cluster; the guide says that none was: %v", len(files), unproven)
	}
	for _, file := range files {
		var report live.Report
		content, err := os.ReadFile(file)
		if err != nil || json.Unmarshal(content, &report) != nil || len(report.Differences()) > 0 {
			t.Errorf("%s is not the report of a run without differences", file)
		}
		if !strings.Contains(page, report.Version) {
			t.Errorf("the guide does not name the version %s", report.Version)
		}
	}
}
