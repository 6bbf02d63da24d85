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
	if s.readyFile != "" {
		os.Remove(s.readyFile)
	}
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
		if err := writeReady(s.readyFile, ready); err != nil {
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

// writeReady puts the file in place as a whole: whoever waits for it must not
// read half of it. os.CreateTemp makes it readable by its owner alone.
func writeReady(path string, ready readyJSON) error {
	data, err := json.MarshalIndent(ready, "", "  ")
	if err != nil {
		return err
	}
	temp, err := os.CreateTemp(filepath.Dir(path), ".nahook-mock-*")
	if err != nil {
		return err
	}
	defer os.Remove(temp.Name())
	_, err = temp.Write(append(data, '\n'))
	if err := errors.Join(err, temp.Close()); err != nil {
		return err
	}
	return os.Rename(temp.Name(), path)
}
