// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// TestEveryAttributeUnknown checks that validation accepts an unknown value of each
// attribute and of each list element.
func TestEveryAttributeUnknown(t *testing.T) {
	t.Parallel()
	tests := configsForEveryAttribute()
	provider := newProtocol(t)
	checked := 0
	for of, configs := range tests {
		covered := map[string]bool{}
		paths := settablePaths(provider.schemaFor(of).Block.Attributes, "")
		for _, config := range configs {
			for _, path := range paths {
				for name, changed := range withUnknownAt(config, path) {
					covered[path] = true
					checked++
					for _, fault := range errorsOf(provider.validateAndConfigure(t, of, changed)) {
						t.Errorf("%s with %s unknown: %s: %s", of, name, fault.Summary, fault.Detail)
					}
				}
			}
		}
		for _, path := range paths {
			if !covered[path] {
				t.Errorf("%s: no configuration has the object that contains %s", of, path)
			}
		}
	}
	t.Logf("counted: %d configurations with one unknown value, none rejected", checked)
}

// configsForEveryAttribute returns configurations of each type of block that together
// have the object of each attribute, so that every attribute can be set in one of them.
func configsForEveryAttribute() map[blockType][]object {
	limit := object{"requests_per_minute": 5}
	embed := object{"input": []any{"x"}, "service_settings": object{"region": "us-east-1", "provider": "cohere", "model": "cohere.embed-english-v3", "rate_limit": limit}}
	complete := object{"input": []any{"x"}, "service_settings": object{"region": "us-east-1", "provider": "anthropic", "model": "us.anthropic.claude-sonnet-4-6", "rate_limit": limit}}
	byID := object{"input": []any{"x"}, "inference_id": "e"}
	timed := func(run object) object { return with(run, "timeouts", object{}) }
	chunked := func(run object, settings object) object { return with(run, "chunking_settings", settings) }
	embeddings := []object{
		timed(embed), with(byID, "task_settings", object{}), chunked(embed, object{"strategy": "word"}), chunked(byID, object{"strategy": "sentence"}),
		chunked(embed, object{"strategy": "recursive", "separators": []any{"a"}}), chunked(embed, object{"strategy": "recursive", "separator_group": "markdown"}),
	}
	role := object{"assume_role": object{"role_arn": "arn:aws:iam::123456789012:role/r"}}
	return map[blockType][]object{
		endpointResource: {
			with(with(validEndpoint(), "timeouts", object{}), "service_settings.rate_limit", object{}), validCompletion(), with(validEndpoint(), "chunking_settings", object{}),
			with(validEndpoint(), atStrategy, "word"), with(with(validEndpoint(), atStrategy, "recursive"), atSeparators, []any{"a"}), with(validEndpoint(), "task_settings", object{}),
		},
		providerBlockType:       {{}, {"elasticsearch": object{"endpoints": []any{"https://es:9200"}}}, {"embedded": object{}, "bedrock": role}},
		endpointDataSource:      {{"inference_id": "e"}},
		endpointsDataSource:     {{}},
		endpointList:            {{}},
		verifyAction:            {{"inference_id": "e", "timeouts": object{}}},
		textEmbeddingDataSource: embeddings,
		textEmbeddingEphemeral:  embeddings,
		completionDataSource:    {timed(complete), with(byID, "task_settings", object{})},
		completionEphemeral:     {timed(complete), with(byID, "task_settings", object{})},
	}
}

// withUnknownAt returns copies of a configuration in which the value at a path is unknown
// and, if it is a list, one of its elements. It returns nil if the configuration does not
// have the object of the path, because a new one would lack required attributes.
func withUnknownAt(config object, path string) map[string]object {
	parent, inner := config, strings.Split(path, ".")
	for _, name := range inner[:len(inner)-1] {
		nested, ok := parent[name].(object)
		if !ok {
			return nil
		}
		parent = nested
	}
	copies := map[string]object{path: with(config, path, unknown)}
	if _, ok := parent[inner[len(inner)-1]].([]any); ok {
		copies[path+"[0]"] = with(config, path, []any{unknown})
	}
	return copies
}

// validateAndConfigure validates a block of any type and, if it is the provider block,
// configures the provider.
func (p protocol) validateAndConfigure(t *testing.T, of blockType, config object) []*tfprotov6.Diagnostic {
	t.Helper()
	if of == providerBlockType {
		return validateProvider(t, config)
	}
	return p.validateBlock(t, of, config)
}

// schemaFor returns the schema of a type of block.
func (p protocol) schemaFor(of blockType) *tfprotov6.Schema {
	switch of.kind {
	case resourceBlock:
		return p.schema.ResourceSchemas[of.name]
	case dataBlock:
		return p.schema.DataSourceSchemas[of.name]
	case ephemeralBlock:
		return p.schema.EphemeralResourceSchemas[of.name]
	case listBlock:
		return p.schema.ListResourceSchemas[of.name]
	case actionBlock:
		return p.schema.ActionSchemas[of.name].Schema
	}
	return p.schema.Provider
}

// settablePaths returns the paths of the attributes that a configuration may set.
func settablePaths(attributes []*tfprotov6.SchemaAttribute, below string) []string {
	var paths []string
	for _, attribute := range attributes {
		if !attribute.Required && !attribute.Optional {
			continue
		}
		paths = append(paths, below+attribute.Name)
		if attribute.NestedType != nil {
			paths = append(paths, settablePaths(attribute.NestedType.Attributes, below+attribute.Name+".")...)
		}
	}
	return paths
}
