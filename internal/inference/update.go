// SPDX-License-Identifier: MPL-2.0

package inference

// Update is a change of an endpoint in place. Zero fields stay unchanged and are
// not sent.
type Update struct {
	// Keys are both set or both empty.
	Keys              Keys
	RequestsPerMinute int64
	// MaxInputTokens is nil if it stays, and 0 if it is removed.
	MaxInputTokens *int64
	// TaskSettings holds the settings that are new or changed.
	TaskSettings TaskSettings
	// UnsetTaskSettings replaces all task settings by TaskSettings, so that
	// those left out are removed. The _inference API has no such request.
	UnsetTaskSettings bool
	// Chunking replaces the chunking settings as a whole.
	Chunking *ChunkingSettings
}

// IsZero reports whether nothing changes.
func (u Update) IsZero() bool { return u == Update{} }

// Changed returns the settings of t that differ from prior.
func (t TaskSettings) Changed(prior TaskSettings) TaskSettings {
	if equalValue(t.Temperature, prior.Temperature) {
		t.Temperature = nil
	}
	if equalValue(t.TopP, prior.TopP) {
		t.TopP = nil
	}
	if equalValue(t.TopK, prior.TopK) {
		t.TopK = nil
	}
	if equalValue(t.MaxNewTokens, prior.MaxNewTokens) {
		t.MaxNewTokens = nil
	}
	if t.Truncate == prior.Truncate {
		t.Truncate = ""
	}
	return t
}

// Apply returns the endpoint after the update.
func (e Endpoint) Apply(u Update) Endpoint {
	if u.RequestsPerMinute != 0 {
		e.ServiceSettings.RequestsPerMinute = u.RequestsPerMinute
	}
	if u.MaxInputTokens != nil {
		e.ServiceSettings.MaxInputTokens = *u.MaxInputTokens
	}
	if u.UnsetTaskSettings {
		e.TaskSettings = u.TaskSettings
	} else {
		e.TaskSettings = e.TaskSettings.Merge(u.TaskSettings)
	}
	if u.Chunking != nil {
		e.Chunking = u.Chunking
	}
	return e
}
