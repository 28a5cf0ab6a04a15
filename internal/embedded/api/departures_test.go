// SPDX-License-Identifier: MPL-2.0

package api_test

// departure is a case of elasticsearch-cases.json in which the API differs from
// Elasticsearch on purpose, or follows a newer version than the case.
type departure struct {
	reason string
	// status and says are what the API answers instead.
	status int
	says   string
}

const (
	reasonSampling   = "temperature is refused together with top_p and top_k, because newer models accept only one of them; top_k is a whole number, because it reaches the model"
	reasonUnused     = "there are no pipelines and no indices that could use an endpoint"
	reasonOtherFile  = "the case is about a document in Elasticsearch's own index"
	reasonStrict     = "Elasticsearch 9.5 reads service settings with a strict parser; see TestSettings"
	reasonWording    = "Elasticsearch 9.5 words this message otherwise; see TestSettings"
	reasonSamplingOf = "Conflicting sampling settings"
)

var departures = map[string]departure{
	"task_settings_merge/stored {1.0,0.5,0.6,512} + request {}":                     {reasonSampling, 400, reasonSamplingOf},
	"task_settings_merge/stored {1.0,0.5,0.6,512} + request {\"top_p\": 0.2}":       {reasonSampling, 400, reasonSamplingOf},
	"task_settings_merge/stored {1.0,0.5,0.6,512} + request {\"temperature\": 0.3}": {reasonSampling, 400, reasonSamplingOf},
	"task_settings_merge/stored {1.0,0.5,0.6,512} + request {\"top_k\": 0.1}":       {reasonSampling, 400, reasonSamplingOf},

	"chunking_settings/null map -> old default": {
		"the case is about endpoints that were stored before 8.16", 200, `"strategy":"sentence"`,
	},

	"task_settings/temperature below min (older wording)":                         {reasonWording, 400, "[temperature] must be greater than or equal to [0.0]"},
	"task_settings/temperature above max (older wording)":                         {reasonWording, 400, "[temperature] must be less than or equal to [1.0]"},
	"secrets/secret_key missing":                                                  {reasonWording, 400, "[service_settings] does not contain the required setting [secret_key]"},
	"service_settings/empty model string":                                         {reasonStrict, 400, "[service_settings] Invalid value empty string. [model] must be a non-empty string"},
	"service_settings/dimensions_set_by_user in request rejected":                 {reasonStrict, 400, "unknown field [dimensions_set_by_user]"},
	"service_settings/requests_per_minute string":                                 {reasonStrict, 400, "failed to parse field [requests_per_minute]"},
	"service_settings/unknown key inside rate_limit names service amazon_bedrock": {reasonStrict, 400, "[rate_limit] unknown field [burst]"},
	"service_settings/all three required fields missing -> numbered list":         {reasonStrict, 400, "[service_settings] does not contain the required setting [region]"},
	"put/unknown service_settings key":                                            {reasonStrict, 400, "unknown field [extra_key]"},
	"put/dimensions in request rejected":                                          {reasonStrict, 400, "unknown field [dimensions]"},
	"put_verify/size mismatch when set by user":                                   {reasonStrict, 400, "unknown field [dimensions]"},
	"rest/_update with chunking_settings":                                         {"Elasticsearch 9.5 changes chunking settings in place", 400, "does not contain the required setting [max_chunk_size]"},

	"rest/DELETE while referenced by pipeline": {reasonUnused, 200, `"acknowledged":true`},
	"rest/DELETE while used by semantic_text":  {reasonUnused, 200, `"acknowledged":true`},
	"rest/DELETE dry_run while referenced":     {reasonUnused, 200, `"error_message":""`},

	"service_settings/stored form (index document)": {reasonOtherFile, 200, `"dimensions":1024,"max_input_tokens":512}`},
	"service_settings/persisted without dimensions_set_by_user fails (pre-ObjectParser versions)": {
		reasonOtherFile, 200, `"dimensions":1`,
	},

	"infer/AWS error text is in the cause": {
		"if AWS refuses the keys, the status is 401 or 403 instead of 500", 401, "The security token included in the request is invalid",
	},
	"bedrock_map/response lacks field": {
		"the message about a wrong response is the one of the adapter, which says what to do", 500, `it has no \"embedding\"`,
	},
	"bedrock_map/converse, two inputs": {
		"each input has an answer of its own, because Bedrock refuses two turns of one role in a row", 200, `"calls":2`,
	},
}
