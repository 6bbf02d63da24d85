package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"
)

// drainTimeout is how long requests in flight may take after a signal.
const drainTimeout = 5 * time.Second

// serve answers requests until ctx ends.
func serve(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	s, err := parseServe(args, stdout)
	if err != nil {
		return err
	}
	v, err := s.listen(stderr)
	if err != nil {
		return err
	}
	if err := s.announce(v, stdout); err != nil {
		return errors.Join(err, v.close())
	}
	return s.run(ctx, v, stderr)
}

// run serves until ctx ends or the listener breaks, then says what was wrong
// with the requests it has seen.
func (s settings) run(ctx context.Context, v *service, stderr io.Writer) error {
	select {
	case <-ctx.Done():
	case err := <-v.served:
		v.served <- err // that is for whoever ends it
	}
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTimeout)
	defer cancel()
	err := v.shutdown(drain)
	v.tell(stderr)
	s.removeReady(v.ready)
	if err != nil {
		return failure{err}
	}
	return nil
}

// readyJSON is what scripts need to know of a server that listens.
type readyJSON struct {
	URL          string          `json:"url"`
	ControlURL   string          `json:"controlUrl,omitempty"`
	ControlToken string          `json:"controlToken,omitempty"`
	Workspaces   []workspaceJSON `json:"workspaces"`
}

type workspaceJSON struct {
	ID              string `json:"id"`
	Name            string `json:"name"`
	ManagementToken string `json:"managementToken"`
	APIKey          string `json:"apiKey"`
	SessionToken    string `json:"sessionToken"`
}

// announce tells scripts and people where the server is, once it listens.
func (s settings) announce(v *service, stdout io.Writer) error {
	ready := readyJSON{URL: v.url}
	if v.control != nil {
		ready.ControlURL, ready.ControlToken = v.control.url, v.control.token
	}
	for _, w := range v.srv.Workspaces() {
		ready.Workspaces = append(ready.Workspaces, workspaceJSON{w.ID(), w.Name(), w.ManagementToken(), w.APIKey(), w.SessionToken()})
	}
	if s.readyFile != "" {
		var err error
		if v.ready, err = writeReady(s.readyFile, ready); err != nil {
			return fmt.Errorf("--ready-file: %w", err)
		}
	}
	fmt.Fprintf(stdout, "nahook-mock listens on %s\n", v.url)
	if v.control != nil {
		fmt.Fprintf(stdout, "  control API %s%s\n", v.control.url, s.controlToken(v.control))
	}
	for _, w := range ready.Workspaces {
		fmt.Fprintf(stdout, "  workspace %s   management token %s   API key %s   session token %s\n", w.ID, w.ManagementToken, w.APIKey, w.SessionToken)
	}
	return nil
}

// controlToken shows the control token where there is no other way to know it.
func (s settings) controlToken(c *control) string {
	if !c.generated || s.readyFile != "" {
		return ""
	}
	return "   control token " + c.token
}

// removeReady removes the file that this server has put in place, and not one that
// has taken its place meanwhile.
func (s settings) removeReady(own os.FileInfo) {
	if now, err := os.Lstat(s.readyFile); own != nil && err == nil && os.SameFile(now, own) {
		os.Remove(s.readyFile)
	}
}

// writeReady puts the file in place as a whole: whoever waits for it must not
// read half of it. os.CreateTemp makes it readable by its owner alone. What is there
// and no file, such as a pipe, is written to; then there is none to be removed.
func writeReady(path string, ready readyJSON) (os.FileInfo, error) {
	data, err := json.MarshalIndent(ready, "", "  ")
	if err != nil {
		return nil, err
	}
	data = append(data, '\n')
	if there, err := os.Stat(path); err == nil && !there.Mode().IsRegular() {
		return nil, writeTo(path, data)
	}
	temp, err := os.CreateTemp(filepath.Dir(path), ".nahook-mock-*")
	if err != nil {
		return nil, err
	}
	defer os.Remove(temp.Name())
	_, err = temp.Write(data)
	own, statErr := temp.Stat()
	if err := errors.Join(err, statErr, temp.Close()); err != nil {
		return nil, err
	}
	return own, os.Rename(temp.Name(), path)
}

func writeTo(path string, data []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	return errors.Join(err, f.Close())
}
