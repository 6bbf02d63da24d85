package nahook_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// source is the package without its tests.
func source(t *testing.T) []*ast.File {
	t.Helper()
	names, err := filepath.Glob("*.go")
	require.NoError(t, err)
	var files []*ast.File
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
		require.NoError(t, err)
		files = append(files, file)
	}
	return files
}

// Every struct whose name ends in Query, and every struct with url tags, has
// nothing that go-querystring would encode in a surprising way: no field
// without a tag, with another's name, or always present, and no type but these.
func TestQueryStructs(t *testing.T) {
	t.Parallel()
	tag := regexp.MustCompile("^[a-z_]+,omitempty$")
	found := 0
	for _, file := range source(t) {
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.TypeSpec)
			if !ok {
				return true
			}
			fields, ok := spec.Type.(*ast.StructType)
			if !ok || !isQuery(spec, fields) {
				return true
			}
			found++
			assert.False(t, spec.Name.IsExported(), spec.Name.Name)
			for _, field := range fields.Fields.List {
				require.NotNil(t, field.Tag, "%s has a field without a tag", spec.Name.Name)
				assert.Regexp(t, tag, urlTag(field), spec.Name.Name)
				kind, ok := field.Type.(*ast.Ident)
				assert.True(t, ok && slices.Contains([]string{"count", "string", "bool"}, kind.Name), "%s.%s", spec.Name.Name, field.Names[0])
			}
			return true
		})
	}
	assert.NotZero(t, found)
}

func isQuery(spec *ast.TypeSpec, s *ast.StructType) bool {
	return strings.HasSuffix(spec.Name.Name, "Query") || slices.ContainsFunc(s.Fields.List, func(f *ast.Field) bool { return urlTag(f) != "" })
}

func urlTag(f *ast.Field) string {
	if f.Tag == nil {
		return ""
	}
	text, _ := strconv.Unquote(f.Tag.Value)
	return reflect.StructTag(text).Get("url")
}
