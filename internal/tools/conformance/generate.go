// SPDX-License-Identifier: MPL-2.0

package main

import (
	"encoding/json"
	"math/rand/v2"
	"strings"
	"unicode"
)

func pick[T any](random *rand.Rand, from []T) T { return from[random.IntN(len(from))] }

// scripts are texts in scripts with rules of their own.
var scripts = []string{
	"The quick brown fox isn't here. It costs $3.14, e.g. in the U.S.A.! Really? ",
	"Mr. Smith (born 1950) wrote to a.b@example.com: \"See ice-box, m&s and C++.\" ",
	"今天天气很好，我们去公园散步吧。中华人民共和国的首都是北京。",
	"私は昨日東京タワーへ行きました。コンピューターのデータベース、ありがとう！",
	"오늘은 날씨가 좋습니다. 서울에서 만나요? 네.",
	"วันนี้อากาศดีมากเราไปเดินเล่นที่สวนสาธารณะกันเถอะ ประเทศไทยมีอาหารอร่อย",
	"ສະບາຍດີຂ້ອຍຊື່ວ່າລາວພາສາລາວເປັນພາສາທີ່ສວຍງາມ",
	"ខ្ញុំស្រឡាញ់ប្រទេសកម្ពុជាភាសាខ្មែរមានអក្សរច្រើន",
	"မြန်မာနိုင်ငံသည်အရှေ့တောင်အာရှတွင်ရှိသည်။ ကျွန်တော်ကျောင်းသွားသည်",
	"مرحبا بالعالم، كيف حالك اليوم؟ שלום עולם, מה שלומך? ",
	"नमस्ते दुनिया। आज मौसम अच्छा है। यह एक परीक्षण है।",
	"👩‍👩‍👧‍👦 🇩🇪🇫🇷 👍🏽 e\u0301 \u200d\u200b\u00ad ﷺ 𝒳𝟙 ½ Ⅷ _a_ __ 1_000 ",
	"# Title\n\nIntro text.\n\n## Section\nMore\ntext\n---\n\n* item one\n* item two\n\nSetext\n======\n",
	"func main() {\n\tfmt.Println(\"x\", a[i]) // 100%\n}\n\nint x = y->z;\r\n",
}

var words = strings.Fields("a I the word chunk sentence Elasticsearch 42 3.14 x-y isn't U.S. No. end. stop! why? etc 2026-11-27 http://example.com/a?b=c C++ café naïve Straße")

// randomText mixes words, texts of scripts, their characters and any others.
func randomText(random *rand.Rand, parts int) string {
	var text strings.Builder
	for range random.IntN(parts) {
		switch random.IntN(6) {
		case 0, 1:
			text.WriteString(pick(random, words) + pick(random, []string{" ", " ", " ", ". ", "\n", "\n\n", ""}))
		case 2:
			characters := []rune(pick(random, scripts))
			from := random.IntN(len(characters))
			text.WriteString(string(characters[from : from+random.IntN(len(characters)-from+1)]))
		case 3:
			characters := []rune(pick(random, scripts))
			for range random.IntN(8) {
				text.WriteRune(pick(random, characters))
			}
		case 4:
			text.WriteString(pick(random, []string{" ", "\n", "\t", ".", "...", "?!", "-", "'", "\u2028", "\u00a0", ",", ":", "()", "\r\n"}))
		case 5:
			text.WriteRune(randomCharacter(random))
		}
	}
	return text.String()
}

// randomCharacter returns an assigned character of any plane, from the first more
// often.
func randomCharacter(random *rand.Rand) rune {
	for {
		r := rune(random.IntN(0x3000))
		if random.IntN(3) == 0 {
			r = rune(random.IntN(0x20000))
		}
		if unicode.In(r, unicode.L, unicode.M, unicode.N, unicode.P, unicode.S, unicode.Z) {
			return r
		}
	}
}

func randomChunking(random *rand.Rand) row {
	return row{Settings: validSettings(random), Text: randomText(random, 120)}
}

func validSettings(random *rand.Rand) map[string]any {
	switch random.IntN(4) {
	case 0:
		size := 10 + random.IntN(40)
		return map[string]any{"strategy": "word", "max_chunk_size": size, "overlap": 1 + random.IntN(size/2)}
	case 1:
		return map[string]any{"strategy": "sentence", "max_chunk_size": 20 + random.IntN(40), "sentence_overlap": random.IntN(2)}
	case 2:
		return map[string]any{"strategy": "recursive", "max_chunk_size": 10 + random.IntN(40), "separator_group": pick(random, []string{"plaintext", "markdown"})}
	}
	separators := make([]string, 1+random.IntN(3))
	for i := range separators {
		separators[i] = pick(random, []string{"\n\n", "\n", "(?<!\\n)\\n(?!\\n)", "[.!?]\\s", "\\n(?=#)", "。", "\\s+", ", ", "\\b", "^", "$", "(?i)the"})
	}
	return map[string]any{"strategy": "recursive", "max_chunk_size": 10 + random.IntN(30), "separators": separators}
}

// regexAtoms are parts of regular expressions; not every sequence of them is valid.
var regexAtoms = []string{
	"a", "b", "x", " ", "\\n", ".", "\\.", "[ab]", "[^a]", "[a-c&&[^b]]", "[\\w&&\\D]", "\\d", "\\D", "\\s", "\\S", "\\w", "\\W", "\\h", "\\v", "\\R",
	"\\b", "\\B", "^", "$", "\\A", "\\z", "\\Z", "\\G", "\\X", "\\b{g}", "\\Qa.b\\E", "\\t", "\\x61", "\\u0062", "\\x{63}", "\\0141", "\\cA", "\\e",
	"\\p{L}", "\\p{Lu}", "\\P{N}", "\\p{Alpha}", "\\p{Punct}", "\\p{IsLatin}", "\\p{IsHan}", "\\p{script=Greek}", "\\p{InCyrillic}", "\\p{javaLowerCase}",
	"\\p{IsAlphabetic}", "\\p{IsEmoji}", "\\p{sc=Thai}", "\\p{blk=Arrows}", "\\p{general_category=Nd}", "[\\p{L}&&[^a]]",
	"(?i)A", "(?s).", "(?m)^", "(?x) a b", "(?u)É", "(?d)$", "(?-i)a", "(?U)\\w",
}

func randomSeparator(random *rand.Rand) row {
	const size = 10
	return row{
		Settings: map[string]any{"strategy": "recursive", "max_chunk_size": size, "separators": []string{randomRegex(random, 2)}},
		Text:     randomRegexText(random),
	}
}

func randomRegex(random *rand.Rand, depth int) string {
	var regex strings.Builder
	for range 1 + random.IntN(3) {
		atom := pick(random, regexAtoms)
		if depth > 0 && random.IntN(4) == 0 {
			atom = pick(random, []string{"(", "(?:", "(?=", "(?!", "(?<=", "(?<!", "(?>", "(?i:", "(?<n>"}) + randomRegex(random, depth-1) + ")"
		}
		regex.WriteString(atom)
		if random.IntN(3) == 0 {
			regex.WriteString(pick(random, []string{"*", "+", "?", "*?", "+?", "??", "*+", "++", "?+", "{2}", "{1,2}", "{1,}", "{0,2}?", "{1,2}+"}))
		}
		if random.IntN(10) == 0 {
			regex.WriteString(pick(random, []string{"|", "\\1", "(", ")", "[", "]", "{", "\\", "\\k<n>"}))
		}
	}
	return regex.String()
}

func randomRegexText(random *rand.Rand) string {
	var text strings.Builder
	for range 12 + random.IntN(30) {
		text.WriteString(pick(random, []string{"a", "b", "c", "ab", "a.b", "x", "A", "É", "é", "1", "_", "-", ".", "Ω", "Я", "中", "ก", "😀", "→", "\t"}))
		text.WriteString(pick(random, []string{" ", " ", " ", "\n", "\r\n", "\u0085", "\u00a0", ""}))
	}
	return text.String()
}

// randomSettings returns settings of which any may be missing, foreign or wrong.
func randomSettings(random *rand.Rand) row {
	settings := validSettings(random)
	values := []any{0, 1, 2, 5, 9, 10, 19, 20, 21, 125, 126, 250, 300, 301, -1, 1.5, "10", "x", true, []string{}, []string{"a"}, nil}
	for range random.IntN(3) {
		name := pick(random, []string{"strategy", "max_chunk_size", "overlap", "sentence_overlap", "separators", "separator_group", "unknown"})
		switch {
		case random.IntN(3) == 0:
			delete(settings, name)
		case name == "strategy":
			settings[name] = pick(random, []string{"word", "sentence", "recursive", "none", "Word", "foo", ""})
		case name == "separator_group":
			settings[name] = pick(random, []string{"plaintext", "markdown", "foo"})
		default:
			settings[name] = pick(random, values)
		}
	}
	return row{Settings: settings}
}

func randomFilterPath(random *rand.Rand) row {
	var paths []string
	for range 1 + random.IntN(3) {
		var names []string
		for range 1 + random.IntN(4) {
			names = append(names, pick(random, []string{"a", "b", "c", "ab", "*", "**", "a*", "*b", "a*b", "", `a\.b`, "x"}))
		}
		paths = append(paths, pick(random, []string{"", "", "", "-", " "})+strings.Join(names, "."))
	}
	body, err := json.Marshal(randomObject(random, 4))
	if err != nil {
		panic(err)
	}
	return row{FilterPath: strings.Join(paths, ","), Body: string(body)}
}

func randomObject(random *rand.Rand, depth int) map[string]any {
	object := map[string]any{}
	for range random.IntN(4) {
		object[pick(random, []string{"a", "b", "c", "ab", "aab", "a.b", "x"})] = randomValue(random, depth-1)
	}
	return object
}

func randomValue(random *rand.Rand, depth int) any {
	switch kind := random.IntN(6); {
	case depth > 0 && kind < 2:
		return randomObject(random, depth)
	case depth > 0 && kind == 2:
		items := []any{}
		for range random.IntN(3) {
			items = append(items, randomValue(random, depth-1))
		}
		return items
	}
	return pick(random, []any{1, 2.5, "text", true, nil})
}

// randomBody returns a JSON object after some random edits.
func randomBody(random *rand.Rand) row {
	body, err := json.Marshal(randomObject(random, 3))
	if err != nil {
		panic(err)
	}
	for range random.IntN(3) {
		at := random.IntN(len(body) + 1)
		insert := pick(random, []string{
			" ", "\n", "\t", "\u00a0", ",", ":", "}", "{", "[", "]", "\"", "\\", "\\u00e9", "\\ud83d", "1", "01", "-", "-0", "1e3", "1.", ".5", "1E-5", "+1", "NaN",
			"null", "true", "tru", "/**/", "//x\n", "#", "'a'", "\ufeff", "\x00", "\x01", "é", "\xff", "{}", ",,",
		})
		switch random.IntN(3) {
		case 0:
			body = append(body[:at:at], append([]byte(insert), body[at:]...)...)
		case 1:
			if at < len(body) {
				body = append(body[:at:at], body[at+1:]...)
			}
		case 2:
			if at < len(body) {
				body = append(body[:at:at], append([]byte(insert), body[at+1:]...)...)
			}
		}
	}
	return row{Body: body}
}

// randomChat returns the body of a chat of which any part may be missing, foreign or
// of another type.
func randomChat(random *rand.Rand) row {
	odd := func(usual any) any {
		if random.IntN(12) == 0 {
			return pick(random, []any{nil, 1, -1, 1.5, 1e30, "", "x", true, []any{}, []any{"x"}, map[string]any{}, map[string]any{"a": 1}})
		}
		return usual
	}
	part := func() any {
		return odd(map[string]any{"type": odd("text"), "text": odd("hi")})
	}
	call := func() any {
		return odd(map[string]any{"id": odd("1"), "type": odd("function"), "function": odd(map[string]any{"name": odd("f"), "arguments": odd("{}")})})
	}
	messages := []any{}
	for range 1 + random.IntN(2) {
		message := map[string]any{"role": odd(pick(random, []string{"user", "assistant", "system", "tool"})), "content": odd(pick(random, []any{"hi", []any{part()}, nil}))}
		if random.IntN(3) == 0 {
			message["tool_calls"] = odd([]any{call()})
		}
		if random.IntN(3) == 0 {
			message[pick(random, []string{"tool_call_id", "name", "unknown", "reasoning"})] = odd("x")
		}
		messages = append(messages, odd(message))
	}
	body := map[string]any{"messages": odd(messages)}
	for range random.IntN(4) {
		switch name := pick(random, []string{"temperature", "top_p", "max_completion_tokens", "stop", "model", "tool_choice", "tools", "unknown", "messages"}); name {
		case "temperature", "top_p":
			body[name] = odd(0.5)
		case "max_completion_tokens":
			body[name] = odd(10)
		case "stop":
			body[name] = odd([]any{"x"})
		case "tool_choice":
			body[name] = odd(pick(random, []any{"auto", map[string]any{"type": odd("function"), "function": odd(map[string]any{"name": odd("f")})}}))
		case "tools":
			body[name] = odd([]any{odd(map[string]any{"type": odd("function"), "function": odd(map[string]any{"name": odd("f"), "description": odd("d"), "parameters": odd(map[string]any{}), "strict": odd(true)})})})
		case "messages":
			delete(body, name)
		default:
			body[name] = odd("x")
		}
	}
	encoded, err := json.Marshal(body)
	if err != nil {
		panic(err)
	}
	return row{Body: string(encoded)}
}

func randomTime(random *rand.Rand) row {
	number := pick(random, []string{"0", "1", "-1", "-2", "10", "1.5", "007", "+3", "9223372036854775807", "99999999999999999999", "", "x", "1_0", "٣", " 5", "-0"})
	unit := pick(random, []string{"ms", "s", "m", "h", "d", "micros", "nanos", "", "S", "M", "MS", "H", "w", "min", "sec", " s", "s ", "\ts"})
	return row{Time: pick(random, []string{"", "", "", " "}) + number + unit}
}

func randomMedia(random *rand.Rand) row {
	media := func() string {
		value := pick(random, []string{
			"application/json", "Application/JSON", "application/vnd.elasticsearch+json", "*/*", "text/plain", "text/html, */*", "application/*", "text/event-stream", "", "json", "a/b/c",
		})
		return value + pick(random, []string{
			"", "", "", ";compatible-with=9", ";compatible-with=8", "; compatible-with=7", ";compatible-with=10", ";compatible-with=x", ";charset=utf-8", "; charset=UTF-8", ";charset", ";q=0.5", ";",
		})
	}
	headers := map[string]string{}
	if random.IntN(4) > 0 {
		headers["Accept"] = media()
	}
	hasBody := random.IntN(2) == 0
	if hasBody && random.IntN(5) > 0 || random.IntN(6) == 0 {
		headers["Content-Type"] = media()
	}
	return row{Headers: headers, HasBody: hasBody}
}
