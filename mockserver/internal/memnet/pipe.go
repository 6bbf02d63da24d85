package memnet

import (
	"io"
	"sync"
	"syscall"
	"time"

	"github.com/nahook/nahook-go/mockserver/internal/clock"
)

// pipe is one direction of a connection. A connection is two pipes that know
// nothing of each other, so nobody ever holds two locks.
type pipe struct {
	mu sync.Mutex
	// changed is broadcast whenever somebody's wait may be over. One condition
	// serves both ends because they hardly ever wait together: a reader waits
	// on an empty buffer, a writer on a full one. Unlike a mutex it is durably
	// blocking inside a bubble, so it also orders concurrent writers.
	changed sync.Cond

	buffer         buffer
	reader, writer end
	writing        bool // a Write is under way and others wait for their turn
	finished       bool // nothing follows what is buffered
	ignored        bool // what is written is thrown away
}

func (p *pipe) init() { p.changed.L = &p.mu }

func (p *pipe) read(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for {
		if err := p.reader.failure(); err != nil {
			return 0, err
		}
		if n := p.buffer.read(b); n > 0 || len(b) == 0 {
			p.changed.Broadcast()
			return n, nil
		}
		if p.finished {
			return 0, io.EOF
		}
		p.changed.Wait()
	}
}

func (p *pipe) write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for p.writing {
		if err := p.writer.failure(); err != nil {
			return 0, err
		}
		p.changed.Wait()
	}
	p.writing = true
	n, err := p.fillLocked(b)
	p.writing = false
	p.changed.Broadcast()
	return n, err
}

// fillLocked moves b into the buffer as fast as the reader makes room.
func (p *pipe) fillLocked(b []byte) (n int, err error) {
	for {
		if err := p.writer.failure(); err != nil {
			return n, err
		}
		if p.ignored {
			return len(b), nil
		}
		n += p.buffer.write(b[n:])
		if n == len(b) {
			return n, nil
		}
		p.changed.Broadcast()
		p.changed.Wait()
	}
}

// closeWriter lets the reader have what is buffered, then io.EOF.
func (p *pipe) closeWriter() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.writer.close()
	p.finished = true
	p.changed.Broadcast()
}

// closeReader fails the writer from now on, the way Linux does: EPIPE after an
// orderly end, ECONNRESET if bytes were sent that nobody will ever read.
func (p *pipe) closeReader() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.reader.close()
	if p.writer.err == nil {
		p.writer.err = syscall.EPIPE
		if p.buffer.size > 0 {
			p.writer.err = syscall.ECONNRESET
		}
	}
	p.buffer.discard()
	p.changed.Broadcast()
}

func (p *pipe) abortReader() { p.abort(&p.reader, &p.writer) }
func (p *pipe) abortWriter() { p.abort(&p.writer, &p.reader) }

// abort closes one end such that the other notices at once.
func (p *pipe) abort(own, other *end) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if own.closed {
		return
	}
	own.close()
	other.err = syscall.ECONNRESET
	p.buffer.discard()
	p.changed.Broadcast()
}

// finish ends the writing while its end stays open for the rest.
func (p *pipe) finish() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.writer.err == nil {
		p.writer.err = syscall.EPIPE
	}
	p.finished = true
	p.changed.Broadcast()
	return p.writer.ifClosed()
}

// ignore ends the reading without letting the writer know.
func (p *pipe) ignore() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.reader.err == nil {
		p.reader.err = io.EOF
	}
	p.ignored = true
	p.buffer.discard()
	p.changed.Broadcast()
	return p.reader.ifClosed()
}

// setDeadline sets the deadline of one of the pipe's ends. Only one that is
// still to come costs anything: net/http sets and lifts past ones with every
// request.
func (p *pipe) setDeadline(e *end, t time.Time) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := e.ifClosed(); err != nil {
		return err
	}
	e.disarm()
	if t.IsZero() {
		return nil
	}
	wait := clock.Until(t)
	if wait <= 0 {
		e.expired = true
		p.changed.Broadcast()
		return nil
	}
	e.stop = clock.AfterFunc(wait, p.expiry(e, e.generation))
	return nil
}

// expiry returns what an end's timer does when its time has come.
func (p *pipe) expiry(e *end, generation uint64) func() {
	return func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		if e.generation == generation {
			e.expired = true
			p.changed.Broadcast()
		}
	}
}
