// Package openapi_test holds what the server answers against the document that
// it serves at /openapi.json.
package openapi_test

import (
	"bytes"
	"io"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"

	"github.com/nahook/nahook-go/mockserver"
)

// document is what the server serves, with its schemas compiled.
type document struct {
	root       any
	compiler   *jsonschema.Compiler
	operations []*operation
}

type operation struct {
	id, method, path string
	public           bool               // needs no token
	request          *jsonschema.Schema // nil where it takes no body
	answers          map[int]*answer    // by status
}

type answer struct {
	body    *jsonschema.Schema // nil where there is none
	headers []documentedHeader
	codes   []string // that an error may have; none for a success
}

type documentedHeader struct {
	name     string
	required bool
	value    *jsonschema.Schema
}

// success tells whether the operation has done something.
func success(status int) bool { return status < 300 }

const location = "https://api.nahook.com/openapi.json"

// load fetches the document from a server of its own.
func load(t *testing.T) *document {
	t.Helper()
	res, err := mockserver.Start(t).HTTPClient().Get(location)
	require.NoError(t, err)
	defer res.Body.Close()
	require.Equal(t, http.StatusOK, res.StatusCode)
	body, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	root, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
	require.NoError(t, err)
	d := &document{root: root, compiler: jsonschema.NewCompiler()}
	d.compiler.DefaultDraft(jsonschema.Draft2020)
	d.compiler.AssertFormat()
	require.NoError(t, d.compiler.AddResource(location, root))
	for path, item := range members(d.at("/paths")) {
		for method := range members(item) {
			if method != "parameters" && method != "servers" {
				d.operations = append(d.operations, d.operation(t, method, path))
			}
		}
	}
	slices.SortFunc(d.operations, func(a, b *operation) int { return strings.Compare(a.id, b.id) })
	return d
}

func (d *document) operation(t *testing.T, method, path string) *operation {
	t.Helper()
	pointer := pointTo("paths", path, method)
	o := &operation{method: strings.ToUpper(method), path: path, answers: map[int]*answer{}}
	o.id, _ = d.at(pointer + "/operationId").(string)
	security, _ := d.at(pointer + "/security").([]any)
	o.public = len(security) == 0
	if d.at(pointer+"/requestBody") != nil {
		o.request = d.schema(t, pointer+"/requestBody"+asJSON)
	}
	for status := range members(d.at(pointer + "/responses")) {
		number, err := strconv.Atoi(status)
		require.NoError(t, err)
		o.answers[number] = d.answer(t, d.follow(pointer+"/responses/"+status))
	}
	return o
}

const asJSON = "/content/application~1json/schema"

func (d *document) answer(t *testing.T, pointer string) *answer {
	t.Helper()
	a := &answer{}
	if d.at(pointer+"/content") != nil {
		a.body = d.schema(t, pointer+asJSON)
	}
	codes, _ := d.at(pointer + asJSON + "/properties/error/properties/code/enum").([]any)
	for _, code := range codes {
		a.codes = append(a.codes, code.(string))
	}
	for name := range members(d.at(pointer + "/headers")) {
		header := d.follow(pointer + "/headers/" + name)
		required, _ := d.at(header + "/required").(bool)
		a.headers = append(a.headers, documentedHeader{name, required, d.schema(t, header+"/schema")})
	}
	return a
}

// schema compiles the schema at a JSON pointer, and checks it on the way.
func (d *document) schema(t *testing.T, pointer string) *jsonschema.Schema {
	t.Helper()
	schema, err := d.compiler.Compile(location + "#" + strings.NewReplacer("{", "%7B", "}", "%7D").Replace(pointer))
	require.NoError(t, err, pointer)
	return schema
}

// at gives what a JSON pointer leads to, nil if that is nothing.
func (d *document) at(pointer string) any {
	value := d.root
	for token := range strings.SplitSeq(strings.TrimPrefix(pointer, "/"), "/") {
		value = members(value)[strings.NewReplacer("~1", "/", "~0", "~").Replace(token)]
	}
	return value
}

// follow gives where a reference leads to, or the pointer itself if there is none
// at it.
func (d *document) follow(pointer string) string {
	if reference, ok := members(d.at(pointer))["$ref"].(string); ok {
		return strings.TrimPrefix(reference, "#")
	}
	return pointer
}

func pointTo(names ...string) string {
	pointer := ""
	for _, name := range names {
		pointer += "/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(name)
	}
	return pointer
}

func members(value any) map[string]any {
	object, _ := value.(map[string]any)
	return object
}

// placeholder is where a path has a value.
var placeholder = regexp.MustCompile(`\{[^/]*\}`)

// find gives the operation that a request is for, nil if there is none. A path
// without placeholders comes first.
func (d *document) find(method, path string) *operation {
	var found *operation
	for _, o := range d.operations {
		if o.method != method || !o.takes(path) {
			continue
		}
		if found == nil || len(placeholder.FindAllString(o.path, -1)) < len(placeholder.FindAllString(found.path, -1)) {
			found = o
		}
	}
	return found
}

// takes tells whether an escaped path is one of the operation's.
func (o *operation) takes(path string) bool {
	want, got := strings.Split(o.path, "/"), strings.Split(path, "/")
	return slices.EqualFunc(want, got, func(want, got string) bool {
		if !placeholder.MatchString(want) {
			return want == got
		}
		// No segment is empty or stands for another one.
		return !slices.Contains([]string{"", ".", ".."}, strings.ReplaceAll(strings.ToLower(got), "%2e", "."))
	})
}

func (d *document) ids() []string {
	ids := make([]string, len(d.operations))
	for i, o := range d.operations {
		ids[i] = o.id
	}
	return ids
}

func (o *operation) statuses() []int { return slices.Sorted(maps.Keys(o.answers)) }
