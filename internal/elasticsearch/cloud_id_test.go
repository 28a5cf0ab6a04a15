// SPDX-License-Identifier: MPL-2.0

package elasticsearch

import (
	"encoding/base64"
	"testing"
)

func TestCloudID(t *testing.T) {
	t.Parallel()
	encode := func(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }
	for name, test := range map[string]struct{ id, want string }{
		"name":               {"books:" + encode("us-east-1.aws.found.io$abc$def"), "https://abc.us-east-1.aws.found.io:443"},
		"no name":            {encode("found.io$abc$def"), "https://abc.found.io:443"},
		"no Kibana":          {"x:" + encode("found.io$abc"), "https://abc.found.io:443"},
		"port of the domain": {"x:" + encode("found.io:9243$abc$def"), "https://abc.found.io:9243"},
		"port of the id":     {"x:" + encode("found.io:9243$abc:9244$def"), "https://abc.found.io:9244"},
		"colon in the name":  {"a:b:" + encode("found.io$abc$"), "https://abc.found.io:443"},
		"not Base64":         {"x:???", ""},
		"empty":              {"x:", ""},
		"domain only":        {"x:" + encode("found.io"), ""},
		"no domain":          {"x:" + encode("$abc$def"), ""},
		"no Elasticsearch":   {"x:" + encode("found.io$$def"), ""},
		"undefined":          {"x:" + encode("found.io$undefined$def"), ""},
		"not a port":         {"x:" + encode("found.io:x$abc"), ""},
	} {
		bases, found := Config{CloudID: test.id}.bases()
		switch {
		case test.want == "" && (len(found) != 1 || found[0].Path != pathCloudID):
			t.Errorf("%s: got %v, %v", name, bases, found)
		case test.want != "" && (len(found) > 0 || bases[0].Scheme+"://"+bases[0].Host != test.want):
			t.Errorf("%s: got %v, %v, want %s", name, bases, found, test.want)
		}
	}
	both := Config{CloudID: "x:" + encode("found.io$abc"), Endpoints: []string{"https://localhost:9200"}}
	if _, found := both.bases(); len(found) != 1 || found[0].Path != pathCloudID {
		t.Errorf("cloud_id and endpoints: got %v", found)
	}
}
