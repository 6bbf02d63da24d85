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
	for _, path := range thirdParty(dependencies(t, "./mockserver/...")) {
		own := strings.HasPrefix(path, serverPath+"/")
		assert.True(t, own || path == "github.com/tidwall/btree", "mockserver must not import %s", path)
	}
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

// The tiers of the server, and what each must not know.
func TestServerTiers(t *testing.T) {
	t.Parallel()
	internal := serverPath + "/internal/"
	for tier, forbidden := range map[string][]string{
		"domain": {"net/http", "sync", "encoding/json"},
		"store":  {"net/http", "encoding/json"},
		"api":    {internal + "clock", internal + "memnet"},
		"clock":  {internal + "api", internal + "store", internal + "domain"},
		"memnet": {internal + "api", internal + "store", internal + "domain"},
	} {
		t.Run(tier, func(t *testing.T) {
			t.Parallel()
			direct := directImports(t, filepath.Join("mockserver", "internal", tier))
			for _, path := range forbidden {
				assert.NotContains(t, direct, path)
			}
		})
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
	banned := map[string][]string{
		"time": {"Now", "Sleep", "Since", "Until", "After", "AfterFunc", "Tick", "NewTimer", "NewTicker"},
		"rand": {"Int", "IntN", "Intn", "N", "Float64", "Perm", "Shuffle", "Uint32", "Uint64"},
	}
	for path, file := range sources(t, "mockserver") {
		if strings.HasPrefix(path, filepath.Join("mockserver", "internal", "clock")) {
			continue
		}
		ast.Inspect(file, func(n ast.Node) bool {
			selector, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			if name, ok := selector.X.(*ast.Ident); ok {
				pkg := strings.TrimPrefix(name.Name, "math")
				assert.NotContains(t, banned[pkg], selector.Sel.Name, "%s uses %s.%s", path, name.Name, selector.Sel.Name)
			}
			return true
		})
	}
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
