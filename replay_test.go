package nahook_test

import (
	"context"
	"encoding/binary"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nahook/nahook-go"
)

// net/http repeats some requests by itself, which no count of ours shows. That
// of a POST happens only where the server certainly has not worked on it.

// A connection that dies after the request was read is not such a case.
func TestUsedConnectionDiesOverAPost(t *testing.T) {
	t.Parallel()
	var posts atomic.Int64
	memory := newInMemory(t)
	server := listen(t, (*httptest.Server).Start, func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			memory.ServeHTTP(w, r)
			return
		}
		posts.Add(1)
		_, _ = io.Copy(io.Discard, r.Body)
		panic(http.ErrAbortHandler)
	})
	mgmt := socket(t, server.URL)
	require.NoError(t, verbs["GET"](t.Context(), mgmt))
	var failed *nahook.TransportError
	require.ErrorAs(t, verbs["POST"](t.Context(), mgmt), &failed)
	assert.True(t, failed.Sent)
	assert.Equal(t, 1, failed.Attempts)
	assert.EqualValues(t, 1, posts.Load())
	assert.EqualValues(t, 1, server.connections.Load(), "it was used before")
}

// fading is a connection that takes nothing more once it has faded.
type fading struct {
	net.Conn
	faded *atomic.Bool
}

func (f fading) Write(p []byte) (int, error) {
	if f.faded.Load() {
		return 0, net.ErrClosed
	}
	return f.Conn.Write(p)
}

// A connection that was closed while it was idle took nothing: the request, its
// body included, goes over another one.
func TestIdleConnectionHasGone(t *testing.T) {
	t.Parallel()
	for verb, call := range verbs {
		server := listen(t, (*httptest.Server).Start, newInMemory(t).ServeHTTP)
		var dialer net.Dialer
		last := new(atomic.Bool)
		transport := &http.Transport{DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := dialer.DialContext(ctx, network, address)
			last = new(atomic.Bool)
			return fading{conn, last}, err
		}}
		t.Cleanup(transport.CloseIdleConnections)
		mgmt := through(t, transport, nahook.WithBaseURL(server.URL))
		require.NoError(t, verbs["GET"](t.Context(), mgmt))
		last.Store(true)
		var response nahook.Response
		require.NoError(t, call(t.Context(), mgmt, nahook.WithResponse(&response)), verb)
		assert.Equal(t, 1, response.Attempts, verb)
		assert.EqualValues(t, 2, server.requests.Load(), verb)
		assert.EqualValues(t, 2, server.connections.Load(), verb)
	}
}

// The types of HTTP/2 frames.
const (
	frameData    = 0
	frameHeaders = 1
	frameReset   = 3
	frameSetting = 4
	frameGoAway  = 7
)

func frame(kind, flags byte, stream uint32, payload []byte) []byte {
	header := []byte{0, byte(len(payload) >> 8), byte(len(payload)), kind, flags}
	return append(binary.BigEndian.AppendUint32(header, stream), payload...)
}

// refusing is an HTTP/2 server that turns the first stream away and answers the
// others.
type refusing struct {
	net.Listener
	refusal func(stream uint32) []byte
	answer  []byte
	streams atomic.Int64
}

func (s *refusing) serve() {
	for {
		conn, err := s.Accept()
		if err != nil {
			return
		}
		go s.talk(conn)
	}
}

func (s *refusing) talk(conn net.Conn) {
	defer conn.Close()
	preface, header := make([]byte, len("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")), make([]byte, 9)
	if _, err := io.ReadFull(conn, preface); err != nil {
		return
	}
	_, _ = conn.Write(frame(frameSetting, 0, 0, nil))
	for {
		if _, err := io.ReadFull(conn, header); err != nil {
			return
		}
		if _, err := io.CopyN(io.Discard, conn, int64(header[1])<<8|int64(header[2])); err != nil {
			return
		}
		if header[3] == frameHeaders {
			_, _ = conn.Write(s.reply(binary.BigEndian.Uint32(header[5:])))
		}
	}
}

func (s *refusing) reply(stream uint32) []byte {
	if s.streams.Add(1) == 1 {
		return s.refusal(stream)
	}
	const endStream, endHeaders, status200 = 1, 4, 0x88
	return append(frame(frameHeaders, endHeaders, stream, []byte{status200}), frame(frameData, endStream, stream, s.answer)...)
}

// HTTP/2 says which streams a server has not begun with.
func TestRefusedStreams(t *testing.T) {
	t.Parallel()
	for name, refusal := range map[string]func(uint32) []byte{
		"REFUSED_STREAM": func(stream uint32) []byte { return frame(frameReset, 0, stream, []byte{0, 0, 0, 7}) },
		"GOAWAY":         func(uint32) []byte { return frame(frameGoAway, 0, 0, make([]byte, 8)) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			listener, err := net.Listen("tcp", "127.0.0.1:0")
			require.NoError(t, err)
			server := &refusing{Listener: listener, refusal: refusal, answer: fixture(t, "application.json")}
			go server.serve()
			t.Cleanup(func() { assert.NoError(t, listener.Close()) })
			transport := &http.Transport{Protocols: new(http.Protocols)}
			transport.Protocols.SetUnencryptedHTTP2(true)
			t.Cleanup(transport.CloseIdleConnections)
			var response nahook.Response
			err = verbs["POST"](t.Context(), through(t, transport, nahook.WithBaseURL("http://"+listener.Addr().String())), nahook.WithResponse(&response))
			require.NoError(t, err)
			assert.Equal(t, 1, response.Attempts)
			assert.EqualValues(t, 2, server.streams.Load())
		})
	}
}
