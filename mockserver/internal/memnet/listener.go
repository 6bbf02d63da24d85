// Package memnet is a network of one listener in memory, on which a real
// [net/http.Server] and a real [net/http.Transport] talk without a socket:
//
//	listener := memnet.Listen()
//	go server.Serve(listener)
//	transport := &http.Transport{
//		DialContext:    listener.DialContext,
//		DialTLSContext: listener.DialContext, // https URLs, no certificates
//	}
//
// Connections behave like TCP on Linux as far as a program can tell through
// package net: they are buffered, push back when the buffer is full, close by
// halves, time out and are reset, with the same errors. They differ in one
// deliberate point: [Conn.Close] never takes back bytes the peer has yet to
// read, where TCP may if the closing side leaves bytes unread itself.
//
// # Bubbles
//
// Everything here waits durably in the sense of [testing/synctest], and a
// connection has no goroutine of its own. A listener used inside a bubble
// must be made inside it, and so must the server and the transport.
//
// # Ending
//
// Closing the listener leaves accepted connections alone, and
// [net/http.Server.Close] closes connections without waiting for their
// goroutines, one of which may stay for half a second after a request body
// that was not read. To wait for them, wait until Serve has returned, so that
// no connection is new any more, then until [net/http.Server.ConnState] has
// reported StateClosed or StateHijacked as often as StateNew. A hijacked
// connection is nobody's but its handler's: the server neither closes it nor
// says when the handler returns, so count such handlers separately.
package memnet

import (
	"context"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
)

// backlog is how many dialled connections wait for Accept before a dial
// blocks: enough that a busy server is never the reason, few enough that a
// server that has stopped accepting is noticed.
const backlog = 128

// Listener accepts the connections its own DialContext makes. Use [Listen];
// all methods are safe for concurrent use.
type Listener struct {
	dialled   chan *Conn
	closed    chan struct{}
	closeOnce sync.Once
	dials     atomic.Uint64
}

var _ net.Listener = (*Listener)(nil)

// Listen returns an open listener. It holds no resource but memory, so one
// that is never closed is merely garbage.
func Listen() *Listener {
	return &Listener{dialled: make(chan *Conn, backlog), closed: make(chan struct{})}
}

// Accept returns the server's end of the next dialled connection, always a
// [*Conn]. It waits for one, and fails with [net.ErrClosed] once the listener
// is closed.
func (l *Listener) Accept() (net.Conn, error) {
	if !l.isClosed() {
		select {
		case conn := <-l.dialled:
			return conn, nil
		case <-l.closed:
		}
	}
	return nil, &net.OpError{Op: "accept", Net: "tcp", Addr: l.Addr(), Err: net.ErrClosed}
}

// Close refuses further dials and resets the connections that were dialled
// and not yet accepted. Accepted ones stay open. It always returns nil, also
// when called again.
func (l *Listener) Close() error {
	l.closeOnce.Do(func() { close(l.closed) })
	l.resetDialled()
	return nil
}

// Addr returns a fixed name that stands for no machine: the listener answers
// under every address dialled.
func (l *Listener) Addr() net.Addr { return name("memnet.invalid:80") }

// DialContext connects to the listener whatever host and port the address
// names; nothing is resolved. The result, always a [*Conn], shows the address
// as its RemoteAddr, and the accepted end as its LocalAddr. The client's own
// address counts up from 192.0.2.1:1024 and takes the next host of
// 192.0.2.0/24 when the ports are used up: sixteen million connections of one
// listener can be told apart.
//
// It returns without waiting for Accept unless too many connections already
// wait for it, and fails, as a [*net.OpError], with ECONNREFUSED if the
// listener is closed, with ctx's error if that ends first, and with the
// errors of [net.Dial] for a network other than TCP and an address without a
// port.
func (l *Listener) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := l.dial(ctx, network, address)
	if err != nil {
		return nil, &net.OpError{Op: "dial", Net: network, Addr: name(address), Err: err}
	}
	return conn, nil
}

func (l *Listener) dial(ctx context.Context, network, address string) (*Conn, error) {
	if err := checkTarget(network, address); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if l.isClosed() {
		return nil, refused()
	}
	client, server := newPair(clientAddr(l.dials.Add(1)-1), name(address))
	select {
	case l.dialled <- server:
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-l.closed:
		return nil, refused()
	}
	// Close may have emptied the queue just before this connection joined it.
	if l.isClosed() {
		l.resetDialled()
	}
	return client, nil
}

func (l *Listener) isClosed() bool {
	select {
	case <-l.closed:
		return true
	default:
		return false
	}
}

// resetDialled does to waiting connections what a kernel does when the
// listening socket goes away.
func (l *Listener) resetDialled() {
	for {
		select {
		case conn := <-l.dialled:
			conn.Reset()
		default:
			return
		}
	}
}

func refused() error { return os.NewSyscallError("connect", syscall.ECONNREFUSED) }
