// SPDX-License-Identifier: MPL-2.0

package main

import (
	"errors"
	"flag"
	"strings"
	"testing"
)

// TestArguments checks the errors for wrong arguments. Terraform passes none.
func TestArguments(t *testing.T) {
	for name, test := range map[string]struct {
		args []string
		want options
		says string
	}{
		"as a plugin":    {nil, options{}, ""},
		"debug":          {[]string{"-debug"}, options{debug: true}, ""},
		"version":        {[]string{"--version"}, options{version: true}, ""},
		"misspelled":     {[]string{"serv"}, options{}, `unknown subcommand "serv": the only subcommand is serve`},
		"serve too late": {[]string{"-debug", "serve"}, options{debug: true}, "has to be the first argument"},
		"no such option": {[]string{"-listen", ":1"}, options{}, "-listen; run with -help for the options"},
	} {
		var out strings.Builder
		got, err := parse(test.args, &out)
		if got != test.want || (err == nil) != (test.says == "") || (err != nil && !strings.Contains(err.Error(), test.says)) || out.Len() > 0 {
			t.Errorf("%s: %+v, %v, %q", name, got, err, out.String())
		}
	}
}

func TestHelp(t *testing.T) {
	var out strings.Builder
	if _, err := parse([]string{"-help"}, &out); !errors.Is(err, flag.ErrHelp) {
		t.Error(err)
	}
	for _, text := range []string{"terraform-provider-inference serve [options]", "-debug", "-version"} {
		if !strings.Contains(out.String(), text) {
			t.Errorf("%q is not in\n%s", text, out.String())
		}
	}
}
