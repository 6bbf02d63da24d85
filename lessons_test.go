package nahook_test

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"log"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nahook/nahook-go"
)

// testFiles are the tests of every package, by path.
func testFiles(t *testing.T) map[string]*ast.File {
	t.Helper()
	files := map[string]*ast.File{}
	err := filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		files[path], err = parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		return err
	})
	require.NoError(t, err)
	require.Greater(t, len(files), 50)
	return files
}

// selected calls found with the two names of everything like a.B in node.
func selected(node ast.Node, found func(of, name string)) {
	ast.Inspect(node, func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok {
			if of, ok := s.X.(*ast.Ident); ok {
				found(of.Name, s.Sel.Name)
			}
		}
		return true
	})
}

// A test that can skip is not a test.
func TestNoTestSkips(t *testing.T) {
	t.Parallel()
	for path, file := range testFiles(t) {
		selected(file, func(of, name string) {
			assert.NotContains(t, []string{"Skip", "Skipf", "SkipNow"}, name, path)
			assert.NotEqual(t, "testing.Short", of+"."+name, path)
		})
	}
}

// What httpmock does by functions of its package is everybody's, and the
// environment can turn it off: a mock belongs to one test, and to its client.
func TestMocksBelongToOneTest(t *testing.T) {
	t.Parallel()
	allowed := []string{"NewMockTransport", "MockTransport", "NewMatcher", "Responder"}
	used := 0
	for path, file := range testFiles(t) {
		selected(file, func(of, name string) {
			if of == "httpmock" {
				used++
				assert.Contains(t, allowed, name, path)
			}
		})
	}
	assert.NotZero(t, used)
}

// A require ends the goroutine it is on. On a server's, the client would see
// a 200 or a connection that breaks, and the test goes on.
func TestHandlersDoNotEndTheirGoroutine(t *testing.T) {
	t.Parallel()
	handlers := 0
	for path, file := range testFiles(t) {
		ast.Inspect(file, func(n ast.Node) bool {
			f, ok := n.(*ast.FuncLit)
			if !ok || !isHandler(f.Type) {
				return true
			}
			handlers++
			selected(f.Body, func(of, name string) {
				assert.NotEqual(t, "require", of, "%s: require.%s", path, name)
				assert.False(t, of == "t" && slices.Contains([]string{"Fatal", "Fatalf", "FailNow"}, name), "%s: t.%s", path, name)
			})
			return true
		})
	}
	assert.NotZero(t, handlers)
}

func isHandler(f *ast.FuncType) bool {
	if len(f.Params.List) == 0 {
		return false
	}
	writer, ok := f.Params.List[0].Type.(*ast.SelectorExpr)
	return ok && writer.Sel.Name == "ResponseWriter"
}

// Without a logger nothing is written anywhere, whatever happens to a call.
func TestSilence(t *testing.T) { // alone, as what it watches is everybody's
	read, write, err := os.Pipe()
	require.NoError(t, err)
	var logged bytes.Buffer
	stdout, stderr, output := os.Stdout, os.Stderr, log.Writer()
	os.Stdout, os.Stderr = write, write
	log.SetOutput(&logged)
	for _, answer := range []roundTrip{roundTrip(reply(503, "")), roundTrip(failing(errReset)), brokenOff} {
		for _, call := range verbs {
			err = call(t.Context(), through(t, answer, quick), nahook.WithResponse(new(nahook.Response)))
			assert.Error(t, err)
		}
	}
	os.Stdout, os.Stderr = stdout, stderr
	log.SetOutput(output)
	require.NoError(t, write.Close())
	written, err := io.ReadAll(read)
	require.NoError(t, err)
	require.NoError(t, read.Close())
	assert.Empty(t, string(written))
	assert.Empty(t, logged.String())
}
