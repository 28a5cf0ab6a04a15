package api_test

// departure is a case in which the embedded target does something else than
// Elasticsearch, on purpose.
type departure struct {
	reason string
	// status and says are what the handler does instead.
	status int
	says   string
}

const (
	reasonSampling  = "temperature excludes top_p and top_k, which newer models refuse together; and top_k is a whole number, for it reaches the model"
	reasonComplete  = "chunking settings are completed from their defaults"
	reasonNothing   = "there are no pipelines and no indices that could use an endpoint"
	reasonOtherFile = "it is about a document in Elasticsearch's own index, of which ours is no copy"
)

var departures = map[string]departure{
	"task_settings/JSON integer literal for a double field": {
		"an integer is accepted where a double is meant", 200, `"temperature":1.0`,
	},
	"task_settings_merge/stored {1.0,0.5,0.6,512} + request {}":                     {reasonSampling, 400, "Two ways of sampling"},
	"task_settings_merge/stored {1.0,0.5,0.6,512} + request {\"top_p\": 0.2}":       {reasonSampling, 400, "Two ways of sampling"},
	"task_settings_merge/stored {1.0,0.5,0.6,512} + request {\"temperature\": 0.3}": {reasonSampling, 400, "Two ways of sampling"},
	"task_settings_merge/stored {1.0,0.5,0.6,512} + request {\"top_k\": 0.1}":       {reasonSampling, 400, "Two ways of sampling"},

	"chunking_settings/sentence without max_chunk_size":  {reasonComplete, 200, `"max_chunk_size":250`},
	"chunking_settings/word overlap missing is an error": {reasonComplete, 200, `"overlap":30`},
	"chunking_settings/no strategy":                      {reasonComplete, 200, `"strategy":"sentence"`},
	"chunking_settings/word overlap 0 is an error":       {"chunks need not overlap", 200, `"overlap":0`},
	"chunking_settings/null map -> old default": {
		"it is about endpoints that were stored before 8.16; a request without chunking settings gets the new default from both", 200, `"strategy":"sentence"`,
	},

	"rest/_update with chunking_settings": {"chunking settings are changed in place, as 9.5 does", 200, `"strategy":"word"`},

	"rest/DELETE while referenced by pipeline": {reasonNothing, 200, `"acknowledged":true`},
	"rest/DELETE while used by semantic_text":  {reasonNothing, 200, `"acknowledged":true`},
	"rest/DELETE dry_run while referenced":     {reasonNothing, 200, `"error_message":""`},

	"service_settings/stored form (index document)": {reasonOtherFile, 200, `"dimensions":1024,"max_input_tokens":512}`},
	"service_settings/persisted without dimensions_set_by_user fails (pre-ObjectParser versions)": {
		reasonOtherFile, 200, `"dimensions":1`,
	},
	"put_verify/size mismatch when set by user": {
		"no request can set the dimensions: Elasticsearch has the text for other services", 400, "[service_settings] does not allow the setting [dimensions]",
	},

	"infer/AWS error text is in the cause": {
		"that AWS refuses the keys is said with 401 or 403, not with 500", 401, "The security token included in the request is invalid",
	},
	"bedrock_map/response lacks field": {
		"what is wrong with an answer is said in the adapter's words, which also say what to do about it", 500, `it has no \"embedding\"`,
	},
	"bedrock_map/converse, two inputs": {
		"each input has an answer of its own: Bedrock refuses two turns of one role in a row", 200, `"calls":2`,
	},
}
