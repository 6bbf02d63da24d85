package memnet_test

import (
	"errors"
	"net"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/nahook/nahook-go/mockserver/internal/memnet"
)

var longAgo = time.Unix(1, 0)

// deadlines are the two kinds: how to set one, and a call that would block.
var deadlines = map[string]struct {
	set  func(*memnet.Conn, time.Time) error
	call func(*memnet.Conn) func([]byte) (int, error)
}{
	"read": {
		set:  (*memnet.Conn).SetReadDeadline,
		call: func(c *memnet.Conn) func([]byte) (int, error) { return c.Read },
	},
	"write": {
		set:  (*memnet.Conn).SetWriteDeadline,
		call: func(c *memnet.Conn) func([]byte) (int, error) { return c.Write },
	},
	"both, reading": {
		set:  (*memnet.Conn).SetDeadline,
		call: func(c *memnet.Conn) func([]byte) (int, error) { return c.Read },
	},
	"both, writing": {
		set:  (*memnet.Conn).SetDeadline,
		call: func(c *memnet.Conn) func([]byte) (int, error) { return c.Write },
	},
}

func TestDeadlines(t *testing.T) {
	t.Parallel()
	for name, d := range deadlines {
		// scenario runs in a bubble with a connection on which call blocks.
		scenario := func(title string, test func(t *testing.T, set func(time.Time), call func() <-chan result)) {
			t.Run(name+"/"+title, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					conn, _ := pair(t)
					fill(t, conn)
					set := func(at time.Time) { require.NoError(t, d.set(conn, at)) }
					test(t, set, func() <-chan result { return begin(d.call(conn), make([]byte, 1)) })
				})
			})
		}
		scenario("in the past", func(t *testing.T, set func(time.Time), call func() <-chan result) {
			set(longAgo)
			requireTimeout(t, call(), 0)
			requireTimeout(t, call(), 0)
		})
		scenario("in the future", func(t *testing.T, set func(time.Time), call func() <-chan result) {
			set(time.Now().Add(time.Hour))
			requireTimeout(t, call(), time.Hour)
			requireTimeout(t, call(), 0)
		})
		scenario("passed before the call", func(t *testing.T, set func(time.Time), call func() <-chan result) {
			set(time.Now().Add(time.Second))
			time.Sleep(time.Minute)
			requireTimeout(t, call(), 0)
		})
		scenario("set while blocked", func(t *testing.T, set func(time.Time), call func() <-chan result) {
			blocked := call()
			synctest.Wait()
			set(longAgo)
			requireTimeout(t, blocked, 0)
		})
		scenario("moved forward while blocked", func(t *testing.T, set func(time.Time), call func() <-chan result) {
			set(time.Now().Add(time.Hour))
			blocked := call()
			synctest.Wait()
			set(time.Now().Add(time.Minute))
			requireTimeout(t, blocked, time.Minute)
		})
		scenario("put off while blocked", func(t *testing.T, set func(time.Time), call func() <-chan result) {
			set(time.Now().Add(time.Minute))
			blocked := call()
			time.Sleep(30 * time.Second)
			set(time.Now().Add(time.Hour))
			requireTimeout(t, blocked, time.Hour)
		})
		scenario("removed while blocked", func(t *testing.T, set func(time.Time), call func() <-chan result) {
			set(time.Now().Add(time.Minute))
			blocked := call()
			synctest.Wait()
			set(time.Time{})
			time.Sleep(time.Hour)
			require.Empty(t, blocked)
			set(longAgo)
			requireTimeout(t, blocked, 0)
		})
		scenario("lifted after it passed", func(t *testing.T, set func(time.Time), call func() <-chan result) {
			set(longAgo)
			set(time.Time{})
			blocked := call()
			synctest.Wait()
			require.Empty(t, blocked)
			set(longAgo)
			<-blocked
		})
	}
}

// requireTimeout waits for a call to time out and checks how long it took.
func requireTimeout(t *testing.T, blocked <-chan result, after time.Duration) {
	t.Helper()
	start := time.Now()
	got := <-blocked
	require.Equal(t, after, time.Since(start))
	require.Zero(t, got.n)
	require.ErrorIs(t, got.err, os.ErrDeadlineExceeded)
	var timeout net.Error
	require.True(t, errors.As(got.err, &timeout) && timeout.Timeout())
}

func TestDeadlineOnMachineTime(t *testing.T) {
	t.Parallel()
	conn, _ := pair(t)
	require.NoError(t, conn.SetReadDeadline(time.Now().Add(time.Millisecond)))
	_, err := conn.Read(make([]byte, 1))
	requireCause(t, err, os.ErrDeadlineExceeded)
}

func TestReadAndWriteDeadlinesAreSeparate(t *testing.T) {
	t.Parallel()
	client, server := pair(t)
	require.NoError(t, client.SetReadDeadline(longAgo))
	write(t, client, "x")
	require.NoError(t, client.SetReadDeadline(time.Time{}))
	require.NoError(t, client.SetWriteDeadline(longAgo))
	write(t, server, "y")
	_, err := client.Read(make([]byte, 1))
	require.NoError(t, err)
	_, err = server.Read(make([]byte, 1))
	require.NoError(t, err, "the peer has deadlines of its own")
}

func TestPassedDeadlineBeatsBytesAndEnds(t *testing.T) {
	t.Parallel()
	client, server := pair(t)
	write(t, server, "x")
	require.NoError(t, client.SetReadDeadline(longAgo))
	requireRead(t, client, os.ErrDeadlineExceeded)
	require.NoError(t, client.SetReadDeadline(time.Time{}))
	_, err := client.Read(make([]byte, 1))
	require.NoError(t, err, "the byte is still there")

	require.NoError(t, client.SetDeadline(longAgo))
	server.Reset()
	requireRead(t, client, os.ErrDeadlineExceeded)
	requireWrite(t, client, os.ErrDeadlineExceeded)
	require.NoError(t, client.Close())
	requireRead(t, client, net.ErrClosed)
}

func TestWriteReportsWhatItGotIn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		client, server := pair(t)
		require.NoError(t, client.SetWriteDeadline(time.Now().Add(time.Second)))
		got := <-begin(client.Write, make([]byte, bufferSize+1))
		require.Equal(t, bufferSize, got.n)
		requireCause(t, got.err, os.ErrDeadlineExceeded)

		require.NoError(t, client.SetWriteDeadline(time.Time{}))
		_, err := server.Read(make([]byte, 10))
		require.NoError(t, err)
		write(t, client, "goes on")
	})
}

// A writer that waits for its turn has not begun, yet its deadline counts.
func TestDeadlineWhileAnotherWriteIsUnderWay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		client, _ := pair(t)
		fill(t, client)
		first := begin(client.Write, []byte("x"))
		second := begin(client.Write, []byte("y"))
		synctest.Wait()
		require.NoError(t, client.SetWriteDeadline(time.Now().Add(time.Second)))
		requireTimeout(t, first, time.Second)
		requireTimeout(t, second, 0)
	})
}
