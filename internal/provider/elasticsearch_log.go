package provider

import (
	"context"
	"log/slog"

	"github.com/hashicorp/terraform-plugin-log/tflog"
)

// tflogHandler writes the records of the Elasticsearch client to Terraform's log,
// as a subsystem of its own.
type tflogHandler struct{ attributes []slog.Attr }

const elasticsearchSubsystem = "elasticsearch"

// Enabled leaves the choice of levels to TF_LOG.
func (tflogHandler) Enabled(context.Context, slog.Level) bool { return true }

// Handle writes one record.
func (h tflogHandler) Handle(ctx context.Context, record slog.Record) error {
	fields := map[string]any{}
	for _, attribute := range h.attributes {
		fields[attribute.Key] = attribute.Value.Any()
	}
	record.Attrs(func(attribute slog.Attr) bool {
		fields[attribute.Key] = attribute.Value.Any()
		return true
	})
	ctx = tflog.NewSubsystem(ctx, elasticsearchSubsystem, tflog.WithRootFields())
	if record.Level >= slog.LevelWarn {
		tflog.SubsystemWarn(ctx, elasticsearchSubsystem, record.Message, fields)
		return nil
	}
	tflog.SubsystemDebug(ctx, elasticsearchSubsystem, record.Message, fields)
	return nil
}

// WithAttrs adds attributes to every record.
func (h tflogHandler) WithAttrs(attributes []slog.Attr) slog.Handler {
	return tflogHandler{append(h.attributes[:len(h.attributes):len(h.attributes)], attributes...)}
}

// WithGroup ignores groups, which the client does not use.
func (h tflogHandler) WithGroup(string) slog.Handler { return h }
