//go:build unix

package main

import (
	"io"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// What is no file, such as a pipe, gets the text and stays what it is.
func TestAReadyFileMayBeAPipe(t *testing.T) {
	t.Parallel()
	pipe := filepath.Join(t.TempDir(), "ready")
	require.NoError(t, syscall.Mkfifo(pipe, 0o600))
	text := make(chan []byte, 1)
	go func() {
		got, _ := os.ReadFile(pipe)
		text <- got
	}()
	url, stop := running(t, io.Discard, "--ready-file", pipe)
	require.Contains(t, string(<-text), url)
	require.Equal(t, 0, stop())
	info, err := os.Lstat(pipe)
	require.NoError(t, err)
	require.NotZero(t, info.Mode()&os.ModeNamedPipe)
}
