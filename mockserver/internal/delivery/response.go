package delivery

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"sync"
)

// incoming is the request that net/http's server would make of a message.
func incoming(ctx context.Context, u *url.URL, m Message) *http.Request {
	header := m.Header.Clone()
	header.Set("Content-Length", strconv.Itoa(len(m.Body)))
	r := &http.Request{
		Method:        http.MethodPost,
		URL:           &url.URL{Path: u.Path, RawPath: u.RawPath, RawQuery: u.RawQuery, ForceQuery: u.ForceQuery},
		Proto:         "HTTP/1.1",
		ProtoMajor:    1,
		ProtoMinor:    1,
		Header:        header,
		Body:          io.NopCloser(bytes.NewReader(m.Body)),
		ContentLength: int64(len(m.Body)),
		Host:          u.Host,
		RemoteAddr:    "127.0.0.1:49152",
		RequestURI:    u.RequestURI(),
	}
	if r.URL.Path == "" {
		r.URL.Path = "/"
	}
	return r.WithContext(ctx)
}

// response is what a handler writes to. It outlives the attempt as long as the
// handler does, but takes nothing more then.
type response struct {
	header http.Header             // the handler's own, also after the attempt
	abort  context.CancelCauseFunc // tells a handler that writes without end

	mu         sync.Mutex
	over       bool
	status     int
	size       int
	flushed    bool
	retryAfter string
}

func newResponse(abort context.CancelCauseFunc) *response {
	return &response{header: http.Header{}, abort: abort}
}

func (r *response) Header() http.Header { return r.header }

func (r *response) WriteHeader(status int) {
	if status < 100 || status > 999 {
		panic(fmt.Sprintf("invalid WriteHeader code %v", status))
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.writeHeaderLocked(status)
}

// writeHeaderLocked ignores informational answers, after which the answer is
// still to come.
func (r *response) writeHeaderLocked(status int) {
	if r.over || r.status != 0 || status < 200 && status != http.StatusSwitchingProtocols {
		return
	}
	r.status = status
	r.retryAfter = r.header.Get("Retry-After")
}

func (r *response) Write(b []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.writeHeaderLocked(http.StatusOK)
	switch {
	case r.over:
		return 0, http.ErrHandlerTimeout
	case r.status < 200, r.status == http.StatusNoContent, r.status == http.StatusNotModified:
		return 0, http.ErrBodyNotAllowed
	}
	r.size += len(b)
	r.flushed = r.flushed || r.size > bufferedByServers
	if r.size > maxAnswer {
		r.abort(errTooLong)
		return 0, errTooLong
	}
	return len(b), nil
}

// bufferedByServers is how much net/http's server keeps back at most.
const bufferedByServers = 2048

// Flush has nothing to flush, but decides the status as it does on a socket.
func (r *response) Flush() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.writeHeaderLocked(http.StatusOK)
	r.flushed = true
}

// end closes the response, for the first who asks: the handler that returned,
// or whoever gives it up. In the second case the status is there only if it has
// left the server so far.
func (r *response) end(returned bool) (status int, first bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.over {
		return 0, false
	}
	if returned {
		r.writeHeaderLocked(http.StatusOK)
	}
	r.over = true
	if returned || r.flushed {
		return r.status, true
	}
	return 0, true
}
