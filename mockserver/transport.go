package mockserver

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"sync"
)

// memoryTransport is the client's end of the in-memory network. It ends with
// the server: net/http keeps two goroutines for each connection whose response
// body somebody forgot to close, and no test should have to look for them.
type memoryTransport struct {
	*http.Transport
	life context.Context
	end  context.CancelFunc

	mu     sync.Mutex
	ended  bool
	opened sync.WaitGroup // connections that net/http has not closed yet
}

var errServerGone = errors.New("mockserver: the server was closed")

func newMemoryTransport(dial func(ctx context.Context, network, address string) (net.Conn, error)) *memoryTransport {
	t := &memoryTransport{}
	t.life, t.end = context.WithCancel(context.Background())
	counted := func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return t.count(conn), nil
	}
	t.Transport = &http.Transport{DialContext: counted, DialTLSContext: counted, MaxIdleConnsPerHost: 100}
	return t
}

// RoundTrip makes a request that ends with the server at the latest. After that
// nothing is left to end, and the dial says what is wrong.
func (t *memoryTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	if t.life.Err() != nil {
		return t.Transport.RoundTrip(r)
	}
	ctx, cancel := context.WithCancelCause(r.Context())
	stop := context.AfterFunc(t.life, func() { cancel(errServerGone) })
	release := func() {
		stop()
		cancel(nil)
	}
	response, err := t.Transport.RoundTrip(r.WithContext(ctx))
	if err != nil {
		release()
		return nil, err
	}
	response.Request = r
	response.Body = &body{response.Body, release}
	return response, nil
}

// body releases a request's context when the caller is done with the response.
type body struct {
	io.ReadCloser
	release func()
}

func (b *body) Close() error {
	defer b.release()
	return b.ReadCloser.Close()
}

// count keeps track of conn until net/http closes it, which is the last that
// its goroutines do.
func (t *memoryTransport) count(conn net.Conn) net.Conn {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.ended {
		return conn // its server end is closed already: a read fails at once
	}
	t.opened.Add(1)
	return &countedConn{Conn: conn, closed: sync.OnceFunc(t.opened.Done)}
}

type countedConn struct {
	net.Conn
	closed func()
}

func (c *countedConn) Close() error {
	defer c.closed()
	return c.Conn.Close()
}

// close ends every request and waits for the connections' goroutines.
func (t *memoryTransport) close() {
	t.mu.Lock()
	t.ended = true
	t.mu.Unlock()
	t.end()
	t.CloseIdleConnections()
	t.opened.Wait()
}
