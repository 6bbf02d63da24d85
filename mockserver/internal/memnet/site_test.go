package memnet_test

import (
	"context"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nahook/nahook-go/mockserver/internal/memnet"
)

// site is a real server and a real client with the listener between them.
type site struct {
	server *http.Server
	client *http.Client
	dials  atomic.Int64

	transport   *http.Transport
	served      chan error
	connections sync.WaitGroup // the server's goroutines
}

// open starts a site that is gone, goroutines included, when the test ends.
func open(t *testing.T, handler http.HandlerFunc, configure ...func(*http.Server)) *site {
	t.Helper()
	listener := memnet.Listen()
	s := &site{served: make(chan error, 1)}
	dial := func(ctx context.Context, network, address string) (net.Conn, error) {
		s.dials.Add(1)
		return listener.DialContext(ctx, network, address)
	}
	s.transport = &http.Transport{DialContext: dial, DialTLSContext: dial, MaxIdleConnsPerHost: 100}
	s.client = &http.Client{Transport: s.transport}
	s.server = &http.Server{Handler: handler, ConnState: s.count}
	for _, set := range configure {
		set(s.server)
	}
	go func() { s.served <- s.server.Serve(listener) }()
	t.Cleanup(func() { s.close(t) })
	return s
}

func (s *site) count(_ net.Conn, state http.ConnState) {
	switch state {
	case http.StateNew:
		s.connections.Add(1)
	case http.StateClosed, http.StateHijacked:
		s.connections.Done()
	}
}

// close shows how to wait for a server: for Serve first, then for connections.
func (s *site) close(t *testing.T) {
	t.Helper()
	s.transport.CloseIdleConnections()
	assert.NoError(t, s.server.Close())
	assert.ErrorIs(t, <-s.served, http.ErrServerClosed)
	s.connections.Wait()
	s.served <- http.ErrServerClosed // for the next call
}

func (s *site) get(t *testing.T, ctx context.Context, url string) *http.Response {
	t.Helper()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	require.NoError(t, err)
	response, err := s.client.Do(request)
	require.NoError(t, err)
	t.Cleanup(func() { _ = response.Body.Close() })
	return response
}
