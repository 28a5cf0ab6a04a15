// SPDX-License-Identifier: MPL-2.0

package validation

import (
	"strings"
	"testing"
)

func TestNearest(t *testing.T) {
	t.Parallel()
	choices := []string{"cosine", "dot_product", "l2_norm", "us-east-1"}
	for value, want := range map[string]string{
		"Cosine": "cosine", " cosine": "cosine", "cosine\n": "cosine", "c\u043esine": "cosine", "co\u200bsine": "cosine",
		"cosin": "cosine", "ocsine": "cosine", "cosinne": "cosine", "dotproduct": "dot_product", "dot-product": "dot_product", "12_norm": "l2_norm",
		"us\u2011east\u20111": "us-east-1", "us-east-1 ": "us-east-1",
		"": "", " ": "", "x": "", "euclidean": "", "product": "", "cos": "",
	} {
		got, ok := Nearest(value, choices)
		if got != want || ok != (want != "") {
			t.Errorf("%q: got %q, %t, want %q", value, got, ok, want)
		}
	}
}

// TestSuggestSaysWhy checks that a suggestion names the difference that a reader
// cannot see.
func TestSuggestSaysWhy(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{
		"COSINE": "Upper and lower case", "\tcosine": "blanks around", "Cosine\t": "blanks around", "c\u043esine": "look alike", "cosin": `Did you mean "cosine"?`,
	} {
		if got := Suggest(value, []string{"cosine"}); !strings.Contains(got, want) || !strings.Contains(got, `"cosine"`) {
			t.Errorf("%q: got %q, want %q", value, got, want)
		}
	}
	if got := Suggest("euclidean", []string{"cosine"}); got != "" {
		t.Errorf("got %q for a value that is like none", got)
	}
}

func TestQuote(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{
		"a": `"a"`, "": `""`, "\u0430": `"а"`, "a\nb": `"a\nb"`,
		"grüße": `"grüße"`, "模型": `"模型"`, "модель": `"модель"`, "mоdel": `"m\u043edel"`, "а/b": `"\u0430/b"`,
		"a\u202eb": `"a\u202eb"`, "a\u200b": `"a\u200b"`, "a\u00a0": `"a\u00a0"`, "\x1b[31m": `"\x1b[31m"`, "\xff": `"\xff"`,
	} {
		if got := Quote(value); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	if got := Quote(strings.Repeat("x", 5000)); len(got) > 200 || !strings.Contains(got, "5000 characters") {
		t.Errorf("got %s", got)
	}
}
