// Package segment finds word and sentence boundaries as ICU4J 77 does (Unicode
// 16): UAX 29 with ICU's own word rules, which leave Han, kana, Thai, Lao,
// Khmer and Burmese to dictionaries.
//
// Texts must be valid UTF-8. Offsets are bytes. Both walks take time linear in
// the text.
//
// tables.go is generated: "make generate" or "go generate" in this folder.
package segment

//go:generate go run ../gen
