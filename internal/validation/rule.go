package validation

// Rule names a rule, for callers that have words of their own for what breaks
// it: Elasticsearch's _inference API has. Rules for which it has none have no
// name.
type Rule string

// The rules that Elasticsearch has as well.
const (
	// IDForm is how an inference id is written.
	IDForm Rule = "id_form"
	// AtLeast and AtMost are a number's bounds.
	AtLeast Rule = "at_least"
	AtMost  Rule = "at_most"
	// AboveZero is the bound of a whole number that 0 breaks.
	AboveZero Rule = "above_zero"
	// NotNegative is the bound of a whole number that 0 keeps.
	NotNegative Rule = "not_negative"
	// ZeroOrOne is the range of sentence_overlap.
	ZeroOrOne Rule = "zero_or_one"
	// OneOf is that a word is on its list.
	OneOf Rule = "one_of"
	// NotEmpty is that a text has a character.
	NotEmpty Rule = "not_empty"
	// KeyPair is that no key comes alone; the path is that of the missing one.
	KeyPair Rule = "key_pair"
	// TaskOfProvider, TopKOfProvider and TruncateOfProvider are what the models
	// of a provider can do.
	TaskOfProvider     Rule = "task_of_provider"
	TopKOfProvider     Rule = "top_k_of_provider"
	TruncateOfProvider Rule = "truncate_of_provider"
	// InputTypeOfTask is that only embeddings have an input type.
	InputTypeOfTask Rule = "input_type_of_task"
	// SettingOfStrategy is that a chunking setting is its strategy's.
	SettingOfStrategy Rule = "setting_of_strategy"
	// OneSeparatorSet and SomeSeparators are the rules of separators.
	OneSeparatorSet Rule = "one_separator_set"
	SomeSeparators  Rule = "some_separators"
)
