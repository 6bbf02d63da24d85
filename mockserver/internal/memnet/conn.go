package memnet

import (
	"errors"
	"io"
	"net"
	"os"
	"sync/atomic"
	"syscall"
	"time"
)

// Conn is one end of a connection. All methods are safe for concurrent use;
// concurrent writes do not interleave.
//
// Errors are [*net.OpError]s around [net.ErrClosed] after this end was closed,
// [os.ErrDeadlineExceeded], ECONNRESET after the peer's Reset, and for writes
// to a peer that has closed EPIPE, or ECONNRESET if it left bytes unread.
// Only [io.EOF] comes bare.
type Conn struct {
	in, out       *pipe
	local, remote net.Addr
	abortive      atomic.Bool
}

var _ net.Conn = (*Conn)(nil)

// newPair returns both ends of a new connection in a single allocation.
func newPair(client, server net.Addr) (clientEnd, serverEnd *Conn) {
	var pair struct {
		up, down       pipe
		client, server Conn
	}
	p := &pair
	p.up.init()
	p.down.init()
	p.client.in, p.client.out, p.client.local, p.client.remote = &p.down, &p.up, client, server
	p.server.in, p.server.out, p.server.local, p.server.remote = &p.up, &p.down, server, client
	return &p.client, &p.server
}

// Read takes what has arrived, waits while that is nothing, and reports
// [io.EOF] once the peer has closed and everything it sent has been read.
func (c *Conn) Read(b []byte) (int, error) {
	n, err := c.in.read(b)
	return n, c.wrap("read", err)
}

// Write returns once all of b is in the connection's buffer, which holds
// 64 KiB; it waits while the peer does not read. With an error it returns how
// much of b the peer may still receive.
func (c *Conn) Write(b []byte) (int, error) {
	n, err := c.out.write(b)
	return n, c.wrap("write", err)
}

// Close ends both directions. What was written before can still be read by
// the peer, which then gets [io.EOF]; after SetLinger(0) Close is Reset. It
// always returns nil, also when called again.
func (c *Conn) Close() error {
	if c.abortive.Load() {
		c.Reset()
		return nil
	}
	// In this order a peer that has read io.EOF can rely on its next write
	// failing.
	c.in.closeReader()
	c.out.closeWriter()
	return nil
}

// Reset closes the connection the hard way: bytes on their way in both
// directions are lost, and the peer's reads and writes, blocked ones
// included, fail with ECONNRESET. It does nothing to a closed connection.
func (c *Conn) Reset() {
	c.out.abortWriter()
	c.in.abortReader()
}

// CloseWrite ends this end's sending, as [net.TCPConn.CloseWrite] does: the
// peer reads [io.EOF] after what was sent, and writes here fail with EPIPE.
func (c *Conn) CloseWrite() error { return c.wrap("close", c.out.finish()) }

// CloseRead ends this end's receiving, as [net.TCPConn.CloseRead] does: reads
// here return [io.EOF], and the peer, which cannot tell, writes into the void.
func (c *Conn) CloseRead() error { return c.wrap("close", c.in.ignore()) }

// SetLinger with zero makes Close behave as Reset, with any other value not.
// It exists so that code written for [net.TCPConn] resets this connection too.
func (c *Conn) SetLinger(sec int) error {
	c.abortive.Store(sec == 0)
	return nil
}

// LocalAddr returns the client's made-up address on the end that dialled and
// the dialled address on the end that was accepted.
func (c *Conn) LocalAddr() net.Addr { return c.local }

// RemoteAddr returns the peer's LocalAddr.
func (c *Conn) RemoteAddr() net.Addr { return c.remote }

// SetDeadline sets both deadlines.
func (c *Conn) SetDeadline(t time.Time) error {
	if err := c.SetReadDeadline(t); err != nil {
		return err
	}
	return c.SetWriteDeadline(t)
}

// SetReadDeadline makes reads, a blocked one included, fail from t on, even
// if bytes are waiting. The zero time removes the deadline.
func (c *Conn) SetReadDeadline(t time.Time) error {
	return c.wrap("set", c.in.setDeadline(&c.in.reader, t))
}

// SetWriteDeadline makes writes, a blocked one included, fail from t on, even
// if there is room. The zero time removes the deadline.
func (c *Conn) SetWriteDeadline(t time.Time) error {
	return c.wrap("set", c.out.setDeadline(&c.out.writer, t))
}

// wrap dresses err as package net does, down to the name of the system call.
func (c *Conn) wrap(op string, err error) error {
	var errno syscall.Errno
	switch {
	case err == nil, errors.Is(err, io.EOF):
		return err
	case errors.As(err, &errno):
		err = os.NewSyscallError(op, errno)
	}
	return &net.OpError{Op: op, Net: "tcp", Source: c.local, Addr: c.remote, Err: err}
}
