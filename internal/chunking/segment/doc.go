// SPDX-License-Identifier: MPL-2.0

// Package segment finds word and sentence boundaries as ICU4J 77 does (Unicode
// 16): by UAX 29 with ICU's own word rules, and by dictionaries in Han, kana, Thai,
// Lao, Khmer and Burmese.
//
// Texts must be valid UTF-8. Offsets count bytes. Both iterators take time linear
// in the length of the text.
//
// tables.go is generated: "make generate" or "go generate" in this folder.
package segment

//go:generate go run ../gen
