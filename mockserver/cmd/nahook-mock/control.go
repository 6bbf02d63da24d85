package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"time"
	"unicode"

	"github.com/nahook/nahook-go/mockserver"
)

// controlTokenVariable gives the control token. It is no flag: a process's
// arguments can be read by others.
const controlTokenVariable = "NAHOOK_MOCK_CONTROL_TOKEN"

// controlHeaderTimeout is for clients that never finish what they have to say.
const controlHeaderTimeout = 10 * time.Second

// control is the control API on a listener of its own.
type control struct {
	url       string
	token     string
	generated bool
	server    *http.Server
	served    chan error
}

func (s settings) startControl(srv *mockserver.Server, log *slog.Logger) (*control, error) {
	addr, err := net.ResolveTCPAddr("tcp", s.control)
	if err != nil {
		return nil, fmt.Errorf("--control: %w", err)
	}
	if !addr.IP.IsLoopback() && !s.insecure {
		return nil, fmt.Errorf("--control: %s is not on loopback; --control-insecure lets other machines reach it", s.control)
	}
	c := &control{served: make(chan error, 1)}
	if err := c.chooseToken(); err != nil {
		return nil, err
	}
	listener, err := net.ListenTCP("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("--control: %w", err)
	}
	c.url = clientURL(listener.Addr()) + "/__mock/v1"
	c.server = &http.Server{
		Handler: srv.ControlHandler(c.token), ReadHeaderTimeout: controlHeaderTimeout,
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
	go func() { c.served <- c.server.Serve(listener) }()
	return c, nil
}

// chooseToken takes the token from the environment, or makes one.
func (c *control) chooseToken() error {
	c.token = os.Getenv(controlTokenVariable)
	if c.token == "" {
		c.token, c.generated = "nhx_"+rand.Text(), true
		return nil
	}
	if strings.ContainsFunc(c.token, func(r rune) bool { return r == ',' || unicode.IsSpace(r) || unicode.IsControl(r) }) {
		return errors.New(controlTokenVariable + ": a token must not contain white space, commas or control characters")
	}
	return nil
}

// shutdown is as that of an http.Server, but leaves nothing open when ctx ends.
func (c *control) shutdown(ctx context.Context) error {
	if c == nil {
		return nil
	}
	return errors.Join(c.server.Shutdown(ctx), c.server.Close(), served(c.served))
}
