package delivery_test

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/nahook/nahook-go/mockserver/internal/delivery"
	"github.com/nahook/nahook-go/mockserver/internal/domain"
)

// ample is a limit that no attempt of a healthy test comes near.
const ample = 15 * time.Second

func newSender(t testing.TB, egress delivery.Egress, limit time.Duration) *delivery.Sender {
	t.Helper()
	s := delivery.NewSender(egress, machine, limit)
	t.Cleanup(s.Close)
	return s
}

func newServer(t testing.TB, handler http.Handler) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server
}

// listen serves each connection with script, and closes it after that.
func listen(t testing.TB, script func(net.Conn)) (url string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	var scripts sync.WaitGroup
	scripts.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			scripts.Go(func() {
				defer conn.Close()
				script(conn)
			})
		}
	})
	t.Cleanup(func() {
		listener.Close()
		scripts.Wait()
	})
	return "http://" + listener.Addr().String()
}

// request reads one request and gives it as it was sent.
func request(conn net.Conn) string {
	var sent strings.Builder
	r, err := http.ReadRequest(bufio.NewReader(io.TeeReader(conn, &sent)))
	if err == nil {
		io.Copy(io.Discard, r.Body)
	}
	return sent.String()
}

// answer takes a request and answers with text as it is.
func answer(text string) func(net.Conn) {
	return func(conn net.Conn) {
		request(conn)
		io.WriteString(conn, text)
	}
}

// endless answers with head, then with chunk again and again until nobody
// takes it any more.
func endless(head, chunk string) func(net.Conn) {
	return func(conn net.Conn) {
		request(conn)
		_, err := io.WriteString(conn, head)
		for err == nil {
			_, err = io.WriteString(conn, chunk)
		}
	}
}

// silent takes all and gives head alone, until the other side leaves.
func silent(head string) func(net.Conn) {
	return func(conn net.Conn) {
		request(conn)
		io.WriteString(conn, head)
		io.Copy(io.Discard, conn)
	}
}

// reset closes a connection in a way that throws away what is under way.
func reset(conn net.Conn) {
	request(conn)
	conn.(*net.TCPConn).SetLinger(0)
}

func TestExactBytesOnTheWire(t *testing.T) {
	t.Parallel()
	sent := make(chan string, 1)
	receiver := listen(t, func(conn net.Conn) {
		sent <- request(conn)
		io.WriteString(conn, "HTTP/1.1 204 No Content\r\n\r\n")
	})
	m := message(receiver + "/hooks/a%2Fb?x=1&y=%20")
	m.Header.Set("Authorization", "Basic dXNlcjpwYXNz")
	before := m.Header.Clone()
	o := newSender(t, delivery.Egress{}, ample).Send(t.Context(), m)
	require.Equal(t, domain.Outcome{StatusCode: 204}, settled(o))
	require.Positive(t, o.Took)
	require.Equal(t, before, m.Header)
	require.Equal(t, "POST /hooks/a%2Fb?x=1&y=%20 HTTP/1.1\r\n"+
		"Host: "+strings.TrimPrefix(receiver, "http://")+"\r\n"+
		"User-Agent: Nahook-Webhooks/1.0\r\n"+
		"Content-Length: 22\r\n"+
		"Authorization: Basic dXNlcjpwYXNz\r\n"+
		"Content-Type: application/json\r\n"+
		"Webhook-Id: msg_1\r\n"+
		"Webhook-Signature: "+m.Header.Get("webhook-signature")+"\r\n"+
		"Webhook-Timestamp: 1768473000\r\n\r\n"+
		`{"order_id":"ord_123"}`, <-sent)
}

func TestEmptyBody(t *testing.T) {
	t.Parallel()
	sent := make(chan string, 1)
	receiver := listen(t, func(conn net.Conn) {
		sent <- request(conn)
		io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
	})
	m := message(receiver)
	m.Body = nil
	require.Equal(t, domain.Outcome{StatusCode: 200}, settled(newSender(t, delivery.Egress{}, ample).Send(t.Context(), m)))
	require.Contains(t, <-sent, "Content-Length: 0\r\n")
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	const head = "HTTP/1.1 200 OK\r\n"
	full := strings.Repeat("x", 1<<20)
	for name, test := range map[string]struct {
		script func(net.Conn)
		want   domain.Outcome
	}{
		"201":                      {answer("HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\n{}"), domain.Outcome{StatusCode: 201}},
		"until it closes":          {answer(head + "\r\nbye"), domain.Outcome{StatusCode: 200}},
		"chunked":                  {answer(head + "Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"), domain.Outcome{StatusCode: 200}},
		"gzip is not looked into":  {answer(head + "Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\nno"), domain.Outcome{StatusCode: 200}},
		"informational first":      {answer("HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n"), domain.Outcome{StatusCode: 202}},
		"switching protocols":      {silent("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n"), domain.Outcome{StatusCode: 101}},
		"410":                      {answer("HTTP/1.1 410 Gone\r\nContent-Length: 0\r\n\r\n"), domain.Outcome{StatusCode: 410}},
		"500":                      {answer("HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n"), domain.Outcome{StatusCode: 500}},
		"503 with retry-after":     {answer("HTTP/1.1 503 Later\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n"), domain.Outcome{StatusCode: 503, RetryAfter: 7 * time.Second}},
		"304":                      {answer("HTTP/1.1 304 Not Modified\r\n\r\n"), domain.Outcome{StatusCode: 304, Failure: "redirects are not followed"}},
		"1 MiB":                    {answer(head + "\r\n" + full), domain.Outcome{StatusCode: 200}},
		"1 MiB and a byte":         {answer(head + "\r\n" + full + "x"), domain.Outcome{StatusCode: 200, Failure: "the answer is longer than 1 MiB"}},
		"100 MB":                   {endless(head+"Content-Length: 104857600\r\n\r\n", full), domain.Outcome{StatusCode: 200, Failure: "the answer is longer than 1 MiB"}},
		"without end":              {endless(head+"\r\n", full), domain.Outcome{StatusCode: 200, Failure: "the answer is longer than 1 MiB"}},
		"headers without end":      {endless(head, "X-Filler: "+full[:1000]+"\r\n"), domain.Outcome{Failure: "the answer is not valid HTTP"}},
		"one header without end":   {endless(head+"X-Filler: ", full), domain.Outcome{Failure: "the answer is not valid HTTP"}},
		"informational for ever":   {endless("", "HTTP/1.1 100 Continue\r\n\r\n"), domain.Outcome{Failure: "the answer is not valid HTTP"}},
		"not HTTP":                 {answer("220 mail.example.test ESMTP\r\n"), domain.Outcome{Failure: "the answer is not valid HTTP"}},
		"header is not one":        {answer(head + "what\r\n\r\n"), domain.Outcome{Failure: "the answer is not valid HTTP"}},
		"closes at once":           {func(net.Conn) {}, domain.Outcome{Failure: "connection reset"}},
		"closes after the request": {answer(""), domain.Outcome{Failure: "connection reset"}},
		"closes within the head":   {answer("HTTP/1.1 200 OK\r\nContent-"), domain.Outcome{Failure: "connection reset"}},
		"closes within the body":   {answer(head + "Content-Length: 10\r\n\r\nfive"), domain.Outcome{StatusCode: 200, Failure: "connection reset"}},
		"closes between chunks":    {answer(head + "Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n"), domain.Outcome{StatusCode: 200, Failure: "connection reset"}},
		"resets":                   {reset, domain.Outcome{Failure: "connection reset"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSender(t, delivery.Egress{}, ample)
			require.Equal(t, test.want, settled(s.Send(t.Context(), message(listen(t, test.script)))))
		})
	}
}

// A drip is a receiver that is never silent for long.
func drip(head string) func(net.Conn) {
	return func(conn net.Conn) {
		request(conn)
		_, err := io.WriteString(conn, head)
		for tick := time.NewTicker(5 * time.Millisecond); err == nil; <-tick.C {
			_, err = io.WriteString(conn, "x")
		}
	}
}

func TestLimit(t *testing.T) {
	t.Parallel()
	const late = "no complete answer within 200ms"
	for name, test := range map[string]struct {
		script func(net.Conn)
		want   domain.Outcome
	}{
		"no answer":              {silent(""), domain.Outcome{Failure: late}},
		"no end of the head":     {silent("HTTP/1.1 200 OK\r\n"), domain.Outcome{Failure: late}},
		"no end of the body":     {silent("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n1"), domain.Outcome{StatusCode: 200, Failure: late}},
		"dripping head":          {drip("HTTP/1.1 200 OK\r\nX-Drip: "), domain.Outcome{Failure: late}},
		"dripping body":          {drip("HTTP/1.1 200 OK\r\n\r\n"), domain.Outcome{StatusCode: 200, Failure: late}},
		"informational and wait": {silent("HTTP/1.1 103 Early Hints\r\n\r\n"), domain.Outcome{Failure: late}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newSender(t, delivery.Egress{}, 200*time.Millisecond).Send(t.Context(), message(listen(t, test.script)))
			require.Equal(t, test.want, settled(o))
			require.GreaterOrEqual(t, o.Took, 200*time.Millisecond)
		})
	}
}

func TestLimitOfAMessageIsOneToo(t *testing.T) {
	t.Parallel()
	m := message(listen(t, silent("")))
	m.Limit = 100 * time.Millisecond
	require.Equal(t, "no complete answer within 100ms", newSender(t, delivery.Egress{}, ample).Send(t.Context(), m).Failure)
	m.Limit = ample
	require.Equal(t, "no complete answer within 50ms", newSender(t, delivery.Egress{}, 50*time.Millisecond).Send(t.Context(), m).Failure)
}

func TestLimitWhileSending(t *testing.T) {
	t.Parallel()
	given := make(chan bool)
	m := message(listen(t, func(net.Conn) { <-given }))
	m.Body = make([]byte, 32<<20)
	o := newSender(t, delivery.Egress{}, 200*time.Millisecond).Send(t.Context(), m)
	close(given)
	require.Equal(t, domain.Outcome{Failure: "no complete answer within 200ms"}, settled(o))
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	t.Parallel()
	second := newServer(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the redirect was followed") }))
	s := newSender(t, delivery.Egress{}, ample)
	for _, status := range []int{301, 302, 303, 307, 308} {
		first := newServer(t, answering(status, "Location: "+second.URL, "Retry-After: 5"))
		require.Equal(t, domain.Outcome{StatusCode: status, Failure: "redirects are not followed"}, settled(s.Send(t.Context(), message(first.URL))))
	}
}

func TestConnectionRefused(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	listener.Close()
	s := newSender(t, delivery.Egress{}, ample)
	require.Equal(t, domain.Outcome{Failure: "connection refused"}, settled(s.Send(t.Context(), message("http://"+listener.Addr().String()))))
}

func TestInvalidURLs(t *testing.T) {
	t.Parallel()
	s := newSender(t, delivery.Egress{Public: true}, ample)
	for _, url := range []string{"", "http://", "http:///x", "ftp://localhost", "javascript:alert(1)", "//localhost", "http://[::1", "http://a b", "file:///etc/passwd"} {
		require.Equal(t, domain.Outcome{Failure: "the URL is not valid"}, s.Send(t.Context(), message(url)), url)
	}
}

func TestTLS(t *testing.T) {
	t.Parallel()
	server := httptest.NewTLSServer(answering(200))
	t.Cleanup(server.Close)
	server.Config.ErrorLog = nil
	trusting := func(t *testing.T, egress delivery.Egress) *delivery.Sender {
		s := newSender(t, egress, ample)
		roots := x509.NewCertPool()
		roots.AddCert(server.Certificate())
		s.Trust(roots)
		return s
	}
	_, port, err := net.SplitHostPort(server.Listener.Addr().String())
	require.NoError(t, err)
	t.Run("trusted", func(t *testing.T) {
		s := trusting(t, delivery.Egress{})
		for range 3 {
			require.Equal(t, domain.Outcome{StatusCode: 200}, settled(s.Send(t.Context(), message(server.URL))))
		}
	})
	t.Run("issuer", func(t *testing.T) {
		o := newSender(t, delivery.Egress{}, ample).Send(t.Context(), message(server.URL))
		require.Equal(t, domain.Outcome{Failure: "TLS handshake failed: the certificate's issuer is not trusted"}, settled(o))
	})
	t.Run("host", func(t *testing.T) {
		egress := delivery.Egress{Allowed: delivery.Hosts{}, Resolver: resolver(map[string]string{"other.invalid": "127.0.0.1"})}
		egress.Allowed, err = delivery.ParseHosts("other.invalid")
		require.NoError(t, err)
		o := trusting(t, egress).Send(t.Context(), message("https://other.invalid:"+port))
		require.Equal(t, domain.Outcome{Failure: "TLS handshake failed: the certificate is for another host"}, settled(o))
	})
	t.Run("plain HTTP", func(t *testing.T) {
		plain := listen(t, func(conn net.Conn) {
			io.ReadFull(conn, make([]byte, 5))
			io.WriteString(conn, "HTTP/1.1 400 Bad Request\r\n\r\n")
			io.Copy(io.Discard, conn)
		})
		o := newSender(t, delivery.Egress{}, ample).Send(t.Context(), message(strings.Replace(plain, "http:", "https:", 1)))
		require.Equal(t, domain.Outcome{Failure: "TLS handshake failed: the receiver does not speak TLS"}, settled(o))
	})
	t.Run("alert", func(t *testing.T) {
		picky := listen(t, func(conn net.Conn) {
			tls.Server(conn, &tls.Config{Certificates: server.TLS.Certificates, MaxVersion: tls.VersionTLS10, MinVersion: tls.VersionTLS10}).Handshake()
			io.Copy(io.Discard, conn)
		})
		o := newSender(t, delivery.Egress{}, ample).Send(t.Context(), message(strings.Replace(picky, "http:", "https:", 1)))
		require.Equal(t, domain.Outcome{Failure: "TLS handshake failed"}, settled(o))
	})
	t.Run("silence", func(t *testing.T) {
		quiet := listen(t, func(conn net.Conn) { io.Copy(io.Discard, conn) })
		o := newSender(t, delivery.Egress{}, 100*time.Millisecond).Send(t.Context(), message(strings.Replace(quiet, "http:", "https:", 1)))
		require.Equal(t, domain.Outcome{Failure: "no complete answer within 100ms"}, settled(o))
	})
	t.Run("reset", func(t *testing.T) {
		rude := listen(t, func(net.Conn) {})
		o := newSender(t, delivery.Egress{}, ample).Send(t.Context(), message(strings.Replace(rude, "http:", "https:", 1)))
		require.Equal(t, domain.Outcome{Failure: "connection reset"}, settled(o))
	})
}

// destinations of section S34 which must never get anything with public egress.
var blocked = []string{
	"127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "[64:ff9b::7f00:1]", "169.254.169.254", "10.0.0.1", "172.16.0.1", "192.168.1.1",
	"100.64.0.1", "0.0.0.0", "[fe80::1]", "[fe80::1%25lo]", "[fc00::1]", "[fd12::1]", "[::]", "localhost", "LOCALHOST", "rebound.invalid", "rebound6.invalid",
}

// The two benchmarks belong together: an attempt against the least that a POST
// can cost.
func BenchmarkSend(b *testing.B) {
	server := newServer(b, answering(200))
	s := newSender(b, delivery.Egress{}, ample)
	m := message(server.URL)
	b.ReportAllocs()
	for b.Loop() {
		if !s.Send(b.Context(), m).Success() {
			b.Fatal("failed")
		}
	}
}

func BenchmarkBarePost(b *testing.B) {
	server := newServer(b, answering(200))
	client := &http.Client{Transport: &http.Transport{}}
	b.Cleanup(client.CloseIdleConnections)
	m := message(server.URL)
	b.ReportAllocs()
	for b.Loop() {
		response, err := client.Post(m.URL, "application/json", strings.NewReader(string(m.Body)))
		if err != nil {
			b.Fatal(err)
		}
		io.Copy(io.Discard, response.Body)
		response.Body.Close()
	}
}
