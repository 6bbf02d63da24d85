package memnet_test

import (
	"io"
	"net"
	"os"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/nahook/nahook-go/mockserver/internal/memnet"
)

// Each case does something to a connection and says what each end gets next,
// both from a call that was blocked at that moment and from one made later.
func TestWhatEndsAConnection(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		do                        func(own *memnet.Conn) error
		ownRead, ownWrite         error
		peerRead, peerWrite       error
		peerUnread, peerBlockedUp error // with unread bytes at the peer; a peer's write that was blocked
	}{
		"Close": {
			do:      (*memnet.Conn).Close,
			ownRead: net.ErrClosed, ownWrite: net.ErrClosed,
			peerRead: io.EOF, peerWrite: syscall.EPIPE,
			peerBlockedUp: syscall.ECONNRESET,
		},
		"Reset and Close": {
			do:      func(own *memnet.Conn) error { own.Reset(); return own.Close() },
			ownRead: net.ErrClosed, ownWrite: net.ErrClosed,
			peerRead: syscall.ECONNRESET, peerWrite: syscall.ECONNRESET,
			peerUnread: syscall.ECONNRESET, peerBlockedUp: syscall.ECONNRESET,
		},
		"SetLinger(0) and Close": {
			do: func(own *memnet.Conn) error {
				if err := own.SetLinger(0); err != nil {
					return err
				}
				return own.Close()
			},
			ownRead: net.ErrClosed, ownWrite: net.ErrClosed,
			peerRead: syscall.ECONNRESET, peerWrite: syscall.ECONNRESET,
			peerUnread: syscall.ECONNRESET, peerBlockedUp: syscall.ECONNRESET,
		},
		"CloseWrite": {
			do:       (*memnet.Conn).CloseWrite,
			ownWrite: syscall.EPIPE,
			peerRead: io.EOF,
		},
		"CloseRead": {
			do:      (*memnet.Conn).CloseRead,
			ownRead: io.EOF,
		},
	}
	for name, c := range cases {
		t.Run(name+"/later calls", func(t *testing.T) {
			t.Parallel()
			own, peer := pair(t)
			require.NoError(t, c.do(own))
			requireRead(t, own, c.ownRead)
			requireWrite(t, own, c.ownWrite)
			requireRead(t, peer, c.peerRead)
			requireWrite(t, peer, c.peerWrite)
		})
		t.Run(name+"/bytes the peer has not read", func(t *testing.T) {
			t.Parallel()
			own, peer := pair(t)
			write(t, own, "x")
			require.NoError(t, c.do(own))
			_, err := peer.Read(make([]byte, 1))
			requireCause(t, err, c.peerUnread)
			requireRead(t, peer, c.peerRead)
		})
		t.Run(name+"/blocked reads", func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				own, _ := pair(t)
				requireUnblocked(t, own, own.Read, func() error { return c.do(own) }, c.ownRead)
				own, peer := pair(t)
				requireUnblocked(t, peer, peer.Read, func() error { return c.do(own) }, c.peerRead)
			})
		})
		t.Run(name+"/blocked writes", func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				own, _ := pair(t)
				fill(t, own)
				requireUnblocked(t, own, own.Write, func() error { return c.do(own) }, c.ownWrite)
				own, peer := pair(t)
				fill(t, peer)
				requireUnblocked(t, peer, peer.Write, func() error { return c.do(own) }, c.peerBlockedUp)
			})
		})
	}
}

// requireUnblocked checks that a call which hangs fails with want once do is
// done; without a want it must hang on, or succeed, until conn is closed.
func requireUnblocked(t *testing.T, conn *memnet.Conn, call func([]byte) (int, error), do func() error, want error) {
	t.Helper()
	blocked := begin(call, make([]byte, 1))
	synctest.Wait()
	require.Empty(t, blocked)
	require.NoError(t, do())
	synctest.Wait()
	if want == nil {
		require.NoError(t, conn.Close())
		got := <-blocked
		if got.err != nil {
			requireCause(t, got.err, net.ErrClosed)
		}
		return
	}
	require.NotEmpty(t, blocked)
	requireCause(t, (<-blocked).err, want)
}

// requireRead checks the error of a Read with nothing to read; nil means that
// the direction still works, so that Read would wait.
func requireRead(t *testing.T, conn *memnet.Conn, want error) {
	t.Helper()
	if want == nil {
		require.NoError(t, conn.SetReadDeadline(time.Unix(1, 0)))
		want = os.ErrDeadlineExceeded
	}
	n, err := conn.Read(make([]byte, 1))
	require.Zero(t, n)
	requireCause(t, err, want)
}

func requireWrite(t *testing.T, conn *memnet.Conn, want error) {
	t.Helper()
	n, err := conn.Write([]byte("x"))
	requireCause(t, err, want)
	if want == nil {
		require.Equal(t, 1, n)
	}
}

// requireCause checks an error as a caller of package net meets it.
func requireCause(t *testing.T, err, want error) {
	t.Helper()
	switch want {
	case nil:
		require.NoError(t, err)
	case io.EOF:
		require.Equal(t, io.EOF, err, "readers compare it without unwrapping")
	default:
		require.ErrorIs(t, err, want)
		var wrapped *net.OpError
		require.ErrorAs(t, err, &wrapped)
		require.Equal(t, want == os.ErrDeadlineExceeded, wrapped.Timeout())
	}
}
