// SPDX-License-Identifier: MPL-2.0

package inference

import (
	"encoding/base64"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
)

// imageFormats and documentFormats are those of Converse (API reference: ImageBlock,
// DocumentBlock).
var (
	imageFormats    = []string{"png", "jpeg", "gif", "webp"}
	documentFormats = []string{"pdf", "csv", "doc", "docx", "xls", "xlsx", "html", "txt", "md"}
)

// IsImage reports whether the part is an image.
func (p ChatPart) IsImage() bool { return p.URL != "" && p.Filename == "" }

// IsFile reports whether the part is a file.
func (p ChatPart) IsFile() bool { return p.Filename != "" }

// Data returns the format and the content of an image or file. It returns an error
// if Amazon Bedrock cannot use it.
func (p ChatPart) Data() (format string, content []byte, err error) {
	scheme, encoded, found := strings.Cut(p.URL, ";base64,")
	media, isData := strings.CutPrefix(scheme, "data:")
	if !isData || !found {
		return "", nil, errors.New("Amazon Bedrock does not download images and files. Send the content as a data URL: data:TYPE;base64,CONTENT") //nolint:staticcheck // begins a message
	}
	if content, err = base64.StdEncoding.DecodeString(encoded); err != nil {
		return "", nil, fmt.Errorf("the content is not base64: %w", err)
	}
	formats := imageFormats
	format = strings.TrimPrefix(media, "image/")
	if p.IsFile() {
		formats = documentFormats
		format = strings.ToLower(strings.TrimPrefix(path.Ext(p.Filename), "."))
	}
	if !slices.Contains(formats, format) {
		return "", nil, fmt.Errorf("%q is not a format that Amazon Bedrock accepts. Send %s", format, oneOf(formats))
	}
	return format, content, nil
}
