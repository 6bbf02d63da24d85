package memnet

import (
	"net"
	"os"
)

// end is the state of whoever reads or writes a pipe, guarded by the pipe's
// lock.
type end struct {
	closed bool  // by its owner
	err    error // what its owner gets from now on, by whoever's doing

	expired    bool        // the deadline has passed
	generation uint64      // tells a stopped timer's late call from the current one's
	stop       func() bool // nil without a running timer
}

// failure returns why the owner cannot go on. The order is package net's: a
// closed connection fails as closed, and a passed deadline beats all the rest.
func (e *end) failure() error {
	switch {
	case e.closed:
		return net.ErrClosed
	case e.expired:
		return os.ErrDeadlineExceeded
	}
	return e.err
}

func (e *end) ifClosed() error {
	if e.closed {
		return net.ErrClosed
	}
	return nil
}

func (e *end) close() {
	e.closed = true
	e.disarm()
}

// disarm removes the deadline.
func (e *end) disarm() {
	if e.stop != nil {
		e.stop()
		e.stop = nil
	}
	e.generation++
	e.expired = false
}
