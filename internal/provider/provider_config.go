package provider

import (
	"cmp"
	"os"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/validation"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/backend"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/bedrock"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/elasticsearch"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/embedded"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

type providerModel struct {
	Elasticsearch types.Object `tfsdk:"elasticsearch"`
	Embedded      types.Object `tfsdk:"embedded"`
	Bedrock       types.Object `tfsdk:"bedrock"`
}

// settings are what the blocks and their surroundings say.
type settings struct {
	bedrock         bedrock.Config
	onElasticsearch bool
	elasticsearch   elasticsearch.Config
	path            string // of the embedded target's file
}

// validate tells every fault that needs neither the environment nor files.
// Warnings are left to configure: Terraform validates more often than it
// configures, and would repeat them.
func (m providerModel) validate() diag.Diagnostics {
	_, diags := m.read(nil)
	return diags.Errors()
}

// read reads all blocks and finds their faults; without an environment, those
// that are there whatever it says.
func (m providerModel) read(environment func(string) string) (settings, diag.Diagnostics) {
	r := newReading(environment)
	if isSet(m.Elasticsearch) && isSet(m.Embedded) {
		r.refuse(path.Root("embedded"), "Two targets",
			"elasticsearch and embedded are both set, and endpoints live on one target. Keep one; for two targets, write two provider blocks with an alias.")
	}
	r.judge(keyFaults(m.Bedrock))
	var s settings
	s.bedrock = r.block("bedrock", m.Bedrock).bedrock()
	r.judge(s.bedrock.ValidateSoFar(r.opened()))
	if s.onElasticsearch = m.onElasticsearch(r); s.onElasticsearch {
		s.elasticsearch = r.block("elasticsearch", m.Elasticsearch).elasticsearch()
		r.judge(s.elasticsearch.ValidateSoFar(r.opened()))
	}
	s.path = r.block("embedded", m.Embedded).text("path", embedded.VariablePath)
	return s, r.diags
}

// keyFaults are those of the keys and the region, whose rules are an endpoint's.
func keyFaults(block types.Object) validation.Violations {
	w := writtenIn(block)
	keys := inference.ServiceConfig{AccessKey: w.secret("access_key"), SecretKey: w.secret("secret_key"), Region: w.text("region")}
	faults := inference.Config{ServiceSettings: keys}.Validate()
	for i, fault := range faults {
		faults[i].Path = "bedrock." + validation.Path(fault.Path.Name())
	}
	return faults
}

// configure makes the target and the runner; without a target where a setting
// that it needs is not known yet.
func (m providerModel) configure(version string) (*providerData, diag.Diagnostics) {
	if anyUnknown(m.Elasticsearch) || anyUnknown(m.Embedded) || anyUnknown(m.Bedrock) {
		return &providerData{assumed: m.assumed()}, m.validate()
	}
	s, diags := m.read(os.Getenv)
	if diags.HasError() {
		return &providerData{}, diags
	}
	made, err := s.connect(version)
	if err != nil {
		diags.Append(errorDiagnostics("Configuring the provider", err)...)
	}
	return made, diags
}

// assumed are the capabilities of the target that is likely meant, where some of
// its settings are not known yet.
func (m providerModel) assumed() backend.Capabilities {
	if m.Elasticsearch.IsUnknown() || m.onElasticsearch(newReading(os.Getenv)) {
		return elasticsearch.CapabilitiesOf(writtenIn(m.Elasticsearch).text("version").Or(""))
	}
	return embedded.Capabilities()
}

// connect makes the target and the runner, which do nothing before their first
// use.
func (s settings) connect(version string) (*providerData, error) {
	data := &providerData{runner: bedrock.New(s.bedrock)}
	if s.onElasticsearch {
		s.elasticsearch.UserAgent = "terraform-provider-inference/" + version
		client, err := elasticsearch.New(s.elasticsearch)
		if err != nil {
			return data, err
		}
		data.target = client
		return data, nil
	}
	passphrase, err := embedded.Passphrase()
	if err != nil {
		return data, err
	}
	data.target = backend.Target(embedded.New(cmp.Or(s.path, embedded.DefaultPath), data.runner, embedded.Sealed(passphrase)))
	return data, nil
}

func (m providerModel) onElasticsearch(r *reading) bool {
	if isSet(m.Elasticsearch) || isSet(m.Embedded) {
		return isSet(m.Elasticsearch)
	}
	return r.variable("ELASTICSEARCH_ENDPOINTS") != "" || r.variable("ELASTICSEARCH_URL") != ""
}

func isSet(block types.Object) bool { return !block.IsNull() && !block.IsUnknown() }

func anyUnknown(value attr.Value) bool {
	if value.IsUnknown() {
		return true
	}
	switch value := value.(type) {
	case types.Object:
		for _, inner := range value.Attributes() {
			if anyUnknown(inner) {
				return true
			}
		}
	case types.List:
		for _, inner := range value.Elements() {
			if anyUnknown(inner) {
				return true
			}
		}
	case types.Map:
		for _, inner := range value.Elements() {
			if anyUnknown(inner) {
				return true
			}
		}
	}
	return false
}
