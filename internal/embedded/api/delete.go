package api

import "context"

type deleteBody struct {
	Acknowledged bool     `json:"acknowledged"`
	Pipelines    []string `json:"pipelines"`
	Indexes      []string `json:"indexes"`
	// ErrorMessage is there in a dry run, also when nothing is wrong.
	ErrorMessage *string `json:"error_message,omitempty"`
}

// delete removes an endpoint. Nothing can refer to one: there are no pipelines
// and no indices, so a dry run finds none and force changes nothing.
func (h *Handler) delete(ctx context.Context, call *call) (any, error) {
	dryRun, err := call.flag("dry_run")
	if err != nil {
		return nil, err
	}
	force, err := call.flag("force")
	if err != nil {
		return nil, err
	}
	endpoint, err := h.find(ctx, call)
	if err != nil {
		return nil, err
	}
	answer := deleteBody{Acknowledged: !dryRun, Pipelines: []string{}, Indexes: []string{}}
	if dryRun {
		answer.ErrorMessage = new(string)
		return answer, nil
	}
	return answer, h.target.Delete(ctx, endpoint, force)
}
