package delivery

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

type dialFunc func(ctx context.Context, network, address string) (net.Conn, error)

// newTransport speaks HTTP/1 alone: over HTTP/2 a connection serves several
// attempts, and one that misbehaves would take the others with it.
func newTransport(dial, dialTLS dialFunc) *http.Transport {
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	return &http.Transport{
		Protocols:              protocols,
		DialContext:            dial,
		DialTLSContext:         dialTLS,
		DisableCompression:     true,
		MaxIdleConns:           100,
		MaxIdleConnsPerHost:    32,
		IdleConnTimeout:        90 * time.Second,
		MaxResponseHeaderBytes: 64 << 10,
	}
}

func (s *Sender) dial(ctx context.Context, network, address string) (net.Conn, error) {
	return s.open(ctx, func(ctx context.Context) (*conn, error) {
		socket, err := s.dialSocket(ctx, network, address)
		return &conn{Conn: socket, socket: socket}, err
	})
}

func (s *Sender) dialTLS(ctx context.Context, network, address string) (net.Conn, error) {
	return s.open(ctx, func(ctx context.Context) (*conn, error) {
		socket, err := s.dialSocket(ctx, network, address)
		if err != nil {
			return nil, err
		}
		host, _, _ := net.SplitHostPort(address)
		secure := tls.Client(socket, &tls.Config{ServerName: host, RootCAs: s.roots})
		if err := secure.HandshakeContext(ctx); err != nil {
			socket.Close()
			return nil, handshakeError{err}
		}
		return &conn{Conn: secure, socket: socket}, nil
	})
}

// open counts a connection. net/http dials on goroutines of its own and beyond
// the end of an attempt, so the dial has the limit and the end for itself.
func (s *Sender) open(ctx context.Context, dial func(context.Context) (*conn, error)) (net.Conn, error) {
	if !s.connections.enter() {
		return nil, net.ErrClosed
	}
	ctx, cancel := s.connections.begin(ctx, s.machine, s.limit)
	defer cancel()
	c, err := dial(ctx)
	if err != nil {
		s.connections.leave()
		return nil, err
	}
	c.closed = sync.OnceFunc(s.connections.leave)
	return c, nil
}

func (s *Sender) dialSocket(ctx context.Context, network, address string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	dialer := net.Dialer{Resolver: s.egress.Resolver, Control: s.egress.route(host, port).control}
	return dialer.DialContext(ctx, network, address)
}

var errStale = errors.New("the receiver has closed an idle connection")

// conn knows whether the receiver can have seen anything of a request, and
// whether it has left.
type conn struct {
	net.Conn
	socket net.Conn // below TLS
	closed func()
	reused bool
	sent   atomic.Bool
	left   atomic.Bool
}

// expect begins a request.
func (c *conn) expect(reused bool) {
	c.reused = reused
	c.sent.Store(false)
}

// Write looks before it begins: net/http notices on another goroutine that a
// connection was closed, and may be about to.
func (c *conn) Write(b []byte) (int, error) {
	if !c.sent.Load() {
		if c.reused && hungUp(c.socket) {
			return 0, errStale
		}
		c.sent.Store(true)
	}
	return c.Conn.Write(b)
}

func (c *conn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if err != nil {
		c.left.Store(true)
	}
	return n, err
}

func (c *conn) Close() error {
	defer c.closed()
	return c.Conn.Close()
}
