// SPDX-License-Identifier: MPL-2.0

package chunking

import "strings"

// knownSeparators are searches for the separators of the groups that are regular
// expressions with look-around. They find the same matches several times faster.
var knownSeparators = map[string]func(starts []int, text string) []int{
	separatorGroups["plaintext"][0]: newlineRuns(2),
	separatorGroups["plaintext"][1]: newlineRuns(1),
	separatorGroups["markdown"][6]:  underlined('-'),
	separatorGroups["markdown"][7]:  underlined('='),
}

// newlineRuns returns a search for runs of exactly length line feeds.
func newlineRuns(length int) func(starts []int, text string) []int {
	return func(starts []int, text string) []int {
		for at := 0; ; {
			i := strings.IndexByte(text[at:], '\n')
			if i < 0 {
				return starts
			}
			start := at + i
			for at = start + 1; at < len(text) && text[at] == '\n'; {
				at++
			}
			if at-start == length {
				starts = append(starts, start)
			}
		}
	}
}

// underlined returns a search for the line feed before each title: a line that is
// not blank, followed by a line that consists of the given byte.
func underlined(line byte) func(starts []int, text string) []int {
	return func(starts []int, text string) []int {
		for at := 0; ; {
			i := strings.IndexByte(text[at:], '\n')
			if i < 0 {
				return starts
			}
			at += i + 1
			if end := underlineEnd(text, at, line); end > 0 {
				starts = append(starts, at-1)
				at = end
			}
		}
	}
}

// underlineEnd returns the offset after the underline of the title at text[at:], or
// 0 if there is no such title.
func underlineEnd(text string, at int, line byte) int {
	length := strings.IndexByte(text[at:], '\n')
	end := at + length + 1
	if length < 0 || end == len(text) || text[end] != line || !isTitle(text[at:end-1]) {
		return 0
	}
	for end < len(text) && text[end] == line {
		end++
	}
	if end == len(text) || text[end] != '\n' {
		return 0
	}
	return end + 1
}

// isTitle reports whether a line is not blank and contains none of Java's line
// terminators.
func isTitle(line string) bool {
	return strings.Trim(line, " \t\v\f") != "" && !strings.ContainsAny(line, "\r\u0085\u2028\u2029")
}
