package nahook_test

import (
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// plumbing are the methods that other packages call. An example of their type
// shows them all.
var plumbing = []string{"Error", "Format", "Is", "LogValue", "MarshalJSON", "MarshalText", "String", "UnmarshalJSON", "UnmarshalText", "Unwrap"}

// documentation is the package as go doc shows it, with its examples.
func documentation(t *testing.T) *doc.Package {
	t.Helper()
	names, err := filepath.Glob("*.go")
	require.NoError(t, err)
	fset := token.NewFileSet()
	files := make([]*ast.File, len(names))
	for i, name := range names {
		files[i], err = parser.ParseFile(fset, name, nil, parser.ParseComments)
		require.NoError(t, err)
	}
	pkg, err := doc.NewFromFiles(fset, files, modulePath)
	require.NoError(t, err)
	return pkg
}

func TestEveryExportedMethodHasAnExample(t *testing.T) {
	t.Parallel()
	pkg := documentation(t)
	found := 0
	want := func(name, example string, examples []*doc.Example) {
		found++
		assert.True(t, checked(examples), "%s has no example with checked output: write %s", name, example)
	}
	for _, f := range pkg.Funcs {
		want(f.Name, "Example"+f.Name, f.Examples)
	}
	for _, kind := range pkg.Types {
		for _, f := range kind.Funcs {
			want(f.Name, "Example"+f.Name, f.Examples)
		}
		for _, m := range kind.Methods {
			if slices.Contains(plumbing, m.Name) {
				want(kind.Name+"."+m.Name, "Example"+kind.Name, allExamples(kind))
			} else {
				want(kind.Name+"."+m.Name, "Example"+kind.Name+"_"+m.Name, m.Examples)
			}
		}
	}
	assert.Greater(t, found, 80, "the functions and methods are found")
}

// checked tells whether go test runs one of the examples and compares its output.
func checked(examples []*doc.Example) bool {
	return slices.ContainsFunc(examples, func(e *doc.Example) bool { return e.Output != "" || e.EmptyOutput })
}

// allExamples are those of a type and of its methods.
func allExamples(kind *doc.Type) []*doc.Example {
	all := slices.Clone(kind.Examples)
	for _, m := range kind.Methods {
		all = append(all, m.Examples...)
	}
	return all
}
