package openapi_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"
)

// refuseMutants takes the answers that were found right and makes each wrong in
// every way: a member less, a member more, a member of another type. A document
// that lets one of them pass says less than it should.
func refuseMutants(t *testing.T, r *recorder) {
	t.Helper()
	tried := 0
	for ended, body := range r.samples {
		o := r.document.operations[slices.Index(r.document.ids(), ended.operation)]
		schema := o.answers[ended.status].body
		value, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
		require.NoError(t, err)
		mutate(value, "", func(path, how string) {
			tried++
			if schema.Validate(value) == nil {
				mutant, err := json.Marshal(value)
				require.NoError(t, err)
				t.Errorf("%v: %s %s is let pass: %s", ended, path, how, mutant)
			}
		})
		require.NoError(t, schema.Validate(value), "what was taken apart is not together again")
	}
	require.Greater(t, tried, 2000)
}

// mutate makes one change after the other, calls visit, and takes it back.
func mutate(value any, path string, visit func(path, how string)) {
	for _, element := range elements(value) {
		mutate(element, path, visit)
	}
	object := members(value)
	if object == nil || strings.HasSuffix(path, ".payload.data") { // which is the customer's own
		return
	}
	for name, member := range maps.Clone(object) {
		at := path + "." + name
		if !optional(at) {
			delete(object, name)
			visit(at, "left out")
		}
		object[name] = otherType(member)
		visit(at, "of another type")
		object[name] = member
		mutate(member, at, visit)
	}
	object["colour"] = map[string]any{} // which is no metadata either
	visit(path+".colour", "added")
	delete(object, "colour")
}

// optional tells whether an answer may be without a member.
func optional(path string) bool {
	return strings.HasSuffix(path, ".config.webhookUrl") || strings.HasSuffix(path, ".payload") || strings.Contains(path, ".metadata.")
}

func otherType(value any) any {
	if elements(value) != nil {
		return "text"
	}
	return []any{}
}

func elements(value any) []any {
	array, _ := value.([]any)
	return array
}
