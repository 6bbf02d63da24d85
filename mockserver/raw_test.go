package mockserver_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// raw sends bytes over the loopback socket, for what an HTTP client would hide
// or correct. "METHOD /path PROTO" is the first line; CRLFs are put in.
func (a api) raw(lines ...string) response {
	a.t.Helper()
	address := strings.TrimPrefix(a.srv.URL(), "http://")
	conn, err := net.Dial("tcp", address)
	require.NoError(a.t, err)
	defer conn.Close()
	text := strings.ReplaceAll(strings.Join(lines, "\r\n"), "$host", address)
	_, err = io.WriteString(conn, text+"\r\n\r\n")
	require.NoError(a.t, err)

	method, _, _ := strings.Cut(text, " ")
	got, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: method})
	require.NoError(a.t, err)
	body, err := io.ReadAll(got.Body)
	require.NoError(a.t, err)
	return response{t: a.t, method: method, status: got.StatusCode, header: got.Header, proto: got.Proto, body: string(body)}
}

const (
	bearer = "Authorization: Bearer nhm_a"
	toHost = "Host: $host"
	last   = "Connection: close"
	isJSON = "Content-Type: application/json"
)

func TestRawPaths(t *testing.T) {
	t.Parallel()
	a := serve(t)
	for name, line := range map[string]string{
		"a network path":      "GET //x HTTP/1.1",
		"a network path only": "GET // HTTP/1.1",
		"dot dot":             "DELETE " + inA + "/applications/x/../app_a HTTP/1.1",
		"dot dot to the root": "GET /../../etc/passwd HTTP/1.1",
		"a backslash":         `GET /\..\etc HTTP/1.1`,
		"an absolute URL":     "GET http://evil.test//" + inA + "/applications HTTP/1.1",
		"an opaque URL":       "GET mailto:somebody HTTP/1.1",
		"connect":             "CONNECT evil.test:443 HTTP/1.1",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			res := a.in(t).raw(line, toHost, bearer, last)
			res.keepsThePromises()
			res.refuses(404, "not_found", "Route not found")
			require.Empty(t, res.header["Location"])
		})
	}
	t.Run("an absolute URL names the same route", func(t *testing.T) {
		t.Parallel()
		a.in(t).raw("GET http://evil.test"+inA+"/applications/app_a HTTP/1.1", toHost, bearer, last).is(200, appA)
	})
	t.Run("connect with a path is a wrong method", func(t *testing.T) {
		t.Parallel()
		a.in(t).raw("CONNECT "+inA+"/applications HTTP/1.1", toHost, bearer, last).
			refuses(405, "method_not_allowed", "Method not allowed")
	})
}

// net/http answers OPTIONS * before any handler runs.
func TestOptionsAsteriskTellsNothing(t *testing.T) {
	t.Parallel()
	res := serve(t).raw("OPTIONS * HTTP/1.1", toHost, "Origin: https://evil.test", last)
	require.Less(t, res.status, 500)
	require.Empty(t, res.body)
	for name := range res.header {
		require.NotContains(t, name, "Access-Control-")
		require.NotEqual(t, "Allow", name)
	}
}

func TestUpgradeToHTTP2IsIgnored(t *testing.T) {
	t.Parallel()
	res := serve(t).raw("GET "+inA+"/applications/app_a HTTP/1.1", toHost, bearer,
		"Connection: Upgrade, HTTP2-Settings, close", "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAAQAAP__")
	res.is(200, appA)
	require.Equal(t, "HTTP/1.1", res.proto)
	require.Empty(t, res.header["Upgrade"])
}

func TestHTTP10(t *testing.T) {
	t.Parallel()
	a := serve(t)
	a.raw("GET "+inA+"/applications/app_a HTTP/1.0", bearer).is(200, appA)
	a.raw("GET "+inA+"/applications/app_a HTTP/1.0").
		refuses(401, "unauthorized", "Missing or invalid authorization header")
	res := a.raw("POST "+inA+"/applications/app_a/portal HTTP/1.0", bearer, isJSON, "Content-Length: 2", "", "{}")
	require.Equal(t, 201, res.status)
	require.Equal(t, a.srv.URL(), strings.Split(res.text("url"), "/portal/s/")[0])
}

func TestRawAuthorizationHeaders(t *testing.T) {
	t.Parallel()
	a := serve(t)
	for name, headers := range map[string][]string{
		"two headers":            {bearer, "Authorization: Bearer nhm_b"},
		"two spellings of one":   {bearer, "authorization: Bearer nhm_a"},
		"one continued by comma": {"Authorization: Bearer nhm_a,Bearer nhm_b"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			lines := append([]string{"GET " + inA + "/applications HTTP/1.1", toHost, last}, headers...)
			a.in(t).raw(lines...).refuses(401, "unauthorized", "Missing or invalid authorization header")
		})
	}
	a.raw("GET "+inA+"/applications/app_a HTTP/1.1", toHost, last, "AUTHORIZATION: bearer nhm_a").is(200, appA)
	a.raw("GET "+inA+"/applications HTTP/1.1", toHost, last, "Authorization: Bearer "+strings.Repeat("x", 64<<10)).
		refuses(401, "unauthorized", "Invalid token")
	require.Equal(t, 431, a.raw("GET "+inA+"/applications HTTP/1.1", toHost, last, "Authorization: Bearer "+strings.Repeat("x", 2<<20)).status)
}

func TestBrokenFraming(t *testing.T) {
	t.Parallel()
	a := serve(t)
	post := "POST " + inA + "/applications HTTP/1.1"
	a.raw(post, toHost, bearer, isJSON, last, "Transfer-Encoding: chunked", "", "zz", `{"name":"A"}`, "0").
		invalid("Request body must be valid JSON")
	a.raw(post, toHost, bearer, isJSON, last, "Transfer-Encoding: chunked", "", "c", `{"name":"A"}`, "0").
		is(201, `{"id": "$id", "externalId": null, "name": "A", "metadata": {}, "maxEndpoints": null, "showEventTypes": true,
			"createdAt": "2026-01-15T10:30:00.000Z", "updatedAt": "2026-01-15T10:30:00.000Z"}`)
	a.raw(post, toHost, bearer, last).invalid("Request body must be valid JSON")
}

// A client that writes its whole request before it reads anything gets an
// answer all the same, and not a broken connection.
func TestRefusedBodiesAreReadToTheirEnd(t *testing.T) {
	t.Parallel()
	a := serve(t)
	const size = 12 << 20
	post := []string{"POST " + inA + "/applications HTTP/1.1", toHost, bearer, last, fmt.Sprintf("Content-Length: %d", size+4)}
	body := strings.Repeat(" ", size) // and the empty line that ends every raw request
	a.raw(append(post, isJSON, "", body)...).
		refuses(413, "payload_too_large", "Request body must be at most 1048576 bytes")
	a.raw(append(post, "Content-Type: text/plain", "", body)...).
		refuses(415, "unsupported_media_type", "Content-Type must be application/json")
}
