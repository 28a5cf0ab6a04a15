// SPDX-License-Identifier: MPL-2.0

package elasticsearchtest

import (
	"slices"
	"strings"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/esrest"
)

func (s *Server) parseChunking(body map[string]any, made *endpoint) *esrest.Error {
	if made.taskType != "text_embedding" || !s.release.hasChunking() {
		return nil // it is an unknown setting then
	}
	values, problem := object(body, "chunking_settings")
	if problem != nil {
		return problem
	}
	made.chunking, problem = s.chunking(values)
	return problem
}

func defaultChunking() map[string]any {
	return map[string]any{"strategy": "sentence", "max_chunk_size": 250, "sentence_overlap": 1}
}

// formerChunking returns what an endpoint without stored chunking settings shows.
func formerChunking() map[string]any {
	return map[string]any{"strategy": "word", "max_chunk_size": 250, "overlap": 100}
}

func (s *Server) chunking(values map[string]any) (map[string]any, *esrest.Error) {
	if len(values) == 0 {
		return defaultChunking(), nil
	}
	strategy, ok := values["strategy"].(string)
	if !ok {
		return nil, esrest.IllegalArgument("Can't generate Chunker without ChunkingStrategy provided")
	}
	if !slices.Contains(s.release.strategies(), strategy) {
		return nil, esrest.IllegalArgument("Invalid chunkingStrategy %s", strategy)
	}
	delete(values, "strategy")
	var faults violations
	settings := s.block("chunking_settings", values, &faults)
	read := map[string]func(block) map[string]any{
		"word": s.wordChunking, "sentence": s.sentenceChunking, "recursive": s.recursiveChunking,
		"none": func(block) map[string]any { return map[string]any{} },
	}[strategy]
	chunking := read(settings)
	if problem := faults.problem(); problem != nil {
		return nil, problem
	}
	chunking["strategy"] = strategy
	return chunking, nil
}

// only refuses settings that the strategy does not have.
func (b block) only(title string, known ...string) {
	var others []string
	for name := range b.values {
		if !slices.Contains(known, name) {
			others = append(others, name)
		}
	}
	if len(others) > 0 {
		slices.Sort(others)
		b.faults.add("%s based chunking settings can not have the following settings: [%s]", title, strings.Join(others, ", "))
	}
}

// size takes max_chunk_size, and reports whether it is right.
func (s *Server) size(settings block, least int64) (int64, bool) {
	if settings.values["max_chunk_size"] == nil {
		settings.faults.add("[chunking_settings] does not contain the required setting [max_chunk_size]")
		return 0, false
	}
	most := float64(unlimited)
	if s.release.boundsChunks() {
		most = 300
	}
	size, ok := settings.integer("max_chunk_size").(int64)
	return size, ok && settings.within("max_chunk_size", float64(size), float64(least), most)
}

func (s *Server) wordChunking(settings block) map[string]any {
	settings.only("Word", "max_chunk_size", "overlap")
	size, ok := s.size(settings, 10)
	if !ok {
		return nil
	}
	if settings.values["overlap"] == nil {
		settings.faults.add("[chunking_settings] does not contain the required setting [overlap]")
		return nil
	}
	overlap, ok := settings.positive("overlap").(int64)
	if !ok || !settings.within("overlap", float64(overlap), 0, float64(size/2)) {
		return nil
	}
	return map[string]any{"max_chunk_size": size, "overlap": overlap}
}

func (s *Server) sentenceChunking(settings block) map[string]any {
	settings.only("Sentence", "max_chunk_size", "sentence_overlap")
	size, _ := s.size(settings, 20)
	overlap := int64(1)
	if given, ok := settings.integer("sentence_overlap").(int64); ok {
		overlap = given
	}
	if overlap != 0 && overlap != 1 {
		settings.faults.add("sentence_overlap[%d] must be either 0 or 1", overlap)
	}
	return map[string]any{"max_chunk_size": size, "sentence_overlap": overlap}
}

var groups = map[string][]any{
	"plaintext": {`(?<!\n)\n\n(?!\n)`, `(?<!\n)\n(?!\n)`},
	"markdown": {
		"\n# ", "\n## ", "\n### ", "\n#### ", "\n##### ", "\n###### ",
		"\n^(?!\\s*$).*\n-{1,}\n", "\n^(?!\\s*$).*\n={1,}\n",
	},
}

func (s *Server) recursiveChunking(settings block) map[string]any {
	settings.only("Recursive", "max_chunk_size", "separators", "separator_group")
	size, _ := s.size(settings, 10)
	separators, given := settings.values["separators"].([]any)
	group := settings.choice("separator_group", false, []string{"plaintext", "markdown"})
	switch {
	case given && group != "":
		settings.faults.add("Recursive chunking settings can not have both separators and separator_set")
	case given && s.release.boundsSeparators() && len(separators) > 50:
		settings.faults.add("separators list size [%d] must not exceed [50]", len(separators))
	case given && len(separators) == 0:
		settings.faults.add("Recursive chunking settings can not have an empty list of separators")
	case group != "":
		separators = groups[group]
	case !given:
		separators = groups["plaintext"]
	}
	return map[string]any{"max_chunk_size": size, "separators": separators}
}
