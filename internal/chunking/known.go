package chunking

import "strings"

// knownSeparators search for what the regular expressions of the groups that
// need look-around match, without them and several times faster.
var knownSeparators = map[string]func(starts []int, text string) []int{
	separatorGroups["plaintext"][0]: newlineRuns(2),
	separatorGroups["plaintext"][1]: newlineRuns(1),
	separatorGroups["markdown"][6]:  underlined('-'),
	separatorGroups["markdown"][7]:  underlined('='),
}

// newlineRuns finds the runs of exactly so many line feeds.
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

// underlined finds the line feeds before titles in a line of their own, not
// blank, that a line of the given byte follows.
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

// underlineEnd is the offset after the underline of the title at text[at:], 0 if
// there is no such title.
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

// isTitle tells of what is not blank and holds none of Java's line terminators.
func isTitle(line string) bool {
	return strings.Trim(line, " \t\v\f") != "" && !strings.ContainsAny(line, "\r\u0085\u2028\u2029")
}
