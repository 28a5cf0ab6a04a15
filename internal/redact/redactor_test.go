// SPDX-License-Identifier: MPL-2.0

package redact_test

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/redact"
)

// encodings are forms in which a server may repeat a secret. Each is a function
// of the secret and a source of random choices.
var encodings = map[string]func(string, *rand.Rand) string{
	"clear":         func(s string, _ *rand.Rand) string { return s },
	"JSON":          func(s string, _ *rand.Rand) string { return jsonEscapes(s) },
	"JSON slashes":  func(s string, _ *rand.Rand) string { return strings.NewReplacer(`\`, `\\`, "/", `\/`).Replace(s) },
	"JSON unicode":  unicodeEscapes,
	"query":         func(s string, _ *rand.Rand) string { return url.QueryEscape(s) },
	"path":          func(s string, _ *rand.Rand) string { return url.PathEscape(s) },
	"percent":       func(s string, r *rand.Rand) string { return percent(s, r, 1) },
	"some percent":  func(s string, r *rand.Rand) string { return percent(s, r, 3) },
	"HTML":          func(s string, _ *rand.Rand) string { return html.EscapeString(s) },
	"HTML numbers":  entities,
	"base64":        func(s string, r *rand.Rand) string { return inBase64(base64.StdEncoding, s, r) },
	"raw base64":    func(s string, r *rand.Rand) string { return inBase64(base64.RawStdEncoding, s, r) },
	"URL base64":    func(s string, r *rand.Rand) string { return inBase64(base64.URLEncoding, s, r) },
	"hex":           func(s string, _ *rand.Rand) string { return hex.EncodeToString([]byte(s)) },
	"uppercase hex": func(s string, _ *rand.Rand) string { return strings.ToUpper(hex.EncodeToString([]byte(s))) },
}

// escapes are the encodings that can be applied to a secret that is encoded already.
var escapes = []string{"clear", "JSON", "JSON slashes", "JSON unicode", "query", "percent", "some percent", "HTML", "HTML numbers"}

func jsonEscapes(s string) string {
	quoted, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return string(quoted[1 : len(quoted)-1])
}

func unicodeEscapes(s string, r *rand.Rand) string {
	var out strings.Builder
	for _, c := range s {
		switch {
		case c > 0xffff:
			out.WriteString(strings.Trim(fmt.Sprintf("%+q", c), "'"))
		case r.IntN(2) == 0:
			fmt.Fprintf(&out, `\u%04x`, c)
		default:
			fmt.Fprintf(&out, `\u%04X`, c)
		}
	}
	return strings.ReplaceAll(out.String(), `\U0001f511`, `\ud83d\udd11`)
}

func percent(s string, r *rand.Rand, oneIn int) string {
	var out strings.Builder
	for i := range len(s) {
		c := s[i]
		switch {
		case r.IntN(oneIn) > 0 && c != '%' && c < 0x80:
			out.WriteByte(c)
		case r.IntN(2) == 0:
			fmt.Fprintf(&out, "%%%02x", c)
		default:
			fmt.Fprintf(&out, "%%%02X", c)
		}
	}
	return out.String()
}

func entities(s string, r *rand.Rand) string {
	var out strings.Builder
	for _, c := range s {
		if r.IntN(2) == 0 {
			fmt.Fprintf(&out, "&#%d;", c)
		} else {
			fmt.Fprintf(&out, "&#x%x;", c)
		}
	}
	return out.String()
}

// inBase64 encodes the secret with up to five random bytes on either side.
func inBase64(encoding *base64.Encoding, s string, r *rand.Rand) string {
	around := func() string { return strings.Repeat("u", r.IntN(6)) }
	return encoding.EncodeToString([]byte(around() + s + around()))
}

const alphabet = `abcXYZ0189/+=_-.~!%&"'<>\ :;ключ🔑@#`

func randomSecret(r *rand.Rand) string {
	characters := []rune(alphabet)
	secret := make([]rune, 8+r.IntN(33))
	for i := range secret {
		secret[i] = characters[r.IntN(len(characters))]
	}
	return string(secret)
}

// TestRandomSecrets looks for secrets in every encoding, escaped once more by
// another one, at random places of a text.
func TestRandomSecrets(t *testing.T) {
	t.Parallel()
	const rounds = 40
	random := rand.New(rand.NewPCG(1, 2))
	forms := 0
	for name, encode := range encodings {
		for _, outer := range escapes {
			for range rounds {
				secret := randomSecret(random)
				form := encodings[outer](encode(secret, random), random)
				before, after := `{"reason":"no such key (`, `)","status":403}`
				clean := redact.New("another-secret", redact.Secret(secret)).Clean(before + form + after)
				if !strings.HasPrefix(clean, before) || !strings.HasSuffix(clean, after) || strings.Contains(clean, form) || !strings.Contains(clean, "(sensitive value)") {
					t.Errorf("%s in %s: %q as %q is left in %q", name, outer, secret, form, clean)
				}
				forms++
			}
		}
	}
	t.Logf("counted: %d random forms of secrets, each redacted", forms)
}

func TestClean(t *testing.T) {
	t.Parallel()
	redactor := redact.New("s3cr3t/key", "1", "").With("another one")
	for text, want := range map[string]string{
		"":                            "",
		"answered 401":                "answered 401",
		"a s3cr3t/key b":              "a (sensitive value) b",
		"s3cr3t/keys3cr3t/key":        "(sensitive value)(sensitive value)",
		"two: s3cr3t/key, s3cr3t/key": "two: (sensitive value), (sensitive value)",
		`s3cr3t\/key`:                 "(sensitive value)",
		`s3cr3t\u002Fkey`:             "(sensitive value)",
		"s3cr3t%2fkey":                "(sensitive value)",
		"s3cr3t%252Fkey":              "(sensitive value)",
		"s3cr3t&#47;key":              "(sensitive value)",
		"q=another+one":               "q=(sensitive value)",
		"key: s3cr3t/k":               "key: (sensitive value)",
		"key: s3cr3":                  "key: s3cr3", // as likely a word
		"100% of %zz \\q &nosuch;":    "100% of %zz \\q &nosuch;",
		"red \x1b[31mtext\x1b[0m":     `red \x1b[31mtext\x1b[0m`,
		"bell\a\r\u202eevil":          `bell\x07\x0d\u202eevil`,
		"zero\u200bwidth\u2028":       `zero\u200bwidth\u2028`,
		"\xff\xfe bytes":              `\xff\xfe bytes`,
		"two\nlines\tand a tab é 漢":   "two\nlines\tand a tab é 漢",
	} {
		if got := redactor.Clean(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
	if got := redactor.Clean(strings.Repeat("x", 1<<20)); len(got) > 70_000 {
		t.Errorf("a long text: got %d bytes", len(got))
	}
	if got := (redact.Redactor{}).Clean("text"); got != "text" {
		t.Errorf("no secrets: got %q", got)
	}
}

func TestAddressSecrets(t *testing.T) {
	t.Parallel()
	const password = "pa55word"
	for _, address := range []string{
		"http://user:pa55word@proxy:8080", "user:pa55word@proxy:8080", "http:/user:pa55word@proxy", "http://user:p%6155word@proxy", "//user:pa55word@proxy",
	} {
		redactor := redact.New(redact.AddressSecrets(address)...)
		for _, text := range []string{password, "user:" + password, base64.StdEncoding.EncodeToString([]byte("user:" + password)), "invalid proxy address " + address} {
			clean := redactor.Clean(text)
			if strings.Contains(clean, password) || strings.Contains(clean, "p%6155word") || clean == text {
				t.Errorf("%s: %q is left of %q", address, clean, text)
			}
		}
	}
	for _, address := range []string{"", "http://proxy:8080", "proxy"} {
		if secrets := redact.AddressSecrets(address); len(secrets) > 0 {
			t.Errorf("%s: got %d secrets", address, len(secrets))
		}
	}
}

func TestProxySecrets(t *testing.T) {
	t.Setenv("https_proxy", "http://user:pa55word@proxy:8080")
	if got := redact.New(redact.ProxySecrets()...).Clean("proxyconnect: pa55word"); got != "proxyconnect: (sensitive value)" {
		t.Errorf("got %q", got)
	}
}

// FuzzClean checks that no text and no secret makes Clean fail, and that the
// secret itself is never left.
func FuzzClean(f *testing.F) {
	const placeholder = "(sensitive value)"
	f.Add("s3cr3t/key", `a s3cr3t%2Fkey \u0073 &#115; czNjcjN0L2tleQ==`)
	f.Add("%41%", "%2541%25")
	f.Add("((((", "((((((((")
	f.Fuzz(func(t *testing.T, secret, text string) {
		if redact.Printable(text) != text || len(secret) < 4 || strings.Contains(placeholder, secret) {
			secret = "" // escapes and the placeholder may contain the secret
		}
		clean := redact.New(redact.Secret(secret)).Clean(text)
		if secret != "" && slices.ContainsFunc(strings.Split(clean, placeholder), func(part string) bool { return strings.Contains(part, secret) }) {
			t.Errorf("%q is left in %q", secret, clean)
		}
	})
}

func BenchmarkClean(b *testing.B) {
	redactor := redact.New("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "elastic:changeme", "changeme")
	text := strings.Repeat(`{"type":"status_exception","reason":"Could not \"call\" https:\/\/bedrock.example.com?x=%2F"}`, 10)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		redactor.Clean(text)
	}
}
