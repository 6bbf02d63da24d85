package memnet_test

import (
	"net"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/nahook/nahook-go/mockserver/internal/memnet"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// inAndOut runs a test on machine time and again inside a bubble, where a
// wait that is not durable would hang it and a goroutine left behind fail it.
func inAndOut(t *testing.T, test func(t *testing.T)) {
	t.Helper()
	t.Run("outside", func(t *testing.T) {
		t.Parallel()
		test(t)
	})
	t.Run("bubble", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, test)
	})
}

// pair returns both ends of a connection that is closed with the test.
func pair(t *testing.T) (client, server *memnet.Conn) {
	t.Helper()
	listener := memnet.Listen()
	t.Cleanup(func() { require.NoError(t, listener.Close()) })
	client = dial(t, listener)
	return client, accept(t, listener)
}

func dial(t *testing.T, listener *memnet.Listener) *memnet.Conn {
	t.Helper()
	conn, err := listener.DialContext(t.Context(), "tcp", "api.example.test:443")
	require.NoError(t, err)
	return owned(t, conn)
}

func accept(t *testing.T, listener *memnet.Listener) *memnet.Conn {
	t.Helper()
	conn, err := listener.Accept()
	require.NoError(t, err)
	return owned(t, conn)
}

func owned(t *testing.T, conn net.Conn) *memnet.Conn {
	t.Helper()
	t.Cleanup(func() { require.NoError(t, conn.Close()) })
	return conn.(*memnet.Conn)
}

// result is what a Read or Write returned.
type result struct {
	n   int
	err error
}

// begin runs a Read or Write on its own goroutine.
func begin(call func([]byte) (int, error), b []byte) <-chan result {
	done := make(chan result, 1)
	go func() {
		n, err := call(b)
		done <- result{n, err}
	}()
	return done
}

// write sends what must fit into the buffer.
func write(t *testing.T, conn *memnet.Conn, text string) {
	t.Helper()
	n, err := conn.Write([]byte(text))
	require.NoError(t, err)
	require.Equal(t, len(text), n)
}

// fill leaves no room in the direction conn writes to.
func fill(t *testing.T, conn *memnet.Conn) {
	t.Helper()
	write(t, conn, string(make([]byte, bufferSize)))
}

// bufferSize is the documented capacity of one direction.
const bufferSize = 64 << 10
