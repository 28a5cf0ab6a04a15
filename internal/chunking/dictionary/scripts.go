package dictionary

import (
	"sync"
	"unicode"
)

// The scripts with a dictionary of their own.
var (
	Thai    = Greedy{script: loadScript("thaidict", thaiTrait), minRun: 4}
	Lao     = Greedy{script: loadScript("laodict", laoTrait), minRun: 2}
	Khmer   = Greedy{script: loadScript("khmerdict", khmerTrait), minRun: 4}
	Burmese = Greedy{script: loadScript("burmesedict", burmeseTrait), minRun: 2}
)

// Traits of code points.
const (
	beginning  uint8 = 1 << iota // an unknown word may end before it
	noEnd                        // no unknown word may end with it
	mark                         // joins the word before it
	elision                      // joins the word before it
	repetition                   // joins the word before it
)

// script is the dictionary of a script with the traits of its code points. All
// of these take three bytes.
type script struct {
	trie   byteTrie
	ofCode [0x100]uint8
	ofRune func(rune) uint8
}

func loadScript(name string, trait func(rune) uint8) func() *script {
	return sync.OnceValue(func() *script {
		s := &script{trie: loadByteTrie(name), ofRune: trait}
		for code := range s.ofCode {
			s.ofCode[code] = s.ofRune(s.trie.shift+rune(code)) | markTrait(s.trie.shift+rune(code))
		}
		return s
	})
}

func (s *script) trait(r rune) uint8 {
	if code := r - s.trie.shift; code >= 0 && int(code) < len(s.ofCode) {
		return s.ofCode[code]
	}
	return s.ofRune(r) | markTrait(r)
}

func markTrait(r rune) uint8 {
	if unicode.Is(unicode.M, r) {
		return mark
	}
	return 0
}

func thaiTrait(r rune) uint8 {
	switch {
	case r >= 0x0E01 && r <= 0x0E2E:
		return beginning
	case r >= 0x0E40 && r <= 0x0E44: // vowels written before their consonant
		return beginning | noEnd
	case r == 0x0E31:
		return noEnd
	case r == 0x0E2F:
		return elision
	case r == 0x0E46:
		return repetition
	}
	return 0
}

func laoTrait(r rune) uint8 {
	switch {
	case r >= 0x0E81 && r <= 0x0EAE, r == 0x0EDC, r == 0x0EDD:
		return beginning
	case r >= 0x0EC0 && r <= 0x0EC4: // vowels written before their consonant
		return beginning | noEnd
	}
	return 0
}

func khmerTrait(r rune) uint8 {
	switch {
	case r >= 0x1780 && r <= 0x17B3:
		return beginning
	case r == 0x17D2: // joins consonants
		return noEnd
	}
	return 0
}

func burmeseTrait(r rune) uint8 {
	if r >= 0x1000 && r <= 0x102A {
		return beginning
	}
	return 0
}
