// SPDX-License-Identifier: MPL-2.0

package inference

import (
	"fmt"
	"strings"
	"time"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/validation"
)

// LifecycleDate is the day of the lifecycle data (testdata/bedrock-lifecycle.json).
const LifecycleDate = "2026-11-26"

// lifecycleNotice is how long before its end of life a model is warned about.
const lifecycleNotice = 90 * 24 * time.Hour

// The states of a model's lifecycle.
const (
	ModelActive    = "active"
	ModelLegacy    = "legacy"
	ModelEndOfLife = "eol"
)

// Lifecycle is what AWS has published about the retirement of a base model.
// Dates are in the form 2006-01-02, and empty if they are not known. AWS sets the
// end of life by region and moves dates.
type Lifecycle struct {
	// Model is the base model id.
	Model string
	// State is the state on LifecycleDate.
	State string
	// LegacyDate is when new accounts lost access.
	LegacyDate string
	// EndOfLifeDate is when calls begin to fail.
	EndOfLifeDate string
	// EndOfLifeNotBefore is the earliest end of life that AWS promises.
	EndOfLifeNotBefore string
	// Replacement is the id of the base model that AWS recommends instead. It is empty
	// if AWS names none, several, or one that is itself legacy.
	Replacement string
	// ReplacementNote is AWS's recommendation as text, with remarks.
	ReplacementNote string
	// Confidence is "aws" for AWS's own pages, "aws-derived", or "third-party".
	Confidence string
}

// ModelLifecycle returns the lifecycle of a model id, inference profile or ARN.
// It returns false if nothing is known about the model.
func ModelLifecycle(model string) (Lifecycle, bool) {
	id, ok := ParseModelID(model)
	if !ok {
		return Lifecycle{}, false
	}
	return searchModel(id.Model, knownLifecycles, func(l Lifecycle) string { return l.Model })
}

// LifecycleWarnings returns a warning at the model if it is legacy or has reached
// its end of life by now, or will reach it within 90 days. isNew is true if the
// endpoint is created or replaced: an existing endpoint on a legacy model keeps
// working, so that it is warned about only near its end of life.
func LifecycleWarnings(model string, now time.Time, isNew bool) validation.Violations {
	l, ok := ModelLifecycle(model)
	if !ok {
		return nil
	}
	end, noEnd := time.Parse(time.DateOnly, l.EndOfLifeDate)
	legacy, noLegacy := time.Parse(time.DateOnly, l.LegacyDate)
	dated := noEnd == nil
	var summary, state, rejected string
	switch {
	case dated && !now.Before(end):
		summary, state = "Model has reached its end of life", "reached its end of life on or after "+l.EndOfLifeDate
	case dated && !now.Add(lifecycleNotice).Before(end):
		summary, state = "Model is near its end of life", "reaches its end of life on or after "+l.EndOfLifeDate
	case isNew && (l.State == ModelLegacy || noLegacy == nil && !now.Before(legacy)):
		summary, state = "Legacy model", "is a legacy model"
		if l.LegacyDate != "" {
			state = "has been a legacy model since " + l.LegacyDate
		}
		if dated {
			state += " and reaches its end of life on or after " + l.EndOfLifeDate
		}
		rejected = " Amazon Bedrock rejects calls from accounts that have not used the model recently."
	default:
		return nil
	}
	detail := fmt.Sprintf("%s %s, by AWS's list of %s.%s Dates differ by region, and AWS may change them.", l.Model, state, LifecycleDate, rejected)
	if l.ReplacementNote != "" {
		detail += " AWS's replacement: " + l.ReplacementNote
		if l.Replacement != "" {
			detail += ", " + l.Replacement
		}
		detail += "."
	}
	return validation.Violations{validation.Warningf(PathModel, summary, "%s", detail)}
}

// RetirementRemedy returns what to do about a message with which Bedrock refuses a
// retired model, or a legacy model that the account has not used recently. It
// returns "" for every other message. Bedrock answers 404 ResourceNotFoundException
// or 403 AccessDeniedException, and Elasticsearch quotes the message.
func RetirementRemedy(message string) string {
	message = strings.ToLower(message)
	switch {
	case strings.Contains(message, "reached the end of its life"), strings.Contains(message, "reached its end of life"):
		return "AWS has retired the model. Write the id of a newer model."
	case strings.Contains(message, "marked by provider as legacy"):
		return "The model is legacy, and AWS offers it only to accounts that use it already. Write the id of a newer model."
	}
	return ""
}
