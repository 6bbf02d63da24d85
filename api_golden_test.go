package nahook_test

import (
	"bytes"
	"flag"
	"go/ast"
	"go/parser"
	"go/printer"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the golden files")

// The exported identifiers of the public packages, each with all that a caller
// can see of it: what is added, changed or lost shows here.
func TestExportedAPIIsTheGolden(t *testing.T) {
	t.Parallel()
	const golden = "testdata/api.txt"
	var lines []string
	for _, dir := range []string{".", "mockserver", "mockserver/conformance"} {
		lines = append(lines, exported(t, dir)...)
	}
	slices.Sort(lines)
	got := strings.Join(lines, "\n") + "\n"
	if *update {
		require.NoError(t, os.MkdirAll(filepath.Dir(golden), 0o755))
		require.NoError(t, os.WriteFile(golden, []byte(got), 0o644))
	}
	want, err := os.ReadFile(golden)
	require.NoError(t, err)
	for _, line := range without(strings.Split(string(want), "\n"), lines) {
		t.Errorf("- %s", line)
	}
	for _, line := range without(lines, strings.Split(string(want), "\n")) {
		t.Errorf("+ %s", line)
	}
	assert.True(t, got == string(want), "the exported API is not %s: if that is meant, go test -run TestExportedAPI -update .", golden)
}

// without is what lines has, and others has not.
func without(lines, others []string) []string {
	return slices.DeleteFunc(slices.Clone(lines), func(line string) bool { return line == "" || slices.Contains(others, line) })
}

// exported are the exported identifiers of the package in dir, one a line, none
// if there is no package.
func exported(t *testing.T, dir string) []string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*.go"))
	require.NoError(t, err)
	a := &api{}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		require.NoError(t, err)
		a.name = file.Name.Name
		for _, decl := range file.Decls {
			a.add(decl)
		}
	}
	return a.lines
}

// api collects the lines of one package.
type api struct {
	name  string
	lines []string
}

func (a *api) line(parts ...any) {
	var b strings.Builder
	b.WriteString(a.name + ": ")
	for _, part := range parts {
		if text, ok := part.(string); ok {
			b.WriteString(text)
			continue
		}
		b.WriteString(onOneLine(part.(ast.Node)))
	}
	a.lines = append(a.lines, b.String())
}

var blanks = regexp.MustCompile(`\s+`)

// onOneLine is Go source on one line.
func onOneLine(node ast.Node) string {
	var b bytes.Buffer
	if err := printer.Fprint(&b, token.NewFileSet(), node); err != nil {
		panic(err)
	}
	return blanks.ReplaceAllString(b.String(), " ")
}

func (a *api) add(decl ast.Decl) {
	switch decl := decl.(type) {
	case *ast.FuncDecl:
		if !decl.Name.IsExported() || decl.Recv != nil && !receiver(decl.Recv.List[0].Type).IsExported() {
			return
		}
		a.line(&ast.FuncDecl{Recv: decl.Recv, Name: decl.Name, Type: decl.Type})
	case *ast.GenDecl:
		a.addSpecs(decl)
	}
}

// receiver is the name of the type that a method belongs to.
func receiver(e ast.Expr) *ast.Ident {
	switch e := e.(type) {
	case *ast.StarExpr:
		return receiver(e.X)
	case *ast.IndexExpr:
		return receiver(e.X)
	case *ast.IndexListExpr:
		return receiver(e.X)
	}
	return e.(*ast.Ident)
}

func (a *api) addSpecs(decl *ast.GenDecl) {
	for _, spec := range decl.Specs {
		switch spec := spec.(type) {
		case *ast.TypeSpec:
			if spec.Name.IsExported() {
				a.addType(spec)
			}
		case *ast.ValueSpec:
			for i, name := range spec.Names {
				if name.IsExported() {
					a.addValue(decl.Tok, spec, i)
				}
			}
		}
	}
}

// addValue adds a constant or variable. A variable's value matters to nobody
// but where it tells the type, as that of an alias does.
func (a *api) addValue(kind token.Token, spec *ast.ValueSpec, i int) {
	parts := []any{kind.String() + " " + spec.Names[i].Name}
	if spec.Type != nil {
		parts = append(parts, " ", spec.Type)
	}
	if i < len(spec.Values) && (kind == token.CONST || spec.Type == nil) {
		parts = append(parts, " = ", spec.Values[i])
	}
	a.line(parts...)
}

// addType adds a type, and the exported fields of a struct and the methods of an
// interface after it.
func (a *api) addType(spec *ast.TypeSpec) {
	name := spec.Name.Name
	var members *ast.FieldList
	head := *spec
	head.Doc, head.Comment = nil, nil
	switch kind := spec.Type.(type) {
	case *ast.StructType:
		members, head.Type = kind.Fields, ast.NewIdent("struct")
	case *ast.InterfaceType:
		members, head.Type = kind.Methods, ast.NewIdent("interface")
	}
	a.line("type ", &head)
	if members == nil {
		return
	}
	for _, field := range members.List {
		for _, id := range field.Names {
			if id.IsExported() {
				a.line("type "+name+": "+id.Name+" ", field.Type, tagOf(field))
			}
		}
		if len(field.Names) == 0 {
			a.line("type "+name+": embedded ", field.Type)
		}
	}
}

func tagOf(field *ast.Field) string {
	if field.Tag == nil {
		return ""
	}
	return " " + field.Tag.Value
}
