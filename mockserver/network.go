package mockserver

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"sync"

	"github.com/nahook/nahook-go/mockserver/internal/memnet"
)

// network is every way in which clients reach the handler: one http.Server over
// any number of listeners, opened when first asked for.
type network struct {
	server      *http.Server
	life        context.Context // of all requests
	end         context.CancelFunc
	connections sync.WaitGroup // one for each connection's goroutine
	memory      func() *memoryTransport
	loopback    func() (string, error)

	mu        sync.Mutex
	closed    bool
	serving   sync.WaitGroup   // one for each listener's goroutine
	transport *memoryTransport // nil until asked for
}

type inMemory struct{}

func newNetwork(handler http.Handler, log *slog.Logger) *network {
	n := &network{}
	n.life, n.end = context.WithCancel(context.Background())
	// Over HTTP/2 net/http runs handlers on goroutines that ConnState does not
	// show, and nobody could wait for.
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	n.server = &http.Server{
		Protocols:   protocols,
		Handler:     handler,
		ErrorLog:    slog.NewLogLogger(log.Handler(), slog.LevelWarn),
		ConnState:   n.count,
		ConnContext: markMemory,
		BaseContext: func(net.Listener) context.Context { return n.life },
	}
	n.memory = sync.OnceValue(n.listenMemory)
	n.loopback = sync.OnceValues(n.listenSocket)
	return n
}

// count keeps track of the goroutines that net/http starts and does not wait
// for: Close of an http.Server returns while handlers still run.
func (n *network) count(_ net.Conn, state http.ConnState) {
	switch state {
	case http.StateNew:
		n.connections.Add(1)
	case http.StateHijacked, http.StateClosed:
		n.connections.Done()
	}
}

func markMemory(ctx context.Context, c net.Conn) context.Context {
	if _, ok := c.(*memnet.Conn); ok {
		return context.WithValue(ctx, inMemory{}, true)
	}
	return ctx
}

// linksAreHTTPS tells how a link begins that answers r. In memory no TLS is
// spoken whatever the URL says, and https is what clients use there by default.
func linksAreHTTPS(r *http.Request) bool {
	return r.TLS != nil || r.Context().Value(inMemory{}) != nil
}

func (n *network) listenMemory() *memoryTransport {
	listener := memnet.Listen()
	transport := newMemoryTransport(listener.DialContext)
	n.mu.Lock()
	n.transport = transport
	n.mu.Unlock()
	n.start(listener)
	return transport
}

func (n *network) listenSocket() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	if !n.start(listener) {
		return "", http.ErrServerClosed
	}
	return "http://" + listener.Addr().String(), nil
}

// start serves l in the background. After close it only closes l, so that
// clients are refused, and reports false.
func (n *network) start(l net.Listener) bool {
	if !n.enter() {
		l.Close()
		return false
	}
	go func() {
		defer n.serving.Done()
		if err := n.accept(l); err != nil {
			n.server.ErrorLog.Printf("mockserver: %s is not served any more: %v", l.Addr(), err)
		}
	}()
	return true
}

func (n *network) serve(l net.Listener) error {
	if !n.enter() {
		return errors.Join(http.ErrServerClosed, l.Close())
	}
	defer n.serving.Done()
	return n.accept(l)
}

// enter counts a listener in, unless close has begun to wait for them.
func (n *network) enter() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	if !n.closed {
		n.serving.Add(1)
	}
	return !n.closed
}

func (n *network) accept(l net.Listener) error {
	if err := n.server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// close waits for listeners before connections, since only then can there be no
// new connection any more. It closes the server twice for the same reason: a
// connection accepted during the first time is not among those it closes.
func (n *network) close() error {
	n.mu.Lock()
	n.closed = true
	transport := n.transport
	n.mu.Unlock()
	n.end() // a fault may wait, and net/http tells only those whose body was read
	err := n.server.Close()
	n.serving.Wait()
	err = errors.Join(err, n.server.Close())
	if transport != nil {
		transport.close()
	}
	n.connections.Wait()
	return err
}
