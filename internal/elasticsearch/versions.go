package elasticsearch

import (
	"slices"
	"strconv"
	"strings"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/backend"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

// serverless is the flavour of builds that have no version of their own: they
// are as new as it gets.
const serverless = "serverless"

// version is major, minor and patch.
type version [3]int

// parseVersion reads "9.1.0", also "9.1" and "9.1.0-SNAPSHOT".
func parseVersion(text string) (version, bool) {
	text, _, _ = strings.Cut(text, "-")
	parts := strings.Split(text, ".")
	var v version
	if len(parts) > len(v) {
		return version{}, false
	}
	for i, part := range parts {
		number, err := strconv.ParseUint(part, 10, 16)
		if err != nil {
			return version{}, false
		}
		v[i] = int(number)
	}
	return v, true
}

func (v version) String() string {
	return strconv.Itoa(v[0]) + "." + strconv.Itoa(v[1]) + "." + strconv.Itoa(v[2])
}

// has reports whether a change is in the version. since lists the releases that
// brought it: backports to older lines first, the line that kept it last.
func (v version) has(since ...version) bool {
	for i, release := range since {
		sameLine := slices.Equal(v[:2], release[:2])
		if last := i == len(since)-1; (last || sameLine) && slices.Compare(v[:], release[:]) >= 0 {
			return true
		}
	}
	return false
}

// release is what one version of Elasticsearch can do.
type release struct {
	backend.Capabilities
	// createTimeout and updateTimeout tell that the request takes ?timeout=.
	createTimeout, updateTimeout bool
}

// change is one line of the table: from which releases on what is different.
type change struct {
	since []version
	apply func(*release)
}

// changes is the whole difference between versions, oldest first. Numbers are
// pull requests of elastic/elasticsearch. A change without a note in the release
// notes counts from the first release that was cut after its merge.
var changes = []change{
	// #110248, backport #110545.
	{[]version{{8, 15, 0}}, func(r *release) {
		r.Supported, r.Requirement = true, ""
		r.TaskTypes = []inference.TaskType{inference.TextEmbedding, inference.Completion}
	}},
	// #112074, backport #113604; bounds of 300 words: #115130, #115331.
	{[]version{{8, 16, 0}}, func(r *release) {
		r.Strategies = []string{inference.StrategyWord, inference.StrategySentence}
		r.MaxChunkSize = 300
	}},
	// #114457, backport #114734: _update takes the key pair and task settings.
	// It drops the chunking settings (#139574). In 8.16 and 8.17 the request
	// cannot travel from one node to another (#122278; run on 8.16.0, 8.17.0 and
	// 8.17.10), so that updates count from 8.18.
	{[]version{{8, 18, 0}}, func(r *release) {
		r.Update = backend.UpdateCapabilities{Keys: true, TaskSettings: true, ResetsChunking: true}
	}},
	// #129150, backport #129324.
	{[]version{{8, 19, 0}, {9, 1, 0}}, func(r *release) { r.Strategies = append(r.Strategies, inference.StrategyNone) }},
	// Transport version AMAZON_BEDROCK_TASK_SETTINGS_8_19.
	{[]version{{8, 19, 0}, {9, 1, 0}}, func(r *release) { r.Truncate = true }},
	// #126805; transport version INFERENCE_ADD_TIMEOUT_PUT_ENDPOINT_8_19.
	{[]version{{8, 19, 0}, {9, 1, 0}}, func(r *release) { r.createTimeout = true }},
	// #129656, #131227 (8.19.0) and #131228 (9.1.0); run on both.
	{[]version{{8, 19, 0}, {9, 1, 0}}, func(r *release) { r.Strategies = append(r.Strategies, inference.StrategyRecursive) }},
	// #133718, merged 2025-08-28: the last release cut before it is 9.1.
	{[]version{{9, 2, 0}}, func(r *release) { r.MaxChunkSize = 0 }},
	// #141687 for 9.2 and #141682 for 9.3, both opened a day before 9.2.5 and
	// 9.3.0 came out; #140003, in the notes of 9.4.0.
	// #141557 for 8.19 (8.19.12); 9.1 has no fix.
	{[]version{{8, 19, 12}, {9, 2, 6}, {9, 3, 1}, {9, 4, 0}}, func(r *release) { r.Update.ResetsChunking = false }},
	// #139411, in the notes of 9.4.0.
	{[]version{{9, 4, 0}}, func(r *release) { r.TaskTypes = append(r.TaskTypes, inference.ChatCompletion) }},
	// In 9.4.x they are updated where both keys come along (#144749, and #149628
	// for the condition).
	{[]version{{9, 4, 0}}, func(r *release) {
		r.Update.RateLimit, r.Update.MaxInputTokens, r.Update.LimitsNeedKeys = true, true, true
	}},
	// #149628.
	{[]version{{9, 5, 0}}, func(r *release) { r.Update.LimitsNeedKeys = false }},
	// #149723, merged 2026-05, after 9.4.0 was out.
	{[]version{{9, 5, 0}}, func(r *release) { r.Update.Chunking = true }},
	// #152179, elasticsearch-specification#6380.
	{[]version{{9, 5, 0}}, func(r *release) { r.updateTimeout = true }},
	// #149430, #151881: strict parsers, which do not know the keys in _update.
	{[]version{{9, 5, 0}}, func(r *release) { r.Update.Keys = false }},
	// #149268: chat_completion ignores its task settings before 9.4.2.
	{[]version{{9, 4, 2}}, func(r *release) { r.ChatSettingsIgnored = false }},
	// #122638, #125049: the strict body of a run does not know input_type before
	// (run on 8.15 to 8.18 and 9.0).
	{[]version{{8, 19, 0}, {9, 1, 0}}, func(r *release) { r.NoInputType = false }},
	// #158589, backport #159084: at most 50 separators.
	{[]version{{9, 5, 5}}, func(r *release) { r.MaxSeparators = 50 }},
	// #137055, backports #137587 and #137584: a create is refused while mappings
	// of indices use the id with other settings.
	{[]version{{8, 19, 7}, {9, 1, 7}, {9, 2, 1}}, func(r *release) { r.ChecksMappings = true }},
	// #157214, backport #157413, in the notes of 9.5.3.
	{[]version{{9, 5, 3}}, func(r *release) { r.Update.Keys = true }},
}

// CapabilitiesOf are those of a version, such as "8.18.0"; of the newest known
// where it is empty or no version.
func CapabilitiesOf(version string) backend.Capabilities { return releaseOf(version, "").Capabilities }

// releaseOf reads a version and a build flavour. An empty or strange version
// counts as the newest known.
func releaseOf(number, flavour string) release {
	v, known := parseVersion(number)
	newest := !known || flavour == serverless
	r := release{
		Capabilities: backend.Capabilities{
			Name:                nameOf(number, flavour, known),
			Assumed:             number == "" && flavour == "",
			Requirement:         "The service came with Elasticsearch 8.15.0: upgrade the cluster.",
			NoInputType:         true,
			ChatSettingsIgnored: true,
			MinOverlap:          1, // WordBoundaryChunkingSettings
			MaxTopK:             1, // AmazonBedrockChatCompletionTaskSettings bounds it like a probability
			TopKIgnored:         true,
			KeysRequired:        true, // AwsSecretSettings
		},
	}
	for _, change := range changes {
		if newest || v.has(change.since...) {
			change.apply(&r)
		}
	}
	return r
}

func nameOf(number, flavour string, known bool) string {
	switch {
	case flavour == serverless || number == serverless:
		return "Elasticsearch Serverless"
	case known:
		return "Elasticsearch " + number
	}
	return "Elasticsearch of unknown version"
}
