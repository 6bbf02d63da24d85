package memnet_test

import (
	"context"
	"fmt"
	"net"
	"runtime"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nahook/nahook-go/mockserver/internal/memnet"
)

// Not parallel: it counts every goroutine there is.
func TestConnectionCostsNoGoroutine(t *testing.T) {
	before := runtime.NumGoroutine()
	for range 20 {
		client, server := pair(t)
		write(t, client, "up")
		write(t, server, "down")
	}
	require.Equal(t, before, runtime.NumGoroutine())
}

func TestAddresses(t *testing.T) {
	t.Parallel()
	listener := memnet.Listen()
	defer listener.Close()
	for i, target := range []string{"api.example.test:443", "192.0.2.7:80", "[2001:db8::1]:8080"} {
		dialled, err := listener.DialContext(t.Context(), "tcp", target)
		require.NoError(t, err)
		client, server := owned(t, dialled), accept(t, listener)

		own := fmt.Sprintf("192.0.2.1:%d", 1024+i)
		require.Equal(t, own, client.LocalAddr().String())
		require.Equal(t, target, client.RemoteAddr().String())
		require.Equal(t, target, server.LocalAddr().String())
		require.Equal(t, own, server.RemoteAddr().String())
		for _, addr := range []net.Addr{client.LocalAddr(), client.RemoteAddr(), listener.Addr()} {
			require.Equal(t, "tcp", addr.Network())
		}
	}
	require.Equal(t, "memnet.invalid:80", listener.Addr().String())
}

func TestDialRefusesWhatTCPCannotReach(t *testing.T) {
	t.Parallel()
	listener := memnet.Listen()
	defer listener.Close()
	for _, target := range [][2]string{{"udp", "a:1"}, {"unix", "/tmp/socket"}, {"tcp", "no-port"}, {"tcp", ""}} {
		_, err := listener.DialContext(t.Context(), target[0], target[1])
		requireOp(t, err, "dial")
	}
	for _, network := range []string{"tcp", "tcp4", "tcp6"} {
		conn, err := listener.DialContext(t.Context(), network, "a:1")
		require.NoError(t, err)
		owned(t, conn)
	}
}

func TestDialOnClosedListenerIsRefused(t *testing.T) {
	t.Parallel()
	listener := memnet.Listen()
	require.NoError(t, listener.Close())
	require.NoError(t, listener.Close(), "Close is idempotent")

	_, err := listener.DialContext(t.Context(), "tcp", "api.example.test:443")
	require.ErrorIs(t, err, syscall.ECONNREFUSED)
	require.EqualError(t, err, "dial tcp api.example.test:443: connect: connection refused")
	requireOp(t, err, "dial")
}

func TestDialEndsWithItsContext(t *testing.T) {
	t.Parallel()
	listener := memnet.Listen()
	defer listener.Close()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := listener.DialContext(ctx, "tcp", "a:1")
	require.ErrorIs(t, err, context.Canceled)
	requireOp(t, err, "dial")
}

func TestDialWaitsWhileNobodyAccepts(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		listener := memnet.Listen()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		var err error
		for err == nil {
			_, err = listener.DialContext(ctx, "tcp", "a:1")
		}
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.True(t, requireOp(t, err, "dial").Timeout())

		waiting := make(chan error, 1)
		dialOne := func() {
			_, err := listener.DialContext(t.Context(), "tcp", "a:1")
			waiting <- err
		}
		go dialOne()
		synctest.Wait()
		require.Empty(t, waiting)
		accept(t, listener)
		require.NoError(t, <-waiting)

		go dialOne()
		synctest.Wait()
		require.NoError(t, listener.Close())
		// The closing listener empties its queue, so that the dial either finds
		// a place there and is reset or is refused.
		if err := <-waiting; err != nil {
			require.ErrorIs(t, err, syscall.ECONNREFUSED)
		}
	})
}

func TestCloseResetsWhatWasNotAccepted(t *testing.T) {
	t.Parallel()
	inAndOut(t, func(t *testing.T) {
		listener := memnet.Listen()
		accepted := dial(t, listener)
		server := accept(t, listener)
		waiting := dial(t, listener)
		reading := begin(waiting.Read, make([]byte, 1))
		require.NoError(t, listener.Close())

		require.ErrorIs(t, (<-reading).err, syscall.ECONNRESET)
		_, err := waiting.Write([]byte("x"))
		require.ErrorIs(t, err, syscall.ECONNRESET)

		write(t, accepted, "x")
		n, err := server.Read(make([]byte, 1))
		require.NoError(t, err, "an accepted connection outlives its listener")
		require.Equal(t, 1, n)
	})
}

func TestAcceptEndsWithClose(t *testing.T) {
	t.Parallel()
	inAndOut(t, func(t *testing.T) {
		listener := memnet.Listen()
		failed := make(chan error, 1)
		go func() {
			_, err := listener.Accept()
			failed <- err
		}()
		require.NoError(t, listener.Close())
		err := <-failed
		require.ErrorIs(t, err, net.ErrClosed)
		requireOp(t, err, "accept")

		_, err = listener.Accept()
		require.ErrorIs(t, err, net.ErrClosed)
	})
}

// closingContext closes the listener at the last moment before the dialled
// connection would queue up.
type closingContext struct {
	context.Context
	listener *memnet.Listener
}

func (c closingContext) Done() <-chan struct{} {
	_ = c.listener.Close()
	return nil
}

func TestDialThatMeetsCloseHalfway(t *testing.T) {
	t.Parallel()
	for range 64 { // either outcome is as likely
		listener := memnet.Listen()
		conn, err := listener.DialContext(closingContext{t.Context(), listener}, "tcp", "a:1")
		if err != nil {
			require.ErrorIs(t, err, syscall.ECONNREFUSED)
			continue
		}
		requireRead(t, owned(t, conn), syscall.ECONNRESET)
	}
}

// Whatever the order of dials, accepts and the close: a connection is
// accepted, reset or refused, never left open with nobody at the other end.
func TestCloseLeavesNoDialBehind(t *testing.T) {
	t.Parallel()
	for range 200 {
		listener := memnet.Listen()
		var tasks sync.WaitGroup
		for range 8 {
			tasks.Go(func() {
				conn, err := listener.DialContext(t.Context(), "tcp", "a:1")
				if err != nil {
					assert.ErrorIs(t, err, syscall.ECONNREFUSED)
					return
				}
				_, err = conn.Read(make([]byte, 1)) // hangs if nobody has it
				assert.ErrorIs(t, err, syscall.ECONNRESET)
				assert.NoError(t, conn.Close())
			})
		}
		tasks.Go(func() {
			for {
				conn, err := listener.Accept()
				if err != nil {
					return
				}
				conn.(*memnet.Conn).Reset()
			}
		})
		tasks.Go(func() { assert.NoError(t, listener.Close()) })
		tasks.Wait()
	}
}

// requireOp checks that err is dressed as package net would dress it.
func requireOp(t *testing.T, err error, op string) *net.OpError {
	t.Helper()
	var wrapped *net.OpError
	require.ErrorAs(t, err, &wrapped)
	require.Equal(t, op, wrapped.Op)
	return wrapped
}
