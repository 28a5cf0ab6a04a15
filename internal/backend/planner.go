// SPDX-License-Identifier: MPL-2.0

package backend

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/validation"
)

// ChangeKind is how a setting differs from what the target holds.
type ChangeKind int

// The kinds of changes.
const (
	Added ChangeKind = iota
	Modified
	Removed
	// Unknown is a change to a value that is not known yet and may be null. An
	// update must not turn into a replacement later, so the most severe outcome
	// is planned.
	Unknown
)

// Change is one setting that is planned to differ.
type Change struct {
	Path validation.Path
	Kind ChangeKind
}

// Action is how a change is applied.
type Action int

// The actions, least severe first.
const (
	InPlace Action = iota
	Replace
	Refuse
)

// Decision is how one change is applied.
type Decision struct {
	Change
	Action Action
	// Reason explains a decision that a user may not expect; it may be empty.
	Reason string
}

// Paths whose changes do not always replace the endpoint.
const (
	pathTaskSettings validation.Path = "task_settings"
	// PathKeys is the path of a change of the key pair.
	PathKeys = inference.PathSecretKey
	// PathKeysVersion is the path of a request to send the key pair again, whether
	// it changed or not.
	PathKeysVersion validation.Path = "credentials_version"
)

// Plan decides each change of the endpoint prior. If keysInPlace is
// false, a rotation of keys replaces the endpoint, as the service documents it.
func (c Capabilities) Plan(prior inference.Endpoint, changes []Change, keysInPlace bool) []Decision {
	decisions := make([]Decision, len(changes))
	for i, change := range changes {
		decisions[i] = c.decide(change, keysInPlace)
	}
	return dropRefusals(c.keepChunking(prior, decisions))
}

// dropRefusals replaces refusals if the endpoint is replaced anyway: a new
// endpoint gets all settings of the configuration.
func dropRefusals(decisions []Decision) []Decision {
	replaced := slices.ContainsFunc(decisions, func(d Decision) bool { return d.Action == Replace })
	for i, decision := range decisions {
		if replaced && decision.Action == Refuse {
			decisions[i].Action, decisions[i].Reason = Replace, ""
		}
	}
	return decisions
}

func (c Capabilities) decide(change Change, keysInPlace bool) Decision {
	switch change.Path {
	case PathKeys, PathKeysVersion:
		return c.decideKeys(change, keysInPlace)
	case inference.PathRequestsPerMinute:
		return c.updatable(change, c.Update.RateLimit, "the rate limit"+c.withoutKeys())
	case inference.PathMaxInputTokens:
		if change.mayRemove() && !c.Update.UnsetTaskSettings {
			return Decision{change, Replace, change.unknownReason() + c.Name + " cannot remove max_input_tokens in place: the endpoint is replaced."}
		}
		return c.updatable(change, c.Update.MaxInputTokens, "max_input_tokens"+c.withoutKeys())
	case inference.PathChunking:
		return c.updatable(change, c.Update.Chunking, "chunking")
	}
	if parts := change.Path.Parts(); parts[0] == string(pathTaskSettings) {
		if change.mayRemove() && c.Update.TaskSettings && !c.Update.UnsetTaskSettings {
			return Decision{change, Replace, change.unknownReason() + c.Name + " merges task settings and cannot remove " + change.Path.Name() + " in place: the endpoint is replaced."}
		}
		return c.updatable(change, c.Update.TaskSettings, change.Path.Name())
	}
	return Decision{Change: change, Action: Replace}
}

func (c Change) mayRemove() bool { return c.Kind == Removed || c.Kind == Unknown }

// unknownReason returns the start of the reason of a change that is not known yet.
func (c Change) unknownReason() string {
	if c.Kind == Unknown {
		return c.Path.Name() + " is not known yet, and may turn out to be null. "
	}
	return ""
}

func (c Capabilities) updatable(change Change, can bool, what string) Decision {
	if can {
		return Decision{Change: change, Action: InPlace}
	}
	return Decision{change, Replace, c.Name + " cannot change " + what + " in place" + c.missingUpdateReason() + ": the endpoint is replaced."}
}

// missingUpdateReason returns the reason why the target changes nothing in place, as
// a part of a sentence, or nothing.
func (c Capabilities) missingUpdateReason() string {
	if c.UpdateMissing == "" || c.Update != (UpdateCapabilities{}) {
		return ""
	}
	return " (" + c.UpdateMissing + ")"
}

func (c Capabilities) decideKeys(change Change, inPlace bool) Decision {
	switch {
	case !inPlace:
		verb := "changes"
		if change.Kind == Added {
			verb = "adds"
		}
		return Decision{change, Replace, "The service " + verb + " keys by deleting the endpoint and creating it again with the same id."}
	case !c.Update.Keys:
		return Decision{change, Refuse, c.Name + " cannot change keys in place" + c.missingUpdateReason() + "."}
	}
	return Decision{Change: change, Action: InPlace}
}

// keepChunking turns updates into a replacement on servers whose update would
// reset the chunking of the endpoint. A rotation of keys is refused instead: if it
// is planned in place, the endpoint must not be deleted for it.
func (c Capabilities) keepChunking(prior inference.Endpoint, decisions []Decision) []Decision {
	if !c.Update.ResetsChunking || !ResetByUpdate(prior.Chunking) {
		return decisions
	}
	for i, decision := range decisions {
		if decision.Action != InPlace {
			continue
		}
		reason := c.Name + " would reset chunking_settings to word, 250 and 100 on any update, a bug that newer versions have fixed"
		if decision.Path == PathKeys || decision.Path == PathKeysVersion {
			decisions[i].Action, decisions[i].Reason = Refuse, reason+"."
		} else {
			decisions[i].Action, decisions[i].Reason = Replace, reason+": the endpoint is replaced."
		}
	}
	return decisions
}

// ResetByUpdate reports whether chunking settings would not survive an update on a
// server that resets them.
func ResetByUpdate(chunking *inference.ChunkingSettings) bool {
	return chunking != nil && !chunking.Equal(inference.LegacyChunking())
}

// MostSevere returns the most severe action of the decisions, or InPlace if there
// are none.
func MostSevere(decisions []Decision) Action {
	worst := InPlace
	for _, decision := range decisions {
		worst = max(worst, decision.Action)
	}
	return worst
}

// UpdateOf returns the update that changes prior to planned in place.
func (c Capabilities) UpdateOf(prior, planned inference.Endpoint) inference.Update {
	var update inference.Update
	if limit := planned.ServiceSettings.RequestsPerMinute; limit != prior.ServiceSettings.RequestsPerMinute {
		update.RequestsPerMinute = limit
	}
	if tokens := planned.ServiceSettings.MaxInputTokens; tokens != prior.ServiceSettings.MaxInputTokens {
		update.MaxInputTokens = &tokens
	}
	if !planned.TaskSettings.Equal(prior.TaskSettings) {
		if c.Update.UnsetTaskSettings {
			update.TaskSettings, update.UnsetTaskSettings = planned.TaskSettings, true
		} else {
			update.TaskSettings = planned.TaskSettings.Changed(prior.TaskSettings)
		}
	}
	if planned.Chunking != nil && !inference.EqualChunking(prior.Chunking, planned.Chunking) {
		update.Chunking = planned.Chunking
	}
	return update
}

// Differences lists the settings in which two endpoints differ, by name. Zero
// fields of asked, which leave the choice to the target, are no difference.
func Differences(asked, got inference.Endpoint) []validation.Path {
	var paths []validation.Path
	differ := func(path validation.Path, different bool) {
		if different && !slices.Contains(paths, path) {
			paths = append(paths, path)
		}
	}
	a, g := asked.ServiceSettings, got.ServiceSettings
	differ("task_type", asked.TaskType != got.TaskType)
	differ("service", asked.Service != got.Service)
	differ("service_settings.region", a.Region != g.Region)
	differ("service_settings.provider", a.Provider != g.Provider)
	differ("service_settings.model", a.Model != g.Model)
	differ(inference.PathRequestsPerMinute, a.RequestsPerMinute != 0 && a.RequestsPerMinute != g.RequestsPerMinute)
	differ("service_settings.similarity", a.Similarity != "" && a.Similarity != g.Similarity)
	differ(inference.PathMaxInputTokens, a.MaxInputTokens != g.MaxInputTokens)
	differ(pathTaskSettings, !asked.TaskSettings.Equal(got.TaskSettings))
	differ(inference.PathChunking, asked.Chunking != nil && !inference.EqualChunking(asked.Chunking, got.Chunking))
	return paths
}

// WithKeys returns the capabilities for a configuration with or without the key
// pair: some versions change limits only together with it.
func (c Capabilities) WithKeys(available bool) Capabilities {
	if c.Update.LimitsNeedKeys && !available {
		c.Update.RateLimit, c.Update.MaxInputTokens = false, false
	}
	return c
}

// withoutKeys completes the reason of a replacement that the key pair would
// avoid.
func (c Capabilities) withoutKeys() string {
	if c.Update.LimitsNeedKeys {
		return " without access_key and secret_key"
	}
	return ""
}

// RecreationRisk is the risk that a target refuses to recreate an endpoint that
// indices use.
type RecreationRisk int

// The risks, least first.
const (
	RecreationSafe RecreationRisk = iota
	// RecreationUnknown means that it depends on values that are not known yet.
	RecreationUnknown
	// RecreationRefused means that the mappings of the indices would not fit, so
	// that the indices would be left without an endpoint.
	RecreationRefused
)

// PredictRecreation predicts whether planned could be created after prior was
// deleted, while indices refer to it. A zero similarity of planned is cosine; zero
// dimensions and an empty task type are not known. The reason is empty where the
// recreation is safe.
func (c Capabilities) PredictRecreation(prior, planned inference.Endpoint, references References) (RecreationRisk, string) {
	if !c.ChecksMappings || len(references.Indices) == 0 || prior.InferenceID != planned.InferenceID {
		return RecreationSafe, ""
	}
	indices := "the indices " + strings.Join(references.Indices, ", ")
	refused := func(setting string, from, to any) (RecreationRisk, string) {
		return RecreationRefused, fmt.Sprintf("Inference endpoint %q is used by %s with %s %v. %s refuses to create it with %v while they refer to it, and they would be left without an endpoint. "+
			"Use a new inference_id, reindex, and switch.", prior.InferenceID, indices, setting, from, c.Name, to)
	}
	uncertain := func() (RecreationRisk, string) {
		return RecreationUnknown, fmt.Sprintf("Inference endpoint %q is used by %s. If the new endpoint has another task type, similarity or number of dimensions, %s refuses to create it, and they are left without one. "+
			"To be safe, use a new inference_id, reindex, and switch.", prior.InferenceID, indices, c.Name)
	}
	was, will := prior.ServiceSettings, planned.ServiceSettings
	from, to := cmp.Or(was.Similarity, inference.DefaultSimilarity), cmp.Or(will.Similarity, inference.DefaultSimilarity)
	sameModel := was.Provider == will.Provider && was.Model == will.Model && was.Region == will.Region
	switch {
	case planned.TaskType == "":
		return uncertain()
	case prior.TaskType != planned.TaskType:
		return refused("task_type", prior.TaskType, planned.TaskType)
	case prior.TaskType != inference.TextEmbedding:
		return RecreationSafe, ""
	case from != to:
		return refused("similarity", from, to)
	case will.Dimensions != 0 && was.Dimensions != 0 && will.Dimensions != was.Dimensions:
		return refused("dimensions", was.Dimensions, will.Dimensions)
	case sameModel, will.Dimensions != 0 && was.Dimensions != 0:
		return RecreationSafe, ""
	}
	return uncertain()
}
