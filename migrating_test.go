package nahook_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nahook/nahook-go"
)

// receivers are the values that the page on migrating calls methods of.
var receivers = map[string]reflect.Type{
	"mgmt":     reflect.TypeFor[*nahook.Management](),
	"client":   reflect.TypeFor[*nahook.Client](),
	"verifier": reflect.TypeFor[*nahook.Verifier](),
}

// migrating gives what the page on migrating says in backticks about this
// module: everything outside of code blocks and of the left column of tables,
// which is the vendor's.
func migrating(t *testing.T) []string {
	t.Helper()
	page, err := os.ReadFile("docs/migrating.md")
	require.NoError(t, err)
	text := regexp.MustCompile("(?s)```.*?```").ReplaceAllString(string(page), "")
	text = regexp.MustCompile(`(?m)^\|[^|]*\|`).ReplaceAllString(text, "")
	var found []string
	for _, match := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(text, -1) {
		found = append(found, match[1])
	}
	require.Greater(t, len(found), 100)
	return found
}

func TestMigratingNamesWhatExists(t *testing.T) {
	t.Parallel()
	exported := exportedNames(t)
	for _, code := range migrating(t) {
		for _, match := range regexp.MustCompile(`\bnahook\.(\w+)`).FindAllStringSubmatch(code, -1) {
			assert.True(t, slices.Contains(exported, match[1]), "there is no %s", match[0])
		}
		for _, match := range regexp.MustCompile(`\b(mgmt|client|verifier)\.(\w+)(?:\.(\w+))?`).FindAllStringSubmatch(code, -1) {
			assert.True(t, hasMethod(receivers[match[1]], match[2], match[3]), "there is no %s", match[0])
		}
	}
}

// exportedNames are those of the package, without methods.
func exportedNames(t *testing.T) []string {
	t.Helper()
	pkg := documentation(t)
	var names []string
	for _, f := range pkg.Funcs {
		names = append(names, f.Name)
	}
	for _, v := range append(pkg.Consts, pkg.Vars...) {
		names = append(names, v.Names...)
	}
	for _, kind := range pkg.Types {
		names = append(names, kind.Name)
		for _, f := range kind.Funcs {
			names = append(names, f.Name)
		}
		for _, v := range append(kind.Consts, kind.Vars...) {
			names = append(names, v.Names...)
		}
	}
	return names
}

// hasMethod tells whether a receiver has a method of the first name, or a field
// of that name that has one of the second.
func hasMethod(receiver reflect.Type, first, second string) bool {
	if second != "" {
		field, ok := receiver.Elem().FieldByName(first)
		if !ok {
			return false
		}
		receiver, first = field.Type, second
	}
	_, ok := receiver.MethodByName(first)
	return ok
}

// A method that is new has its line there.
func TestMigratingHasEveryCall(t *testing.T) {
	t.Parallel()
	calls := strings.Join(migrating(t), "\n")
	for _, want := range everyCall() {
		assert.True(t, strings.Contains(calls, want), "docs/migrating.md does not tell about %s…)", want)
	}
}

// everyCall gives each method of a collection or client up to its parenthesis.
func everyCall() []string {
	var calls []string
	management := receivers["mgmt"].Elem()
	for i := range management.NumField() {
		if field := management.Field(i); field.IsExported() {
			calls = append(calls, callsOf("mgmt."+field.Name, field.Type)...)
		}
	}
	return append(calls, callsOf("client", receivers["client"])...)
}

func callsOf(name string, kind reflect.Type) []string {
	var calls []string
	for i := range kind.NumMethod() {
		if method := kind.Method(i); method.Type.IsVariadic() { // its call options
			calls = append(calls, name+"."+method.Name+"(")
		}
	}
	return calls
}

// What the page shows as a call is one, with what it says are its arguments.
func TestMigratingCallsCompile(t *testing.T) {
	t.Parallel()
	calls := regexp.MustCompile(`^(mgmt|client|verifier|nahook|errors)\..*\)$`)
	file := `package calls

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/nahook/nahook-go"
)

func _(ctx context.Context, mgmt *nahook.Management, client *nahook.Client, verifier *nahook.Verifier, opts []nahook.Option,
	token, key, secret string, body []byte, err error, response nahook.Response, header http.Header, handler http.Handler, r *http.Request) {
	_, _ = time.Now, errors.Is
`
	found := 0
	for _, code := range migrating(t) {
		if calls.MatchString(code) {
			found++
			file += fmt.Sprintf("\t%s\n", strings.ReplaceAll(code, "{…}", "{}"))
		}
	}
	require.Greater(t, found, 50)
	dir := t.TempDir()
	writeModule(t, dir)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "calls.go"), []byte(file+"}\n"), 0o600))
	build := exec.CommandContext(t.Context(), "go", "build", "./...")
	build.Dir = dir
	out, err := build.CombinedOutput()
	require.NoError(t, err, string(out))
}
