package openapi_test

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTheDocumentIsWellFormed(t *testing.T) {
	t.Parallel()
	structure, err := jsonschema.NewCompiler().Compile("testdata/structure.json")
	require.NoError(t, err)
	require.NoError(t, structure.Validate(load(t).root))
}

// A parameter of the path is declared once, and the path has a place for it.
func TestPathsDeclareTheirParameters(t *testing.T) {
	t.Parallel()
	d := load(t)
	for path := range members(d.at("/paths")) {
		var declared []string
		references, _ := d.at(pointTo("paths", path, "parameters")).([]any)
		for _, reference := range references {
			parameter := d.at(strings.TrimPrefix(members(reference)["$ref"].(string), "#"))
			require.Equal(t, "path", members(parameter)["in"], path)
			declared = append(declared, "{"+members(parameter)["name"].(string)+"}")
		}
		require.Equal(t, placeholder.FindAllString(path, -1), declared, path)
	}
}

func TestOperationsNameWhatExists(t *testing.T) {
	t.Parallel()
	d := load(t)
	require.Len(t, slices.Compact(d.ids()), len(d.operations), "an operationId is there twice")
	var tags, used []string
	for _, tag := range elements(d.at("/tags")) {
		tags = append(tags, members(tag)["name"].(string))
	}
	for _, o := range d.operations {
		pointer := pointTo("paths", o.path, strings.ToLower(o.method))
		used = append(used, elements(d.at(pointer + "/tags"))[0].(string))
		assert.Equal(t, family(o), scheme(d, pointer), o.id)
		for _, reference := range elements(d.at(pointer + "/parameters")) {
			parameter := d.at(strings.TrimPrefix(members(reference)["$ref"].(string), "#"))
			assert.Equal(t, "query", members(parameter)["in"], o.id)
		}
	}
	slices.Sort(tags)
	slices.Sort(used)
	require.Equal(t, tags, slices.Compact(used))
}

// scheme is what opens an operation, empty for nothing.
func scheme(d *document, pointer string) string {
	for _, alternative := range elements(d.at(pointer + "/security")) {
		for name := range members(alternative) {
			if d.at(pointTo("components", "securitySchemes", name)) != nil {
				return name
			}
		}
	}
	return ""
}

// family is the scheme that the operation's path asks for.
func family(o *operation) string {
	switch {
	case o.id == "portal.session.exchange":
		return ""
	case strings.HasPrefix(o.path, "/management/"):
		return "managementToken"
	case strings.HasPrefix(o.path, "/api/ingest/"):
		return "apiKey"
	}
	return "portalSessionToken"
}

// Clients that are made of the document meet no status that they do not know.
func TestOperationsListWhatTheyCanAnswer(t *testing.T) {
	t.Parallel()
	for _, o := range load(t).operations {
		want := []int{403, 429, 500}
		if !o.public {
			want = append(want, 401)
		}
		if o.request != nil {
			want = append(want, 400, 413, 415)
		}
		if strings.HasPrefix(o.path, "/management/") || strings.Contains(o.path, "{endpoint}") {
			want = append(want, 404)
		}
		require.Subset(t, o.statuses(), want, o.id)
		require.True(t, slices.ContainsFunc(o.statuses(), success), o.id)
		for status, answer := range o.answers {
			require.Equal(t, status == 204, answer.body == nil, "%s %d", o.id, status)
			require.Equal(t, success(status), len(answer.codes) == 0, "%s %d", o.id, status)
		}
	}
}

// What the document gives as examples and defaults obeys its own schemas.
func TestExamplesAndDefaultsAreValid(t *testing.T) {
	t.Parallel()
	d := load(t)
	checked := 0
	walk(d.at("/components"), "/components", func(pointer string, object map[string]any) {
		values := elements(object["examples"])
		if value, ok := object["default"]; ok && object["type"] != nil {
			values = append(slices.Clone(values), value)
		}
		for _, value := range values {
			checked++
			require.NoError(t, d.schema(t, pointer).Validate(value), pointer)
		}
	})
	require.Positive(t, checked)
}

func walk(value any, pointer string, visit func(string, map[string]any)) {
	if object := members(value); object != nil {
		visit(pointer, object)
		for _, name := range slices.Sorted(maps.Keys(object)) {
			walk(object[name], pointer+pointTo(name), visit)
		}
	}
	for i, element := range elements(value) {
		walk(element, pointer+"/"+strconv.Itoa(i), visit)
	}
}
