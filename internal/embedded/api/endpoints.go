// SPDX-License-Identifier: MPL-2.0

package api

import (
	"context"
	"encoding/json"
	"maps"
	"slices"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/backend"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/embedded"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/esrest"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/validation"
)

// Version is the version of Elasticsearch that the API reports. Clients check it,
// and the provider derives from it what an endpoint supports.
const Version = "9.5.3"

type infoBody struct {
	Name        string      `json:"name"`
	ClusterName string      `json:"cluster_name"`
	ClusterUUID string      `json:"cluster_uuid"`
	Version     versionBody `json:"version"`
	Tagline     string      `json:"tagline"`
}

type versionBody struct {
	Number                           string `json:"number"`
	BuildFlavor                      string `json:"build_flavor"`
	BuildType                        string `json:"build_type"`
	BuildHash                        string `json:"build_hash"`
	BuildDate                        string `json:"build_date"`
	BuildSnapshot                    bool   `json:"build_snapshot"`
	LuceneVersion                    string `json:"lucene_version"`
	MinimumWireCompatibilityVersion  string `json:"minimum_wire_compatibility_version"`
	MinimumIndexCompatibilityVersion string `json:"minimum_index_compatibility_version"`
}

// info answers GET /. The names say what the server is; the other values are
// those that clients expect of this version.
func (h *Handler) info(ctx context.Context, _ *request) (any, error) {
	uuid, err := h.target.FileUUID(ctx)
	if err != nil {
		return nil, err
	}
	return infoBody{
		Name: "embedded", ClusterName: backend.EmbeddedClusterName, ClusterUUID: uuid,
		Version: versionBody{
			Number: Version, BuildFlavor: "default", BuildType: "tar",
			BuildHash: backend.EmbeddedBuildHash, BuildDate: "2026-07-30T00:00:00.000Z",
			LuceneVersion: "10.2.2", MinimumWireCompatibilityVersion: "8.19.0", MinimumIndexCompatibilityVersion: "8.0.0",
		},
		Tagline: "You Know, for Search",
	}, nil
}

// get answers one endpoint, those of a task type, or all.
func (h *Handler) get(ctx context.Context, r *request) (any, error) {
	found, err := h.lookUp(ctx, r)
	if err != nil {
		return nil, err
	}
	endpoints := make([]any, len(found))
	for i, endpoint := range found {
		if endpoints[i], err = endpointBody(endpoint); err != nil {
			return nil, err
		}
	}
	return map[string]any{"endpoints": endpoints}, nil
}

// lookUp reads "*" as "_all"; Elasticsearch takes other patterns for ids.
func (h *Handler) lookUp(ctx context.Context, r *request) ([]inference.Endpoint, error) {
	if r.id != "" && r.id != "_all" && r.id != "*" {
		endpoint, err := h.byID(ctx, r.id)
		if err == nil {
			err = r.checkTaskType(endpoint)
		}
		return []inference.Endpoint{endpoint}, err
	}
	all, err := backend.Collect(h.target.List(ctx))
	return slices.DeleteFunc(all, func(endpoint inference.Endpoint) bool { return r.differsFrom(endpoint.TaskType) }), err
}

// checkTaskType returns an error if the path names another task type than that
// of the endpoint.
func (r *request) checkTaskType(endpoint inference.Endpoint) error {
	if r.differsFrom(endpoint.TaskType) {
		return esrest.StatusError("Requested task type [%s] does not match the inference endpoint's task type [%s]", r.taskType, endpoint.TaskType)
	}
	return nil
}

func (h *Handler) byID(ctx context.Context, id string) (inference.Endpoint, error) {
	endpoint, err := h.target.Get(ctx, id)
	if backend.Is(err, backend.NotFound) {
		return endpoint, notFound(id)
	}
	return endpoint, err
}

type deleteBody struct {
	Acknowledged bool     `json:"acknowledged"`
	Pipelines    []string `json:"pipelines"`
	Indexes      []string `json:"indexes"`
	// ErrorMessage is present in a dry run, also if it is empty.
	ErrorMessage *string `json:"error_message,omitempty"`
}

// delete removes an endpoint. The embedded target has no pipelines or indices
// that could refer to it, so force has no effect.
func (h *Handler) delete(ctx context.Context, r *request) (any, error) {
	if r.dryRun {
		endpoint, err := h.byID(ctx, r.id)
		if err == nil {
			err = r.checkTaskType(endpoint)
		}
		return deleteBody{Pipelines: []string{}, Indexes: []string{}, ErrorMessage: new(string)}, err
	}
	err := h.target.Remove(ctx, r.id, r.checkTaskType)
	if backend.Is(err, backend.NotFound) {
		err = notFound(r.id)
	}
	return deleteBody{Acknowledged: true, Pipelines: []string{}, Indexes: []string{}}, err
}

// put creates an endpoint and answers it.
func (h *Handler) put(ctx context.Context, r *request) (any, error) {
	if err := checkID(r.id); err != nil {
		return nil, err
	}
	body, err := r.object()
	if err != nil {
		return nil, err
	}
	if body == nil {
		return nil, bodyRequired()
	}
	config, err := readEndpoint(*body, r)
	if err != nil {
		return nil, err
	}
	endpoint, keys := config.Endpoint(), keysOf(config)
	created, err := withTimeout(ctx, r.runTime(endpoint.TaskType), func(ctx context.Context) (inference.Endpoint, error) {
		return h.target.Create(ctx, endpoint, keys)
	})
	switch {
	case backend.Is(err, backend.AlreadyExists):
		return nil, esrest.New(esrest.TypeAlreadyExists, "Inference endpoint [%s] already exists", endpoint.InferenceID)
	case err != nil:
		return nil, verificationFailure("Could not complete inference endpoint creation as validation call to service threw an exception.", endpoint, err)
	}
	return endpointBody(created)
}

func endpointBody(endpoint inference.Endpoint) (any, error) {
	encoded, err := endpoint.EndpointJSON()
	return json.RawMessage(encoded), err
}

func checkID(id string) error {
	found := inference.Config{InferenceID: validation.Given(id)}.Validate().Errors()
	if len(found) == 0 {
		return nil
	}
	return esrest.ValidationError(esrest.TypeRequestValidation, "Invalid inference_id; '"+id+"' can contain lowercase alphanumeric (a-z and 0-9), hyphens or underscores; must start and end with alphanumeric")
}

// readEndpoint reads the body of a PUT in the order of Elasticsearch, which
// answers only the first error.
func readEndpoint(value esrest.Value, r *request) (inference.Config, error) {
	var none inference.Config
	body, _ := value.Any().(map[string]any)
	task, err := taskTypeOf(body, r)
	if err != nil {
		return none, err
	}
	service, ok := body["service"].(string)
	switch {
	case !ok:
		return none, esrest.StatusError("Inference endpoint configuration is missing the [service] setting")
	case service != inference.Service:
		return none, esrest.StatusError("Unknown service [%s]", service)
	case body[scopeService] == nil:
		return none, esrest.StatusError("Missing required field [%s]", scopeService)
	case !slices.Contains(embedded.Capabilities().TaskTypes, task):
		return none, esrest.StatusError("The [%s] service does not support task type [%s]", service, task)
	}
	s, err := readBlocks(value, body)
	if err != nil {
		return none, err
	}
	s.config.InferenceID, s.config.TaskType, s.config.Service = validation.Given(r.id), validation.Given(task), validation.Given(service)
	s.readService(task)
	s.config.TaskSettings = takeTask(s.task, task)
	for _, name := range []string{"service", "task_type", scopeService, scopeTask} {
		delete(s.left, name)
	}
	if task == inference.TextEmbedding {
		s.readChunking()
		delete(s.left, scopeChunking)
	}
	return s.config, s.check(append(s.config.Validate(), embedded.Capabilities().Check(s.config)...), task)
}

// taskTypeOf returns the task type of the URL or of the body.
func taskTypeOf(body map[string]any, r *request) (inference.TaskType, error) {
	fromBody, _ := body["task_type"].(string)
	switch {
	case r.taskType == "" && fromBody == "":
		return "", esrest.StatusError("model is missing required setting [task_type]")
	case r.taskType == anyTask || fromBody == anyTask:
		return "", esrest.StatusError("task_type [%s] is not valid type for inference", anyTask)
	case r.taskType == "":
		task, problem := parseTaskType(fromBody)
		if problem != nil {
			return "", problem
		}
		return inference.TaskType(task), nil
	case fromBody != "" && fromBody != r.taskType:
		return "", esrest.StatusError("Cannot resolve conflicting task_type parameter in the request URL [%s] and the request body [%s]", r.taskType, fromBody)
	}
	return inference.TaskType(r.taskType), nil
}

func keysOf(config inference.Config) inference.Keys {
	return inference.Keys{AccessKey: config.ServiceSettings.AccessKey.Or(""), SecretKey: config.ServiceSettings.SecretKey.Or("")}
}

// update changes an endpoint in place and answers it. The endpoint that is
// checked is the one that is changed.
func (h *Handler) update(ctx context.Context, r *request) (any, error) {
	stored, err := h.byID(ctx, r.id)
	if err != nil {
		return nil, err
	}
	body, err := r.object()
	if err != nil {
		return nil, err
	}
	if body == nil || len(body.Fields) == 0 {
		return nil, esrest.StatusError("Request body is empty")
	}
	updated, err := withTimeout(ctx, r.runTime(stored.TaskType), func(ctx context.Context) (inference.Endpoint, error) {
		return h.target.Modify(ctx, r.id, func(current inference.Endpoint) (inference.Update, error) {
			stored = current
			return readUpdate(*body, r, current)
		})
	})
	switch {
	case backend.Is(err, backend.NotFound):
		return nil, notFound(r.id)
	case err != nil:
		return nil, verificationFailure("Could not complete inference endpoint update as validation call to service threw an exception.", stored, err)
	}
	return endpointBody(updated)
}

// readUpdate reads a change and checks the endpoint that results from it.
func readUpdate(value esrest.Value, r *request, stored inference.Endpoint) (inference.Update, error) {
	body, _ := value.Any().(map[string]any)
	named, _ := body["task_type"].(string)
	for _, task := range []string{r.taskType, named} {
		if task != "" && task != anyTask && task != string(stored.TaskType) {
			return inference.Update{}, esrest.StatusError("Task type must match the task type of the existing endpoint")
		}
	}
	if fault := checkUpdatable(body); fault != nil {
		return inference.Update{}, fault
	}
	s, err := readBlocks(value, body)
	if err != nil {
		return inference.Update{}, err
	}
	s.readServiceUpdate(stored.TaskType)
	s.config.TaskSettings = takeTask(s.task, stored.TaskType)
	s.left = nil
	chunking, changesChunking := body[scopeChunking].(map[string]any)
	s.readChunking()
	var foreign validation.Violations
	if stored.TaskType != inference.TextEmbedding { // checked for every task, but only embeddings have it
		if chunking, given := s.config.Chunking.Known(); given {
			foreign = chunking.Validate()
		}
		s.config.Chunking = validation.Setting[inference.ChunkingConfig]{}
	}
	update := updateOf(s.config)
	switch {
	case !changesChunking || stored.TaskType != inference.TextEmbedding: // Elasticsearch ignores it for other tasks
	case len(chunking) == 0:
		update.Chunking = new(inference.DefaultChunking())
	default:
		update.Chunking = s.config.Endpoint().Chunking
	}
	return update, s.check(append(foreign, s.violations(stored, update)...), stored.TaskType)
}

// checkUpdatable returns an error for fields that cannot be changed. The
// endpoint's own service is accepted: Elasticsearch refuses it, although the
// specification of its API requires it, so that all requests of Elastic's typed
// clients fail there.
func checkUpdatable(body map[string]any) error {
	left := maps.Clone(body)
	if left["service"] == inference.Service {
		delete(left, "service")
	}
	for _, name := range []string{scopeService, scopeTask, scopeChunking, "task_type"} {
		delete(left, name)
	}
	if len(left) > 0 {
		return esrest.StatusError("Request contained fields which cannot be updated, remove these fields and try again [%s]", redactedText(left))
	}
	for _, scope := range []string{scopeService, scopeTask, scopeChunking} {
		value, given := body[scope]
		if _, isObject := value.(map[string]any); given && !isObject {
			return esrest.StatusError("Unable to parse [%s] in the request [%s]", scope, redactedText(body))
		}
	}
	return nil
}

func updateOf(config inference.Config) inference.Update {
	update := inference.Update{
		Keys:              keysOf(config),
		RequestsPerMinute: config.ServiceSettings.RequestsPerMinute.Or(0),
		TaskSettings:      config.TaskSettings.Settings(),
	}
	if tokens, given := config.ServiceSettings.MaxInputTokens.Known(); given {
		update.MaxInputTokens = &tokens
	}
	return update
}

// violations returns those of the request, and of the endpoint that results from
// it.
func (s *settings) violations(stored inference.Endpoint, update inference.Update) validation.Violations {
	changed, given := stored.Apply(update).Config(), s.config.ServiceSettings
	changed.ServiceSettings.AccessKey, changed.ServiceSettings.SecretKey = given.AccessKey, given.SecretKey
	if given.RequestsPerMinute.IsGiven() {
		changed.ServiceSettings.RequestsPerMinute = given.RequestsPerMinute
	}
	if given.MaxInputTokens.IsGiven() {
		changed.ServiceSettings.MaxInputTokens = given.MaxInputTokens
	}
	if !s.config.Chunking.Absent() {
		changed.Chunking = s.config.Chunking
	}
	s.config.ServiceSettings.Provider = changed.ServiceSettings.Provider
	found := append(changed.Validate(), embedded.Capabilities().Check(changed)...)
	return s.keysTogether(found)
}

// keysTogether records errors about incomplete key pairs with the message of an
// update, which may omit both keys.
func (s *settings) keysTogether(found validation.Violations) validation.Violations {
	return slices.DeleteFunc(found, func(violation validation.Violation) bool {
		if violation.Rule != validation.KeyPair {
			return false
		}
		missing := violation.Path.Name()
		s.keys.fault(missing, "["+scopeService+"] [access_key] and [secret_key] must be updated together; missing: ["+missing+"]")
		return true
	})
}
