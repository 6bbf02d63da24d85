package delivery_test

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/nahook/nahook-go/mockserver/internal/delivery"
	"github.com/nahook/nahook-go/mockserver/internal/domain"
)

func TestConnectionsAreReused(t *testing.T) {
	t.Parallel()
	var opened atomic.Int32
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, strings.Repeat("x", 10_000)) }))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			opened.Add(1)
		}
	}
	server.Start()
	t.Cleanup(server.Close)
	s := newSender(t, delivery.Egress{}, ample)
	for range 20 {
		require.Equal(t, domain.Outcome{StatusCode: 200}, settled(s.Send(t.Context(), message(server.URL))))
	}
	require.EqualValues(t, 1, opened.Load())
}

// A receiver that closes its idle connections has done nothing wrong.
func TestStaleConnections(t *testing.T) {
	t.Parallel()
	for name, leave := range map[string]func(*net.TCPConn){
		"closed": func(c *net.TCPConn) { c.Close() },
		"half":   func(c *net.TCPConn) { c.CloseWrite() },
		"reset":  func(c *net.TCPConn) { c.SetLinger(0); c.Close() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var requests atomic.Int32
			idle, left := make(chan bool), make(chan bool)
			receiver := listen(t, func(conn net.Conn) {
				if request(conn) == "" {
					return
				}
				requests.Add(1)
				io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
				<-idle
				leave(conn.(*net.TCPConn))
				left <- true
			})
			s := newSender(t, delivery.Egress{}, ample)
			for i := range 300 {
				require.Equal(t, domain.Outcome{StatusCode: 200}, settled(s.Send(t.Context(), message(receiver))), i)
				idle <- true
				<-left
			}
			require.EqualValues(t, 300, requests.Load())
		})
	}
}

// A receiver that leaves because of a request must get it once, and fail it,
// also on a connection that has served before.
func TestNothingIsSentTwice(t *testing.T) {
	t.Parallel()
	for name, leave := range map[string]func(*net.TCPConn){
		"closed": func(c *net.TCPConn) { c.Close() },
		"reset":  func(c *net.TCPConn) { c.SetLinger(0); c.Close() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var requests atomic.Int32
			receiver := listen(t, func(conn net.Conn) {
				r := bufio.NewReader(conn)
				for range 2 {
					got, err := http.ReadRequest(r)
					if err != nil {
						return
					}
					io.Copy(io.Discard, got.Body)
					if requests.Add(1)%2 == 0 {
						leave(conn.(*net.TCPConn))
						return
					}
					io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
				}
			})
			s := newSender(t, delivery.Egress{}, ample)
			for i := range 100 {
				require.Equal(t, domain.Outcome{StatusCode: 200}, settled(s.Send(t.Context(), message(receiver))), i)
				require.Equal(t, domain.Outcome{Failure: "connection reset"}, settled(s.Send(t.Context(), message(receiver))), i)
				require.EqualValues(t, 2*i+2, requests.Load())
			}
		})
	}
}

func TestLargeBodiesAndEarlyAnswers(t *testing.T) {
	t.Parallel()
	receiver := listen(t, func(conn net.Conn) {
		io.ReadFull(conn, make([]byte, 10))
		io.WriteString(conn, "HTTP/1.1 413 Too Large\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
		io.Copy(io.Discard, conn)
	})
	m := message(receiver)
	m.Body = make([]byte, 8<<20)
	require.Equal(t, domain.Outcome{StatusCode: 413}, settled(newSender(t, delivery.Egress{}, ample).Send(t.Context(), m)))
}

func TestSendEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	receiver := listen(t, func(conn net.Conn) {
		request(conn)
		cancel()
		io.Copy(io.Discard, conn)
	})
	require.Equal(t, domain.Outcome{Failure: "the attempt was cancelled"}, settled(newSender(t, delivery.Egress{}, ample).Send(ctx, message(receiver))))
}

// Closing is tested one at a time, with no other goroutines around.
func TestCloseLeavesNoGoroutine(t *testing.T) {
	arrived := make(chan bool, 8)
	hanging := newServer(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		arrived <- true
		<-r.Context().Done()
	}))
	quick := newServer(t, answering(200))
	base := goleak.IgnoreCurrent()
	s := delivery.NewSender(delivery.Egress{}, machine, ample)
	outcomes := make(chan domain.Outcome, 8)
	for range 8 {
		require.Equal(t, 200, s.Send(t.Context(), message(quick.URL)).StatusCode)
		go func() { outcomes <- s.Send(context.Background(), message(hanging.URL)) }()
		<-arrived
	}
	s.Close()
	for range 8 {
		require.Equal(t, domain.Outcome{Failure: "the attempt was cancelled"}, settled(<-outcomes))
	}
	quick.Close()
	hanging.Close()
	require.NoError(t, goleak.Find(base))
	require.Equal(t, domain.Outcome{Failure: "the attempt was cancelled"}, s.Send(t.Context(), message(quick.URL)))
	s.Close()
}

func TestHostileReceiversLeaveNoGoroutine(t *testing.T) {
	scripts := []func(net.Conn){
		endless("HTTP/1.1 200 OK\r\n\r\n", strings.Repeat("x", 1<<16)), endless("HTTP/1.1 200 OK\r\n", "A: b\r\n"), silent(""),
		drip("HTTP/1.1 200 OK\r\n\r\n"), answer("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:9/\r\n\r\n"), reset, func(net.Conn) {},
	}
	base := goleak.IgnoreCurrent()
	t.Run("attempts", func(t *testing.T) {
		s := newSender(t, delivery.Egress{}, 100*time.Millisecond)
		for _, script := range scripts {
			o := s.Send(t.Context(), message(listen(t, script)))
			require.False(t, o.Success())
			require.NotEmpty(t, o.Failure)
		}
	})
	require.NoError(t, goleak.Find(base))
}

func TestCloseWithoutAnyAttempt(t *testing.T) {
	t.Parallel()
	delivery.NewSender(delivery.Egress{}, machine, ample).Close()
}

func TestCloseDuringAttempts(t *testing.T) {
	t.Parallel()
	server := newServer(t, answering(200))
	for range 50 {
		s := delivery.NewSender(delivery.Egress{}, machine, ample)
		var attempts sync.WaitGroup
		for range 4 {
			attempts.Go(func() {
				for s.Send(context.Background(), message(server.URL)).Success() {
				}
			})
		}
		s.Close()
		attempts.Wait()
	}
}
