package nahook_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	modulePath = "github.com/nahook/nahook-go"
	serverPath = modulePath + "/mockserver"
)

// dependencies lists what the packages of pattern import, near and far, without
// the packages of pattern themselves.
func dependencies(t *testing.T, pattern string) []string {
	t.Helper()
	list, err := exec.CommandContext(t.Context(), "go", "list", "-deps", "-f", "{{if .DepOnly}}{{.ImportPath}}{{end}}", pattern).Output()
	require.NoError(t, err)
	return strings.Fields(string(list))
}

// thirdParty leaves out the standard library, whose paths have no host name.
func thirdParty(paths []string) []string {
	return slices.DeleteFunc(paths, func(path string) bool {
		first, _, _ := strings.Cut(path, "/")
		return !strings.Contains(first, ".")
	})
}

// Importing the server costs a user one small module.
func TestServerDependsOnTheStandardLibraryAndBtreeAlone(t *testing.T) {
	t.Parallel()
	require.Equal(t, []string{"github.com/tidwall/btree"}, thirdParty(dependencies(t, "./mockserver/...")))
}

func TestSDKDependsOnLittle(t *testing.T) {
	t.Parallel()
	require.ElementsMatch(t, []string{
		modulePath + "/internal/transport",
		"github.com/google/go-querystring/query",
		"github.com/hashicorp/go-cleanhttp",
		"github.com/hashicorp/go-retryablehttp",
	}, thirdParty(dependencies(t, ".")))
}

// The tiers of the server: which of the others each may import, and what of the
// standard library it must not know.
func TestServerTiers(t *testing.T) {
	t.Parallel()
	internal := serverPath + "/internal/"
	for tier, rule := range map[string]struct{ may, mustNot []string }{
		"domain":   {nil, []string{"net/http", "sync", "encoding/json"}},
		"store":    {[]string{"domain"}, []string{"net/http", "encoding/json"}},
		"api":      {[]string{"domain", "store"}, nil},
		"delivery": {[]string{"domain", "store"}, nil},
		"clock":    {nil, nil},
		"memnet":   {[]string{"clock"}, []string{"net/http"}},
	} {
		t.Run(tier, func(t *testing.T) {
			t.Parallel()
			for _, path := range directImports(t, filepath.Join("mockserver", "internal", tier)) {
				assert.NotContains(t, rule.mustNot, path)
				if other, own := strings.CutPrefix(path, internal); own {
					assert.Contains(t, rule.may, other)
				}
			}
		})
	}
}

// The tier that speaks HTTP leaves locking to the store; it makes its one table
// when that is first needed.
func TestTheAPIHasNoLock(t *testing.T) {
	t.Parallel()
	for path, file := range sources(t, filepath.Join("mockserver", "internal", "api")) {
		for _, name := range selectors(file) {
			if strings.HasPrefix(name, "sync.") {
				assert.Equal(t, "sync.OnceValue", name, path)
			}
		}
	}
}

func directImports(t *testing.T, dir string) []string {
	t.Helper()
	var paths []string
	for _, file := range sources(t, dir) {
		for _, spec := range file.Imports {
			paths = append(paths, strings.Trim(spec.Path.Value, `"`))
		}
	}
	return paths
}

// sources parses the Go files below dir that are no tests, with the file's path
// as key.
func sources(t *testing.T, dir string) map[string]*ast.File {
	t.Helper()
	files := map[string]*ast.File{}
	err := filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		files[path], err = parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		return err
	})
	require.NoError(t, err)
	require.NotEmpty(t, files)
	return files
}

// Time moves when a test moves it, and chance comes from a seed: nobody but
// package clock may ask the machine for either.
func TestServerNeverReadsTheMachinesClock(t *testing.T) {
	t.Parallel()
	banned := []string{
		"time.Now", "time.Sleep", "time.Since", "time.Until", "time.After", "time.AfterFunc", "time.Tick", "time.NewTimer", "time.NewTicker",
		"context.WithTimeout", "context.WithTimeoutCause", "context.WithDeadline", "context.WithDeadlineCause",
	}
	seeded := []string{"math/rand/v2.New", "math/rand/v2.NewChaCha8", "math/rand/v2.ChaCha8", "math/rand/v2.Rand"}
	for path, file := range sources(t, "mockserver") {
		if strings.HasPrefix(path, filepath.Join("mockserver", "internal", "clock")) || strings.HasPrefix(path, filepath.Join("mockserver", "cmd")) {
			continue
		}
		for _, name := range selectors(file) {
			assert.NotContains(t, banned, name, path)
			if strings.HasPrefix(name, "math/rand") {
				assert.Contains(t, seeded, name, path)
			}
		}
	}
}

// selectors lists what a file takes from other packages, such as "time.Now",
// whatever it calls them.
func selectors(file *ast.File) []string {
	imports := map[string]string{}
	for _, spec := range file.Imports {
		path := strings.Trim(spec.Path.Value, `"`)
		name := strings.TrimSuffix(path, "/v2")
		name = name[strings.LastIndex(name, "/")+1:]
		if spec.Name != nil {
			name = spec.Name.Name
		}
		imports[name] = path
	}
	var names []string
	ast.Inspect(file, func(n ast.Node) bool {
		selector, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		if name, ok := selector.X.(*ast.Ident); ok && imports[name.Name] != "" {
			names = append(names, imports[name.Name]+"."+selector.Sel.Name)
		}
		return true
	})
	return names
}

// Records of the domain have no wire form: the API layer owns that.
func TestDomainHasNoStructTags(t *testing.T) {
	t.Parallel()
	for path, file := range sources(t, filepath.Join("mockserver", "internal", "domain")) {
		ast.Inspect(file, func(n ast.Node) bool {
			if field, ok := n.(*ast.Field); ok {
				assert.Nil(t, field.Tag, path)
			}
			return true
		})
	}
}
