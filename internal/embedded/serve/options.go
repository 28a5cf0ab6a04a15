// SPDX-License-Identifier: MPL-2.0

package serve

import (
	"cmp"
	"encoding/base64"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"strings"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/redact"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/validation"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/embedded"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/embedded/api"
)

// options are the settings of the command line, of the files that it names, and of
// the environment.
type options struct {
	listen      string
	file        string
	simulate    bool
	credentials api.Credentials
	tlsCert     string
	tlsKey      string
	passphrase  redact.Secret
}

const usage = `Serves the endpoints of the embedded target over Elasticsearch's _inference API.

usage: terraform-provider-inference serve [options]

`

func parse(args []string, out io.Writer) (options, error) {
	var parsed options
	var keyFile, basicFile string
	flags := flag.NewFlagSet("serve", flag.ContinueOnError)
	flags.SetOutput(io.Discard) // the caller reports the error
	flags.StringVar(&parsed.listen, "listen", "127.0.0.1:9200", "`address` to listen on; an address that other machines can reach requires credentials")
	flags.StringVar(&parsed.file, "db", cmp.Or(os.Getenv(embedded.VariablePath), embedded.DefaultPath), "`file` with the endpoints; default from INFERENCE_EMBEDDED_PATH")
	flags.BoolVar(&parsed.simulate, "simulate", false, "use a simulator instead of Amazon Bedrock; also set by INFERENCE_BEDROCK_SIMULATE")
	flags.StringVar(&keyFile, "api-key-file", "", "`file` with the API key that clients must send: the base64 encoding of id:key")
	flags.StringVar(&basicFile, "basic-auth-file", "", "`file` with user:password, which clients may send instead")
	flags.StringVar(&parsed.tlsCert, "tls-cert", "", "`file` with the certificate for HTTPS")
	flags.StringVar(&parsed.tlsKey, "tls-key", "", "`file` with the private key of the certificate")
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		_, _ = io.WriteString(out, usage)
		printOptions(out, flags)
		return parsed, err
	case err != nil:
		return parsed, optionError(err)
	case flags.NArg() > 0:
		return parsed, argumentError(flags.Arg(0))
	case parsed.file == "":
		return parsed, errors.New("--db is empty. Write the path of the file with the endpoints, or leave --db out")
	}
	for _, file := range []struct {
		option validation.Path
		path   string
	}{{"--db", parsed.file}, {"--api-key-file", keyFile}, {"--basic-auth-file", basicFile}, {"--tls-cert", parsed.tlsCert}, {"--tls-key", parsed.tlsKey}} {
		if found := validation.FilePath(file.option, file.path); len(found) > 0 {
			return parsed, fmt.Errorf("%s: %s", file.option, found[0].Detail)
		}
	}
	if (parsed.tlsCert == "") != (parsed.tlsKey == "") {
		return parsed, fmt.Errorf("only one of --tls-cert and --tls-key is set. HTTPS requires both")
	}
	err := cmp.Or(parsed.readSimulate(), parsed.readKey(keyFile), parsed.readBasic(basicFile))
	if err != nil {
		return parsed, err
	}
	parsed.passphrase, err = embedded.Passphrase()
	return parsed, err
}

// printOptions writes the options with two dashes, as the documentation does.
func printOptions(out io.Writer, flags *flag.FlagSet) {
	flags.VisitAll(func(option *flag.Flag) {
		value, description := flag.UnquoteUsage(option)
		if option.DefValue != "" && option.DefValue != "false" {
			description += fmt.Sprintf(" (default %q)", option.DefValue)
		}
		_, _ = fmt.Fprintf(out, "  --%s\n    \t%s\n", strings.TrimSpace(option.Name+" "+value), description)
	})
}

// optionError adds to an error of package flag what to write instead, and writes
// options with two dashes.
func optionError(err error) error {
	text := err.Error()
	if name, ok := strings.CutPrefix(text, "flag provided but not defined: -"); ok {
		return fmt.Errorf("--%s is not an option of serve. Run serve --help for the list of options", name)
	}
	if name, ok := strings.CutPrefix(text, "flag needs an argument: -"); ok {
		return fmt.Errorf("--%s has no value. Write it after the option; serve --help describes it", name)
	}
	if strings.HasPrefix(text, "invalid boolean value") { // of the only option that is true or false
		return errors.New("--simulate is neither true nor false. Write --simulate, or leave it out")
	}
	return fmt.Errorf("%w. Write options as --name value; serve --help lists them", err)
}

// argumentError returns the error of an argument that belongs to no option.
func argumentError(argument string) error {
	instead := "Write options as --name value; serve --help lists them"
	if _, err := strconv.ParseBool(argument); err == nil {
		instead = "Write --simulate without a value, or leave it out"
	} else if _, _, err := net.SplitHostPort(argument); err == nil {
		instead = "Write --listen " + argument
	} else if strings.HasSuffix(argument, ".db") {
		instead = "Write --db " + argument
	}
	return fmt.Errorf("%q is not an option. %s", argument, instead)
}

func (o *options) readSimulate() error {
	const variable = "INFERENCE_BEDROCK_SIMULATE"
	text := os.Getenv(variable)
	if text == "" || o.simulate {
		return nil
	}
	var err error
	if o.simulate, err = strconv.ParseBool(text); err != nil {
		return fmt.Errorf("%s is %q. Write true or false, or unset it", variable, text)
	}
	return nil
}

// readKey requires the form of Elasticsearch's keys, because some clients decode
// them.
func (o *options) readKey(path string) error {
	text, err := readLine("--api-key-file", path)
	if err != nil || path == "" {
		return err
	}
	pair, err := base64.StdEncoding.DecodeString(text)
	if err != nil || !isPair(string(pair)) {
		return fmt.Errorf("--api-key-file: %s does not contain an API key, which is the base64 encoding of an id, a colon and a key. Create one with: printf 'laptop:%%s' \"$(openssl rand -hex 32)\" | base64 -w0", path)
	}
	o.credentials.APIKey = redact.Secret(text)
	return nil
}

func (o *options) readBasic(path string) error {
	text, err := readLine("--basic-auth-file", path)
	if err != nil || path == "" {
		return err
	}
	if !isPair(text) {
		return fmt.Errorf("--basic-auth-file: %s does not contain credentials. Write user:password", path)
	}
	user, password, _ := strings.Cut(text, ":")
	o.credentials.User, o.credentials.Password = user, redact.Secret(password)
	return nil
}

func isPair(text string) bool {
	name, secret, found := strings.Cut(text, ":")
	return found && name != "" && secret != ""
}

func readLine(option, path string) (string, error) {
	if path == "" {
		return "", nil
	}
	content, err := embedded.ReadPrivateFile(path)
	if err != nil {
		return "", fmt.Errorf("%s: %w", option, err)
	}
	text := strings.TrimSpace(string(content))
	if strings.ContainsAny(text, "\r\n") {
		return "", fmt.Errorf("%s: %s has several lines. Write one line", option, path)
	}
	return text, nil
}
