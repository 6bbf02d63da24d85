package memnet_test

import (
	"bytes"
	"io"
	"math/rand/v2"
	"net"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nahook/nahook-go/mockserver/internal/memnet"
)

func TestBothDirectionsAtOnce(t *testing.T) {
	t.Parallel()
	inAndOut(t, func(t *testing.T) {
		client, server := pair(t)
		var tasks sync.WaitGroup
		for seed, ends := range [][2]*memnet.Conn{{client, server}, {server, client}} {
			sent := randomBytes(uint64(seed), 1<<20)
			tasks.Go(func() {
				assert.NoError(t, writeInPieces(ends[0], sent, uint64(seed)))
				assert.NoError(t, ends[0].CloseWrite())
			})
			tasks.Go(func() {
				received, err := io.ReadAll(ends[1])
				assert.NoError(t, err)
				assert.True(t, bytes.Equal(sent, received), "what arrives is what was sent")
			})
		}
		tasks.Wait()
	})
}

// writeInPieces sends b in pieces from nothing to more than the buffer holds.
func writeInPieces(conn *memnet.Conn, b []byte, seed uint64) error {
	random := rand.New(rand.NewPCG(seed, 0))
	for len(b) > 0 {
		piece := random.IntN(min(len(b), 2*bufferSize) + 1)
		if _, err := conn.Write(b[:piece]); err != nil {
			return err
		}
		b = b[piece:]
	}
	return nil
}

func randomBytes(seed uint64, n int) []byte {
	random := rand.New(rand.NewPCG(seed, 1))
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(random.Uint32())
	}
	return b
}

func TestWriteReturnsWithoutAReader(t *testing.T) {
	t.Parallel()
	client, server := pair(t)
	write(t, client, "one ")
	write(t, client, "two")
	write(t, client, "")
	b := make([]byte, 64)
	n, err := server.Read(b)
	require.NoError(t, err)
	require.Equal(t, "one two", string(b[:n]))

	n, err = server.Read(nil)
	require.NoError(t, err, "reading nothing waits for nothing")
	require.Zero(t, n)
}

func TestWriteWaitsForRoom(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		client, server := pair(t)
		fill(t, client)
		writing := begin(client.Write, []byte("xy"))
		synctest.Wait()
		require.Empty(t, writing, "the buffer is full")

		_, err := server.Read(make([]byte, 1))
		require.NoError(t, err)
		synctest.Wait()
		require.Empty(t, writing, "half of it has room")

		_, err = server.Read(make([]byte, 1))
		require.NoError(t, err)
		require.Equal(t, result{n: 2}, <-writing)
	})
}

func TestConcurrentWritesDoNotInterleave(t *testing.T) {
	t.Parallel()
	inAndOut(t, func(t *testing.T) {
		client, server := pair(t)
		var writers sync.WaitGroup
		const size = 3 * bufferSize
		for i := range 4 {
			writers.Go(func() {
				_, err := client.Write(bytes.Repeat([]byte{byte(i)}, size))
				assert.NoError(t, err)
			})
		}
		b := make([]byte, size)
		for range 4 {
			_, err := io.ReadFull(server, b)
			require.NoError(t, err)
			require.Equal(t, size, bytes.Count(b, b[:1]))
		}
		writers.Wait()
	})
}

func TestErrorText(t *testing.T) {
	t.Parallel()
	client, server := pair(t)
	server.Reset()
	_, err := client.Read(make([]byte, 1))
	require.EqualError(t, err, "read tcp 192.0.2.1:1024->api.example.test:443: read: connection reset by peer")
	_, err = server.Write([]byte("x"))
	require.EqualError(t, err, "write tcp api.example.test:443->192.0.2.1:1024: use of closed network connection")
}

func TestUnreadBytesTurnCloseIntoResetForTheWriter(t *testing.T) {
	t.Parallel()
	client, server := pair(t)
	write(t, client, "never read")
	write(t, server, "answer")
	require.NoError(t, server.Close())

	requireWrite(t, client, syscall.ECONNRESET)
	answer, err := io.ReadAll(client)
	require.NoError(t, err, "the answer survives all the same")
	require.Equal(t, "answer", string(answer))
}

func TestWriteAfterTheEndFails(t *testing.T) {
	t.Parallel()
	for range 1000 {
		client, server := pair(t)
		go client.Close()
		_, err := server.Read(make([]byte, 1))
		require.Equal(t, io.EOF, err)
		requireWrite(t, server, syscall.EPIPE)
	}
}

func TestHalfClosedConnectionAnswers(t *testing.T) {
	t.Parallel()
	inAndOut(t, func(t *testing.T) {
		client, server := pair(t)
		write(t, client, "question")
		require.NoError(t, client.CloseWrite())
		require.NoError(t, client.CloseWrite(), "ending twice is ending once")
		question, err := io.ReadAll(server)
		require.NoError(t, err)
		require.Equal(t, "question", string(question))

		write(t, server, "answer")
		require.NoError(t, server.Close())
		answer, err := io.ReadAll(client)
		require.NoError(t, err)
		require.Equal(t, "answer", string(answer))
	})
}

func TestCloseReadSwallowsWhatFollows(t *testing.T) {
	t.Parallel()
	client, server := pair(t)
	write(t, client, "before")
	require.NoError(t, server.CloseRead())
	for range 3 {
		fill(t, client)
	}
	requireRead(t, server, io.EOF)
	require.NoError(t, server.Close())
	requireWrite(t, client, syscall.EPIPE)
}

func TestClosedConnection(t *testing.T) {
	t.Parallel()
	client, server := pair(t)
	require.NoError(t, client.Close())
	require.NoError(t, client.Close(), "Close is idempotent")
	client.Reset()
	requireRead(t, server, io.EOF)
	for name, call := range map[string]func() error{
		"CloseRead":        client.CloseRead,
		"CloseWrite":       client.CloseWrite,
		"SetDeadline":      func() error { return client.SetDeadline(time.Time{}) },
		"SetReadDeadline":  func() error { return client.SetReadDeadline(time.Time{}) },
		"SetWriteDeadline": func() error { return client.SetWriteDeadline(time.Time{}) },
	} {
		require.ErrorIs(t, call(), net.ErrClosed, name)
	}
	require.Equal(t, "192.0.2.1:1024", client.LocalAddr().String(), "addresses stay")
}

func TestLingerCanBeTakenBack(t *testing.T) {
	t.Parallel()
	client, server := pair(t)
	require.NoError(t, client.SetLinger(0))
	require.NoError(t, client.SetLinger(-1))
	require.NoError(t, client.Close())
	requireRead(t, server, io.EOF)
}

// Everything at once, for the race detector; it ends because both are closed.
func TestConcurrentUse(t *testing.T) {
	t.Parallel()
	inAndOut(t, func(t *testing.T) {
		for i := range 20 {
			client, server := pair(t)
			var tasks sync.WaitGroup
			for _, conn := range []*memnet.Conn{client, server} {
				for range 2 {
					tasks.Go(func() { _, _ = io.Copy(conn, conn) })
					tasks.Go(func() { _, _ = conn.Write(make([]byte, 2*bufferSize)) })
				}
				tasks.Go(func() {
					for range 50 {
						_ = conn.SetDeadline(time.Unix(1, 0))
						_ = conn.SetDeadline(time.Time{})
					}
				})
			}
			tasks.Go(func() { _ = client.CloseRead() })
			tasks.Go(func() { _ = server.CloseWrite() })
			tasks.Go(func() { _ = client.Close() })
			tasks.Go(func() {
				if i%2 == 0 {
					server.Reset()
				}
				_ = server.Close()
			})
			tasks.Wait()
		}
	})
}
