// SPDX-License-Identifier: MPL-2.0

package esrest

import (
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
)

// Media types of bodies.
const (
	MediaJSON   = "application/json"
	mediaVendor = "application/vnd.elasticsearch+json"
)

// mediaType is a parsed header.
type mediaType struct {
	name       string // type/subtype, in lower case
	parameters string // ;name=value of each, in lower case
	version    string // compatible-with
}

func (m *mediaType) isJSON() bool {
	return m != nil && (m.name == MediaJSON || m.name == mediaVendor)
}

var token = regexp.MustCompile("^[a-zA-Z0-9!#$%&'*+.^_`|~-]+$")

// Media checks the headers Accept and Content-Type of a request, and returns the
// media type of its answer. Refusals are answered as MediaJSON.
func Media(header http.Header, hasBody bool) (answer string, problem *Error) {
	accept, problem := parseMedia(header, "Accept")
	if problem != nil {
		return MediaJSON, problem
	}
	content, problem := parseMedia(header, "Content-Type")
	if problem != nil {
		return MediaJSON, problem
	}
	if problem := checkVersions(header, accept, content, hasBody); problem != nil {
		return MediaJSON, problem
	}
	// A response that Accept does not decide has the type of the request.
	answer = MediaJSON
	if content != nil && content.name == mediaVendor {
		answer = mediaVendor
	}
	switch {
	case accept.isJSON():
		answer = accept.name + accept.parameters
	case accept != nil:
		answer += accept.parameters
	}
	if hasBody && !content.isJSON() {
		return answer, &Error{Status: http.StatusNotAcceptable, Reason: "Content-Type header [" + header.Get("Content-Type") + "] is not supported"}
	}
	return answer, nil
}

// parseMedia returns nil for a header that is absent, a list or a wildcard.
func parseMedia(header http.Header, name string) (*mediaType, *Error) {
	values := header.Values(name)
	switch {
	case len(values) == 0:
		return nil, nil
	case len(values) > 1:
		return nil, mediaError(name, TypeIllegalArgument, "Incorrect header ["+name+"]. Only one value should be provided")
	case strings.TrimSpace(values[0]) == "":
		return nil, mediaError(name, TypeIllegalArgument, "Header ["+name+"] cannot be empty.")
	}
	value := values[0]
	if strings.Contains(value, ",") || strings.TrimSpace(value) == "*/*" {
		return nil, nil
	}
	elements := strings.Split(strings.ToLower(value), ";")
	kind, subtype, found := strings.Cut(strings.TrimSpace(elements[0]), "/")
	kind, subtype = strings.TrimSpace(kind), strings.TrimSpace(subtype)
	if !found || !token.MatchString(kind) || !token.MatchString(subtype) {
		return nil, mediaError(name, TypeIllegalArgument, "invalid media-type ["+value+"]")
	}
	media := &mediaType{name: kind + "/" + subtype}
	if media.name == "application/*" {
		media.name = MediaJSON
	}
	for _, element := range elements[1:] {
		element = strings.TrimSpace(element)
		if element == "" {
			continue
		}
		parameter, text, found := strings.Cut(element, "=")
		if !found || text == "" || strings.ContainsAny(text, "=") || strings.ContainsAny(element, " \t") {
			return nil, mediaError(name, TypeIllegalArgument, "invalid parameters for header ["+value+"]")
		}
		if parameter == "compatible-with" {
			if _, err := strconv.ParseInt(text, 10, 8); err != nil {
				// Elasticsearch closes the connection without an answer.
				return nil, mediaError(name, TypeNumberFormat, `For input string: "`+text+`"`)
			}
			media.version = text
			media.parameters = strings.Split(media.parameters, ";compatible-with=")[0]
		}
		media.parameters += ";" + parameter + "=" + text
	}
	return media, nil
}

func mediaError(headers, cause, reason string) *Error {
	return New(TypeMediaTypeHeader, "Invalid media-type value on headers [%s]", headers).WithCause(cause, reason)
}

// checkVersions requires a supported version in Accept and, if there is a body,
// the same one in both headers.
func checkVersions(header http.Header, accept, content *mediaType, hasBody bool) *Error {
	acceptVersion, acceptText := accept.describe(header, "Accept")
	contentVersion, contentText := content.describe(header, "Content-Type")
	unsupported := func(name string, version int, text string) *Error {
		return mediaError("Accept, Content-Type", TypeStatus,
			fmt.Sprintf("%s version must be either version 9 or 8, but found %d. %s=%s", name, version, name, text))
	}
	switch {
	case acceptVersion != 0 && acceptVersion != 8 && acceptVersion != 9:
		return unsupported("Accept", acceptVersion, acceptText)
	case !hasBody:
		return nil
	case contentVersion != 0 && contentVersion != 8 && contentVersion != 9:
		return unsupported("Content-Type", contentVersion, contentText)
	case acceptVersion == contentVersion:
		return nil
	}
	reason := "A compatible version is required on both Content-Type and Accept headers if either one has requested a compatible version"
	if acceptVersion == 8 || contentVersion == 8 {
		reason += " and the compatible versions must match"
	}
	return mediaError("Accept, Content-Type", TypeStatus, reason+". Accept="+acceptText+", Content-Type="+contentText)
}

// describe returns the version that a header asks for, 0 for none, and the
// header as errors show it.
func (m *mediaType) describe(header http.Header, name string) (version int, text string) {
	if m == nil {
		return 0, "null"
	}
	version, _ = strconv.Atoi(m.version)
	return version, header.Get(name)
}
