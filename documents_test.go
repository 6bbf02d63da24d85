package nahook_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/nahook/nahook-go/mockserver"
)

// Every Go block of the documents is a whole file, and it compiles in a module
// that has this one as a requirement, like a reader's own.
func TestGoBlocksOfTheDocumentsCompile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	writeModule(t, dir)
	for i, block := range goBlocks(t) {
		name := "block.go"
		if strings.Contains(block, `"testing"`) {
			name = "block_test.go"
		}
		folder := filepath.Join(dir, strconv.Itoa(i))
		require.NoError(t, os.Mkdir(folder, 0o700))
		require.NoError(t, os.WriteFile(filepath.Join(folder, name), []byte(block), 0o600))
	}
	vet := exec.CommandContext(t.Context(), "go", "vet", "./...")
	vet.Dir = dir
	out, err := vet.CombinedOutput()
	require.NoError(t, err, string(out))
}

// writeModule makes dir a module that takes this one, and what it requires, from
// this folder's go.mod.
func writeModule(t *testing.T, dir string) {
	t.Helper()
	root, err := os.Getwd()
	require.NoError(t, err)
	mod, err := os.ReadFile("go.mod")
	require.NoError(t, err)
	own := strings.Replace(string(mod), "module "+modulePath, "module documents", 1)
	own += fmt.Sprintf("\nrequire %s v0.0.0\nreplace %s => %s\n", modulePath, modulePath, root)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "go.mod"), []byte(own), 0o600))
	sum, err := os.ReadFile("go.sum")
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "go.sum"), sum, 0o600))
}

// The fixtures that the documents show can be loaded.
func TestJSONBlocksOfTheDocumentsAreFixtures(t *testing.T) {
	t.Parallel()
	for _, block := range blocks(t, "json") {
		_, err := mockserver.ParseFixtures([]byte(block))
		require.NoError(t, err, block)
	}
}

func goBlocks(t *testing.T) []string {
	t.Helper()
	found := blocks(t, "go")
	for _, block := range found {
		require.True(t, strings.HasPrefix(block, "package "), "a Go block is no whole file:\n%s", block)
	}
	return found
}

// blocks gives the code blocks of one language, those of the README first.
func blocks(t *testing.T, language string) []string {
	t.Helper()
	names, err := filepath.Glob("docs/*.md")
	require.NoError(t, err)
	var found []string
	for _, name := range append([]string{"README.md"}, names...) {
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		for _, match := range regexp.MustCompile("(?s)```"+language+"\n(.*?)```").FindAllStringSubmatch(string(text), -1) {
			found = append(found, match[1])
		}
	}
	require.NotEmpty(t, found)
	return found
}

func TestFirstProgramIsShort(t *testing.T) {
	t.Parallel()
	require.LessOrEqual(t, strings.Count(goBlocks(t)[0], "\n"), 25)
}
