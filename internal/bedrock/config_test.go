// SPDX-License-Identifier: MPL-2.0

package bedrock

import (
	"strings"
	"testing"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/validation"
)

func TestValidate(t *testing.T) {
	t.Parallel()
	role := func(arn string) Config { return Config{AssumeRole: &AssumeRole{RoleARN: arn}} }
	for name, test := range map[string]struct {
		config Config
		at     validation.Path
		says   string
	}{
		"nothing":               {Config{}, "", ""},
		"a VPC endpoint":        {Config{Endpoint: "https://vpce-1.bedrock-runtime.us-east-1.vpce.amazonaws.com"}, "", ""},
		"a proxy with a path":   {Config{Endpoint: "http://localhost:8080/bedrock"}, "", ""},
		"no scheme":             {Config{Endpoint: "localhost:8080"}, pathEndpoint, "http:// or https://"},
		"a large port":          {Config{Endpoint: "https://localhost:65536"}, pathEndpoint, "not a number from 1 to 65535"},
		"port zero":             {Config{Endpoint: "http://localhost:0/bedrock"}, pathEndpoint, "not a number from 1 to 65535"},
		"a large byte":          {Config{Endpoint: "http://127.0.0.256:8080"}, pathEndpoint, "not an IPv4 address"},
		"no host":               {Config{Endpoint: "https://"}, pathEndpoint, "names no host"},
		"temporary keys":        {Config{AccessKey: "a", SecretKey: "s", SessionToken: "t"}, "", ""},
		"half a pair":           {Config{AccessKey: "a", SessionToken: "t"}, "", ""},
		"a token alone":         {Config{SessionToken: "t0ken"}, pathSessionToken, "Write the two keys"},
		"a role":                {role("arn:aws:iam::123456789012:role/r"), "", ""},
		"a role in a path":      {role("arn:aws:iam::123456789012:role/team/a+b=c,d.e@f-g_h"), "", ""},
		"a role in China":       {role("arn:aws-cn:iam::123456789012:role/r"), "", ""},
		"a role of GovCloud":    {role("arn:aws-us-gov:iam::123456789012:role/r"), "", ""},
		"the name of a role":    {role("inference"), pathRoleARN, `"inference" does not have the format`},
		"a user":                {role("arn:aws:iam::123456789012:user/u"), pathRoleARN, "role/NAME"},
		"a session":             {role("arn:aws:sts::123456789012:assumed-role/r/s"), pathRoleARN, "role/NAME"},
		"a short account":       {role("arn:aws:iam::12345:role/r"), pathRoleARN, "12 digits"},
		"a role without a name": {role("arn:aws:iam::123456789012:role/"), pathRoleARN, "role/NAME"},
		"the end of a line":     {role("arn:aws:iam::123456789012:role/r\n"), pathRoleARN, "role/NAME"},
	} {
		found := test.config.Validate()
		switch {
		case test.at == "" && len(found) > 0:
			t.Errorf("%s: refused: %v", name, found)
		case test.at == "":
		case len(found) != 1 || found[0].Path != test.at || !strings.Contains(found[0].Detail, test.says):
			t.Errorf("%s: got %v, want %q at %s", name, found, test.says, test.at)
		case strings.Contains(found[0].Detail, "t0ken"):
			t.Errorf("%s: the message contains the token", name)
		}
	}
}
