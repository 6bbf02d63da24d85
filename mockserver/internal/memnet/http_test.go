package memnet_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nahook/nahook-go/mockserver/internal/memnet"
)

const fiveMiB = 5 << 20

func TestHTTPGet(t *testing.T) {
	t.Parallel()
	inAndOut(t, func(t *testing.T) {
		s := open(t, func(w http.ResponseWriter, r *http.Request) {
			local := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
			fmt.Fprintf(w, "%s %s %s", r.Host, local, r.RemoteAddr)
		})
		for url, want := range map[string]string{
			"http://api.example.test/x":       "api.example.test api.example.test:80 192.0.2.1:",
			"https://api.example.test/x":      "api.example.test api.example.test:443 192.0.2.1:",
			"https://api.example.test:8443/x": "api.example.test:8443 api.example.test:8443 192.0.2.1:",
		} {
			body, err := io.ReadAll(s.get(t, t.Context(), url).Body)
			require.NoError(t, err)
			require.Contains(t, string(body), want)
		}
	})
}

func TestHTTPPost(t *testing.T) {
	t.Parallel()
	sent := randomBytes(3, fiveMiB)
	inAndOut(t, func(t *testing.T) {
		s := open(t, func(w http.ResponseWriter, r *http.Request) {
			body, err := io.ReadAll(r.Body)
			assert.NoError(t, err)
			_, err = w.Write(body)
			assert.NoError(t, err)
		})
		response, err := s.client.Post("http://api.example.test", "application/octet-stream", bytes.NewReader(sent))
		require.NoError(t, err)
		defer response.Body.Close()
		received, err := io.ReadAll(response.Body)
		require.NoError(t, err)
		require.True(t, bytes.Equal(sent, received))
	})
}

// The next piece is sent only after the previous one was seen, so a response
// held back anywhere would hang.
func TestHTTPStreams(t *testing.T) {
	t.Parallel()
	inAndOut(t, func(t *testing.T) {
		seen := make(chan struct{})
		s := open(t, func(w http.ResponseWriter, _ *http.Request) {
			for i := range 5 {
				fmt.Fprintf(w, "piece %d", i)
				w.(http.Flusher).Flush()
				<-seen
			}
		})
		response := s.get(t, t.Context(), "http://api.example.test")
		require.Equal(t, []string{"chunked"}, response.TransferEncoding)
		b := make([]byte, 64)
		for i := range 5 {
			n, err := response.Body.Read(b)
			require.NoError(t, err)
			require.Equal(t, fmt.Sprintf("piece %d", i), string(b[:n]))
			seen <- struct{}{}
		}
		_, err := response.Body.Read(b)
		require.Equal(t, io.EOF, err)
	})
}

func TestHTTPKeepsConnectionAlive(t *testing.T) {
	t.Parallel()
	inAndOut(t, func(t *testing.T) {
		s := open(t, func(w http.ResponseWriter, r *http.Request) { _, _ = io.Copy(w, r.Body) })
		for i := range 100 {
			sent := fmt.Sprintf("request %d", i)
			response, err := s.client.Post("https://api.example.test", "text/plain", bytes.NewBufferString(sent))
			require.NoError(t, err)
			received, err := io.ReadAll(response.Body)
			require.NoError(t, err)
			require.NoError(t, response.Body.Close())
			require.Equal(t, sent, string(received))
		}
		require.EqualValues(t, 1, s.dials.Load())
	})
}

// No handler returns before all have begun, so each has its own connection.
func TestHTTPParallel(t *testing.T) {
	t.Parallel()
	inAndOut(t, func(t *testing.T) {
		const requests = 64
		var begun, tasks sync.WaitGroup
		var addresses sync.Map
		begun.Add(requests)
		s := open(t, func(_ http.ResponseWriter, r *http.Request) {
			_, again := addresses.LoadOrStore(r.RemoteAddr, true)
			assert.False(t, again, "connections can be told apart")
			begun.Done()
			begun.Wait()
		})
		for range requests {
			tasks.Go(func() {
				response, err := s.client.Get("http://api.example.test")
				if assert.NoError(t, err) {
					assert.Equal(t, http.StatusOK, response.StatusCode)
					assert.NoError(t, response.Body.Close())
				}
			})
		}
		tasks.Wait()
		require.EqualValues(t, requests, s.dials.Load())
	})
}

func TestHTTPUnreadRequestBody(t *testing.T) {
	t.Parallel()
	inAndOut(t, func(t *testing.T) {
		s := open(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusRequestEntityTooLarge) })
		start := time.Now()
		response, err := s.client.Post("http://api.example.test", "text/plain", bytes.NewReader(make([]byte, fiveMiB)))
		require.NoError(t, err, "the answer arrives although the request never does")
		require.Equal(t, http.StatusRequestEntityTooLarge, response.StatusCode)
		require.NoError(t, response.Body.Close())

		s.close(t)
		require.GreaterOrEqual(t, time.Since(start), 500*time.Millisecond, "net/http lingers")
	})
}

func TestHTTPClientCancelsMidResponse(t *testing.T) {
	t.Parallel()
	inAndOut(t, func(t *testing.T) {
		noticed := make(chan error, 1)
		s := open(t, func(w http.ResponseWriter, r *http.Request) {
			w.(http.Flusher).Flush()
			<-r.Context().Done()
			var err error
			for err == nil {
				_, err = w.Write(make([]byte, 1<<10))
			}
			noticed <- err
		})
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		response := s.get(t, ctx, "http://api.example.test")
		cancel()
		require.ErrorIs(t, <-noticed, syscall.EPIPE)
		_, err := io.ReadAll(response.Body)
		require.ErrorIs(t, err, context.Canceled)
	})
}

func TestHTTPClientCancelsWhileWritesAreBlocked(t *testing.T) {
	t.Parallel()
	inAndOut(t, func(t *testing.T) {
		noticed := make(chan error, 1)
		s := open(t, func(w http.ResponseWriter, _ *http.Request) {
			_, err := w.Write(make([]byte, fiveMiB))
			noticed <- err
		})
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		s.get(t, ctx, "http://api.example.test")
		cancel()
		require.Error(t, <-noticed)
	})
}

func TestHTTPServerClosesMidResponse(t *testing.T) {
	t.Parallel()
	inAndOut(t, func(t *testing.T) {
		s := open(t, func(w http.ResponseWriter, r *http.Request) {
			_, _ = w.Write([]byte("beginning"))
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		})
		response := s.get(t, t.Context(), "http://api.example.test")
		s.close(t)
		body, err := io.ReadAll(response.Body)
		require.ErrorIs(t, err, io.ErrUnexpectedEOF)
		require.Equal(t, "beginning", string(body))

		_, err = s.client.Get("http://api.example.test")
		require.ErrorIs(t, err, syscall.ECONNREFUSED)
	})
}

func TestHTTPShutdownLetsTheResponseFinish(t *testing.T) {
	t.Parallel()
	inAndOut(t, func(t *testing.T) {
		stopping := make(chan struct{})
		s := open(t, func(w http.ResponseWriter, _ *http.Request) {
			w.(http.Flusher).Flush()
			<-stopping
			_, _ = w.Write([]byte("the end"))
		})
		s.server.RegisterOnShutdown(func() { close(stopping) })
		response := s.get(t, t.Context(), "http://api.example.test")
		require.NoError(t, s.server.Shutdown(t.Context()))
		body, err := io.ReadAll(response.Body)
		require.NoError(t, err)
		require.Equal(t, "the end", string(body))
	})
}

func TestHTTPHandlerResets(t *testing.T) {
	t.Parallel()
	inAndOut(t, func(t *testing.T) {
		s := open(t, func(w http.ResponseWriter, _ *http.Request) {
			conn, _, err := w.(http.Hijacker).Hijack()
			if assert.NoError(t, err) {
				conn.(*memnet.Conn).Reset()
			}
		})
		_, err := s.client.Get("http://api.example.test")
		require.ErrorIs(t, err, syscall.ECONNRESET)
	})
}

func TestHTTPServerTimeouts(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := open(t, func(http.ResponseWriter, *http.Request) {}, func(server *http.Server) {
			server.IdleTimeout = time.Minute
		})
		request := func() (reused bool) {
			trace := &httptrace.ClientTrace{GotConn: func(info httptrace.GotConnInfo) { reused = info.Reused }}
			s.get(t, httptrace.WithClientTrace(t.Context(), trace), "http://api.example.test")
			return reused
		}
		require.False(t, request())
		time.Sleep(59 * time.Second)
		require.True(t, request())
		time.Sleep(61 * time.Second)
		require.False(t, request(), "the server has closed the idle connection")
	})
}

func TestHTTPClientTimeout(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := open(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
		s.client.Timeout = time.Hour
		start := time.Now()
		_, err := s.client.Get("http://api.example.test")
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.Equal(t, time.Hour, time.Since(start))
	})
}
