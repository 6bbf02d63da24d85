package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"time"

	"github.com/nahook/nahook-go/mockserver"
)

// drainTimeout is how long requests in flight may take after a signal.
const drainTimeout = 5 * time.Second

// serve answers requests until ctx ends.
func serve(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	s, err := parse(args, stdout)
	if err != nil {
		return err
	}
	options, err := s.options(stderr)
	if err != nil {
		return err
	}
	srv, err := mockserver.New(options...)
	if err != nil {
		return fmt.Errorf("serve: %w", err)
	}
	defer srv.Close()
	listener, err := net.Listen("tcp", s.addr)
	if err != nil {
		return fmt.Errorf("--addr: %w", err)
	}
	defer listener.Close()
	if err := s.announce(srv, clientURL(listener.Addr()), stdout); err != nil {
		return err
	}
	return s.run(ctx, srv, listener, stderr)
}

// run serves until ctx ends or the listener breaks, then says what was wrong
// with the requests it has seen.
func (s settings) run(ctx context.Context, srv *mockserver.Server, listener net.Listener, stderr io.Writer) error {
	served := make(chan error, 1)
	go func() { served <- srv.Serve(listener) }()
	var err error
	select {
	case <-ctx.Done():
		drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTimeout)
		defer cancel()
		err = srv.Shutdown(drain)
	case err = <-served:
	}
	for _, problem := range srv.Problems() {
		fmt.Fprintf(stderr, "problem: %s\n", problem)
	}
	if s.readyFile != "" {
		os.Remove(s.readyFile)
	}
	if err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return failure{err}
	}
	return nil
}

// clientURL is how a client on this machine reaches addr. A server that listens
// on every address has none that could be dialled.
func clientURL(addr net.Addr) string {
	tcp, ok := addr.(*net.TCPAddr)
	if ok && tcp.IP.IsUnspecified() {
		return fmt.Sprintf("http://127.0.0.1:%d", tcp.Port)
	}
	return "http://" + addr.String()
}

// readyJSON is what scripts need to know of a server that listens.
type readyJSON struct {
	URL        string          `json:"url"`
	Workspaces []workspaceJSON `json:"workspaces"`
}

type workspaceJSON struct {
	ID              string `json:"id"`
	Name            string `json:"name"`
	ManagementToken string `json:"managementToken"`
	APIKey          string `json:"apiKey"`
	SessionToken    string `json:"sessionToken"`
}

// announce tells scripts and people where the server is, once it listens.
func (s settings) announce(srv *mockserver.Server, url string, stdout io.Writer) error {
	ready := readyJSON{URL: url}
	for _, w := range srv.Workspaces() {
		ready.Workspaces = append(ready.Workspaces, workspaceJSON{w.ID(), w.Name(), w.ManagementToken(), w.APIKey(), w.SessionToken()})
	}
	if s.readyFile != "" {
		if err := writeReady(s.readyFile, ready); err != nil {
			return fmt.Errorf("--ready-file: %w", err)
		}
	}
	fmt.Fprintf(stdout, "nahook-mock listens on %s\n", url)
	for _, w := range ready.Workspaces {
		fmt.Fprintf(stdout, "  workspace %s   management token %s   API key %s   session token %s\n", w.ID, w.ManagementToken, w.APIKey, w.SessionToken)
	}
	return nil
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
