package delivery

import (
	"bytes"
	"context"
	"io"
	"maps"
	"net/http"
	"net/http/httptrace"
	"net/url"
)

// sending makes sure that a receiver gets an attempt once. net/http cannot
// tell a connection that was closed before the request from one that was closed
// because of it, and would give up after both or send again after both.
type sending struct {
	body []byte
	conn *conn // the last that was tried; nil before there is one
}

// request is one that net/http asks to send again when a connection fails that
// has served before. That it may is what the header says, to net/http alone:
// without a value it is not sent.
func (s *sending) request(ctx context.Context, u *url.URL, header http.Header) *http.Request {
	r := &http.Request{
		Method: http.MethodPost, URL: u, Host: u.Host, Header: maps.Clone(header),
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Body: http.NoBody,
	}
	if len(s.body) > 0 {
		r.Header["Idempotency-Key"] = nil
		r.ContentLength = int64(len(s.body))
		r.Body = s.reader()
		r.GetBody = s.again
	}
	return r.WithContext(httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: s.start}))
}

func (s *sending) reader() io.ReadCloser { return io.NopCloser(bytes.NewReader(s.body)) }

func (s *sending) start(info httptrace.GotConnInfo) {
	s.conn = info.Conn.(*conn)
	s.conn.expect(info.Reused)
}

func (s *sending) again() (io.ReadCloser, error) {
	if s.conn.sent.Load() {
		return nil, errLeft
	}
	return s.reader(), nil
}

// explain puts the receiver's leaving before what net/http makes of it, which
// depends on the moment.
func (s *sending) explain(err error) error {
	if s.conn != nil && s.conn.left.Load() {
		return errLeft
	}
	return err
}
