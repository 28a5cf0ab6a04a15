// SPDX-License-Identifier: MPL-2.0

package backend

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

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
// dimensions and an empty task type are not known. The
// reason is empty where the recreation is safe.
func (c Capabilities) PredictRecreation(prior, planned inference.Endpoint, references References) (RecreationRisk, string) {
	if !c.ChecksMappings || len(references.Indices) == 0 || prior.InferenceID != planned.InferenceID {
		return RecreationSafe, ""
	}
	indices := "the indices " + strings.Join(references.Indices, ", ")
	refused := func(setting string, from, to any) (RecreationRisk, string) {
		return RecreationRefused, fmt.Sprintf("%s is used by %s with %s %v. %s refuses to create it with %v while they refer to it, and they would be left without an endpoint. "+
			"Use a new inference_id, reindex, and switch.", prior.InferenceID, indices, setting, from, c.Name, to)
	}
	uncertain := func() (RecreationRisk, string) {
		return RecreationUnknown, fmt.Sprintf("%s is used by %s. If the new endpoint has another task type, similarity or number of dimensions, %s refuses to create it, and they are left without one. "+
			"To be safe, use a new inference_id, reindex, and switch.", prior.InferenceID, indices, c.Name)
	}
	if planned.TaskType == "" {
		return uncertain()
	}
	if prior.TaskType != planned.TaskType {
		return refused("task_type", prior.TaskType, planned.TaskType)
	}
	was, will := prior.ServiceSettings, planned.ServiceSettings
	if from, to := cmp.Or(was.Similarity, defaultSimilarity), cmp.Or(will.Similarity, defaultSimilarity); prior.TaskType == inference.TextEmbedding && from != to {
		return refused("similarity", from, to)
	}
	if prior.TaskType != inference.TextEmbedding {
		return RecreationSafe, ""
	}
	sameModel := was.Provider == will.Provider && was.Model == will.Model && was.Region == will.Region
	switch {
	case will.Dimensions != 0 && was.Dimensions != 0 && will.Dimensions != was.Dimensions:
		return refused("dimensions", was.Dimensions, will.Dimensions)
	case sameModel, will.Dimensions != 0 && was.Dimensions != 0:
		return RecreationSafe, ""
	}
	return uncertain()
}

const defaultSimilarity = "cosine"
