// SPDX-License-Identifier: MPL-2.0

package elasticsearch

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/backend"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/redact"
)

// maxWarnings bounds how many different warnings of one process are kept.
const maxWarnings = 100

// warningLog collects warnings, each of them once.
type warningLog struct {
	mu   sync.Mutex
	seen map[backend.Warning]bool
	next []backend.Warning
}

func (l *warningLog) add(warning backend.Warning) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.seen[warning] || len(l.seen) == maxWarnings {
		return
	}
	if l.seen == nil {
		l.seen = map[backend.Warning]bool{}
	}
	l.seen[warning] = true
	l.next = append(l.next, warning)
}

// Warnings returns the warnings since the last call. A warning that was returned
// before is not returned again.
func (c *Client) Warnings() []backend.Warning {
	c.warnings.mu.Lock()
	defer c.warnings.mu.Unlock()
	found := slices.Clone(c.warnings.next)
	c.warnings.next = nil
	return found
}

// warningValue is a value of the header Warning as Elasticsearch writes it: 299,
// its version, and a quoted text.
var warningValue = regexp.MustCompile(`299 (\S+) "((?:\\.|[^"\\])*)"`)

// keepWarnings records the deprecations that Elasticsearch announces in an answer.
func (c *Client) keepWarnings(redactor redact.Redactor, header http.Header) {
	if header.Get(productHeader) != productName {
		return
	}
	for _, value := range header.Values("Warning") {
		for _, match := range warningValue.FindAllStringSubmatch(value, -1) {
			const longest = 1000
			agent, text := plainText(redactor, match[1], longest), strings.NewReplacer(`\"`, `"`, `\\`, `\`).Replace(match[2])
			c.warnings.add(backend.Warning{
				Summary: "Deprecation warning of Elasticsearch",
				Detail:  fmt.Sprintf("%s answered a request with a warning: %s", agent, plainText(redactor, text, longest)),
			})
		}
	}
}

// checkVersion warns if elasticsearch.version is not the version of the cluster.
func (c *Client) checkVersion(found rootResponse) {
	reported := found.Version.Number
	if found.Version.BuildFlavor == serverless {
		reported = serverless
	}
	if c.config.Version == "" || reported == "" || sameVersion(c.config.Version, reported) {
		return
	}
	c.warnings.add(backend.Warning{
		Summary: "elasticsearch.version is not the version of the cluster",
		Detail: fmt.Sprintf("elasticsearch.version is %q, but the cluster reports %s, so plans may rely on what the cluster cannot do. Remove the setting, or write %q.",
			c.config.Version, reported, reported),
	})
}

// sameVersion reports whether a reported version is the configured one, which may
// leave out the patch level.
func sameVersion(configured, reported string) bool {
	want, isVersion := parseVersion(configured)
	got, ok := parseVersion(reported)
	if !isVersion || !ok {
		return configured == reported || !ok && reported != serverless
	}
	parts := min(strings.Count(configured, ".")+1, len(want.Segments()))
	return slices.Equal(want.Segments()[:parts], got.Segments()[:parts])
}
