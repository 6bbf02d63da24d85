package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"

	"github.com/nahook/nahook-go/mockserver"
)

// service is a server that answers on its sockets.
type service struct {
	srv      *mockserver.Server
	fixtures mockserver.Fixtures
	url      string
	control  *control // nil for none
	served   chan error
	ready    os.FileInfo // the file that tells where it is; nil for none
}

// listen makes the server that the flags describe, and lets it answer.
func (s settings) listen(stderr io.Writer) (*service, error) {
	f, err := s.load()
	if err != nil {
		return nil, err
	}
	log := slog.New(slog.NewTextHandler(stderr, &slog.HandlerOptions{Level: s.logLevel}))
	options, err := s.options(f, log)
	if err != nil {
		return nil, err
	}
	srv, err := mockserver.New(options...)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", s.command, err)
	}
	v := &service{srv: srv, fixtures: f, served: make(chan error, 1)}
	if err := s.open(v, log); err != nil {
		srv.Close()
		return nil, err
	}
	return v, nil
}

func (s settings) open(v *service, log *slog.Logger) error {
	if s.addr == "" { // which would be every address
		return errors.New("--addr: the address is empty; leave the flag out for the default one")
	}
	listener, err := net.Listen("tcp", s.addr)
	if err != nil {
		return fmt.Errorf("--addr: %w", err)
	}
	if s.control != "" {
		if v.control, err = s.startControl(v.srv, log); err != nil {
			listener.Close()
			return err
		}
	}
	v.url = clientURL(listener.Addr())
	go func() { v.served <- v.srv.Serve(listener) }()
	return nil
}

// shutdown ends everything once the requests in flight have been answered, or ctx
// has ended.
func (v *service) shutdown(ctx context.Context) error {
	ended := make(chan error, 1)
	go func() { ended <- v.control.shutdown(ctx) }() // which may wait for what the server does, until that ends
	err := errors.Join(v.srv.Shutdown(ctx), served(v.served), <-ended)
	if errors.Is(err, context.DeadlineExceeded) {
		return nil // what did not end in time was ended
	}
	return err
}

// close ends everything at once.
func (v *service) close() error {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_ = v.control.shutdown(ctx) // what is in flight is of no use to anybody any more
	return errors.Join(v.srv.Close(), served(v.served))
}

// served is what has ended a listener that was told to end: nothing, unless it broke.
func served(c <-chan error) error {
	if err := <-c; !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// tell prints what was wrong with the requests, and gives how many problems that are.
func (v *service) tell(stderr io.Writer) int {
	problems := v.srv.Problems()
	for _, problem := range problems {
		fmt.Fprintf(stderr, "problem: %s\n", problem)
	}
	return len(problems)
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
