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
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/live"
)

// table is the rows below a comment that names them, without heading; cells are
// without backquotes.
func table(t *testing.T, page, name string) [][]string {
	t.Helper()
	_, rest, found := strings.Cut(page, "<!-- table: "+name+" -->\n")
	if !found {
		t.Fatalf("there is no table %q", name)
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

// TestProvidersTable holds the guide against the domain.
func TestProvidersTable(t *testing.T) {
	t.Parallel()
	rows := table(t, guide(t, "choosing-a-model.md"), "providers")
	if len(rows) != len(inference.Providers()) {
		t.Errorf("%d providers, there are %d", len(rows), len(inference.Providers()))
	}
	for i, provider := range inference.Providers() {
		vendor := rows[i][1]
		if id, _ := inference.ParseModelID(vendor + "model-v1"); id.Provider != provider {
			t.Errorf("%s: ids of %q are of %q", provider, vendor, id.Provider)
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
			string(provider), vendor, yes(provider.Does(inference.TextEmbedding)), yes(provider.Does(inference.Completion)),
			yes(provider.TopKName() != ""), yes(truncates), batch,
		}
		if !slices.Equal(rows[i], want) {
			t.Errorf("the guide says %q, it is %q", rows[i], want)
		}
	}
}

func TestARNsTable(t *testing.T) {
	t.Parallel()
	kinds := map[inference.ModelKind]bool{}
	for _, row := range table(t, guide(t, "choosing-a-model.md"), "arns") {
		id, ok := inference.ParseModelID(row[1])
		if !ok {
			t.Errorf("%s is not taken for a model: %s", row[0], row[1])
		}
		kinds[id.Kind] = true
	}
	if len(kinds) != 11 {
		t.Errorf("the guide has %d kinds of ARNs", len(kinds))
	}
}

// TestGeographiesTable asks the rule about every prefix from every region.
func TestGeographiesTable(t *testing.T) {
	t.Parallel()
	regions := []string{
		"us-east-1", "us-west-2", "ca-central-1", "us-gov-west-1", "eu-central-1", "il-central-1", "ap-south-1", "me-south-1",
		"ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-southeast-2", "ap-southeast-4", "ap-southeast-6", "sa-east-1", "mx-central-1", "af-south-1",
	}
	for _, row := range table(t, guide(t, "choosing-a-model.md"), "geographies") {
		for _, region := range regions {
			says := row[1] == "every commercial region" && !strings.HasPrefix(region, "us-gov-")
			for pattern := range strings.SplitSeq(row[1], ", ") {
				matches, err := path.Match(pattern, region)
				says = says || (matches && err == nil && (row[0] == "us-gov." || !strings.HasPrefix(region, "us-gov-")))
			}
			faults := inference.Config{ServiceSettings: inference.ServiceConfig{
				Region: validation.Given(region), Model: validation.Given(row[0] + "anthropic.claude-3-haiku-20240307-v1:0"),
			}}.Validate()
			if is := len(faults) == 0; is != says {
				t.Errorf("%s from %s: the guide says %t, it is %t", row[0], region, says, is)
			}
		}
	}
}

// TestVersionsTable asks the client and the embedded target what they can.
func TestVersionsTable(t *testing.T) {
	t.Parallel()
	for _, row := range table(t, guide(t, "chunking.md"), "versions") {
		can := capabilitiesOf(t, row[0])
		chunks := func(strategies ...string) bool {
			return !slices.ContainsFunc(strategies, func(s string) bool { return !slices.Contains(can.Strategies, s) })
		}
		bound := fmt.Sprint(can.MaxChunkSize)
		switch {
		case len(can.Strategies) == 0:
			bound = ""
		case can.MaxChunkSize == 0:
			bound = "no bound"
		}
		want := []string{row[0], yes(chunks(inference.StrategyWord, inference.StrategySentence)), yes(chunks(inference.StrategyNone)), yes(chunks(inference.StrategyRecursive)), bound}
		if !slices.Equal(row, want) {
			t.Errorf("the guide says %q, it is %q", row, want)
		}
	}
}

func capabilitiesOf(t *testing.T, version string) backend.Capabilities {
	t.Helper()
	if version == "embedded" {
		return embeddedtarget.Capabilities()
	}
	client, err := elasticsearch.New(elasticsearch.Config{Endpoints: []string{"http://localhost:9200"}, Version: version})
	if err != nil {
		t.Fatal(err)
	}
	can, err := client.Capabilities(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return can
}

// TestStrategiesTable: each strategy is there, with its least size and the
// settings that it has when nothing else is written.
func TestStrategiesTable(t *testing.T) {
	t.Parallel()
	rows := table(t, guide(t, "chunking.md"), "strategies")
	if len(rows) != len(inference.Strategies()) {
		t.Errorf("%d strategies, there are %d", len(rows), len(inference.Strategies()))
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
			t.Errorf("%s: the guide says %q, it is %q", row[0], row[2], got)
		}
		least, isBound := strings.CutPrefix(row[3], "from ")
		size, _ := strconv.ParseInt(least, 10, 64)
		for _, bound := range []struct {
			size int64
			ok   bool
		}{{size, true}, {size - 1, false}} {
			config.MaxChunkSize = validation.Given(bound.size)
			if ok := len(config.Validate()) == 0; isBound && ok != bound.ok {
				t.Errorf("%s with %d words: %t", row[0], bound.size, ok)
			}
		}
	}
}

// TestVersionTableGuide: the guide shows every row of the version table.
func TestVersionTableGuide(t *testing.T) {
	t.Parallel()
	rows := table(t, guide(t, "elasticsearch-versions.md"), "version table")
	var want [][]string
	for _, row := range elasticsearch.VersionTable() {
		want = append(want, []string{strings.Join(row.Since, ", "), strings.ReplaceAll(row.Change, "`", ""), row.Source, string(row.Basis)})
	}
	if !slices.EqualFunc(rows, want, slices.Equal) {
		t.Errorf("the guide shows %q, the table is %q", rows, want)
	}
}

// TestObservationsGuide: the guide names the versions that were checked on a live
// cluster, or says that none was.
func TestObservationsGuide(t *testing.T) {
	t.Parallel()
	page := guide(t, "elasticsearch-versions.md")
	files, err := filepath.Glob("../live/observations/*.json")
	if err != nil {
		t.Fatal(err)
	}
	if unproven := strings.Contains(page, "has not been proven on a live cluster yet"); unproven != (len(files) == 0) {
		t.Errorf("%d versions were checked, but the guide says that none was: %v", len(files), unproven)
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
