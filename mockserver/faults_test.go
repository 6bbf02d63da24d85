package mockserver_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nahook/nahook-go/mockserver"
)

// observed is what a Go client makes of an exchange, on a connection that has not
// been used before.
func observed(a api, path string) string {
	r, err := http.NewRequest(http.MethodGet, a.base+path, nil)
	require.NoError(a.t, err)
	r.Header.Set("Authorization", "Bearer "+a.token)
	res, err := a.http.Do(r)
	if err != nil {
		return inShort(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return fmt.Sprintf("%d, then %s", res.StatusCode, inShort(err))
	}
	text := fmt.Sprint(res.StatusCode)
	if after := res.Header.Get("Retry-After"); after != "" {
		text += ", Retry-After " + after
	}
	if !strings.HasPrefix(res.Header.Get("Content-Type"), "application/json") {
		return text + ", " + res.Header.Get("Content-Type")
	}
	if strings.Contains(string(body), `"code":"`) {
		_, code, _ := strings.Cut(string(body), `"code":"`)
		code, _, _ = strings.Cut(code, `"`)
		return text + " `" + code + "`"
	}
	if res.StatusCode >= 400 {
		return text + ", the error is a string"
	}
	return text
}

func inShort(err error) string {
	switch {
	case errors.Is(err, syscall.ECONNRESET):
		return "`ECONNRESET`"
	case errors.Is(err, io.ErrUnexpectedEOF):
		return "`io.ErrUnexpectedEOF`"
	case errors.Is(err, io.EOF):
		return "`io.EOF`"
	case strings.Contains(err.Error(), "malformed HTTP response"):
		return "malformed HTTP response"
	}
	return err.Error()
}

var effects = []mockserver.Effect{
	mockserver.Status(503), mockserver.RateLimit(1500 * time.Millisecond), mockserver.Latency(time.Millisecond), mockserver.Reset(), mockserver.EmptyReply(),
	mockserver.Truncate(5), mockserver.Garbage(), mockserver.HTMLPage(), mockserver.Framework400(), mockserver.StaleCursor(),
}

// What a client observes is what the documents say, over a socket and in memory.
func TestEffectsAreObservedAsDocumented(t *testing.T) {
	t.Parallel()
	document, err := os.ReadFile("../docs/testing.md")
	require.NoError(t, err)
	for _, effect := range effects {
		row := "| `" + effect.String() + "` |"
		for _, overSocket := range []bool{true, false} {
			a := serve(t)
			if overSocket {
				a = a.overSocket()
			}
			path := inA + "/applications/app_a"
			if effect.String() == "StaleCursor()" {
				path = inA + "/endpoints/ep_a/deliveries?cursor=x"
			}
			a.srv.Inject(mockserver.Fault{Do: effect})
			row += " " + observed(a, path) + " |"
		}
		assert.Contains(t, string(document), row)
	}
}

// The journal has what the client got, and which fault it was.
func TestTheJournalHasTheFaults(t *testing.T) {
	t.Parallel()
	status := map[string]int{
		"Status(503)": 503, "RateLimit(1.5s)": 429, "Latency(1ms)": 200, "Truncate(5)": 200, "HTMLPage()": 502, "Framework400()": 400, "StaleCursor()": 400,
	}
	for _, effect := range effects {
		a := serve(t)
		path := inA + "/applications/app_a"
		if effect.String() == "StaleCursor()" {
			path = inA + "/endpoints/ep_a/deliveries?cursor=x"
		}
		a.srv.Inject(mockserver.Fault{Do: effect})
		observed(a, path)
		all := a.srv.Requests()
		require.NotEmpty(t, all, effect)
		assert.Equal(t, effect.String(), all[0].Fault)
		assert.Equal(t, status[effect.String()], all[0].Status, effect)
		if effect.String() == "Truncate(5)" {
			assert.Equal(t, `{"id"`, string(all[0].ResponseBody))
		}
	}
}

func createsOf(a api) int {
	return len(a.get(inA+"/applications?limit=100").ids()) - 2
}

// Before the commit nothing has happened, after it everything has, whatever the
// client hears.
func TestFaultsBeforeAndAfterTheCommit(t *testing.T) {
	t.Parallel()
	for _, effect := range effects {
		if effect.String() == "StaleCursor()" {
			continue // for reading alone
		}
		for _, after := range []bool{false, true} {
			a := serve(t)
			a.srv.Inject(mockserver.Fault{Match: mockserver.Operation("applications.create"), AfterCommit: after, Do: effect})
			_, _ = a.send(t.Context(), "POST", inA+"/applications", `{"name":"Globex"}`)
			want := 0
			if after || effect.String() == "Truncate(5)" || effect.String() == "Latency(1ms)" {
				want = 1
			}
			assert.Equal(t, want, createsOf(a), "%s, after commit: %v", effect, after)
			audit := a.get(inA + "/audit-logs?action=application.created")
			assert.Equal(t, want, strings.Count(audit.body, `"action"`), "%s", effect)
		}
	}
}

// The first fault that a request matches hits it; one that lets it pass leaves it
// to the next.
func TestFaultsAreCounted(t *testing.T) {
	t.Parallel()
	a := serve(t)
	a.srv.Inject(mockserver.Fault{Match: mockserver.Operation("applications.get"), After: 1, Times: 2, Do: mockserver.Status(500)})
	a.srv.Inject(mockserver.Fault{Match: mockserver.Operation("applications.get"), Times: 2, Do: mockserver.Status(502)})
	got := []int{}
	for range 6 {
		got = append(got, a.get(inA+"/applications/app_a").status)
		require.Equal(t, 200, a.get(inA+"/applications").status, "another operation is not hit")
	}
	assert.Equal(t, []int{502, 500, 500, 502, 200, 200}, got)
}

func TestFaultsMatchRequests(t *testing.T) {
	t.Parallel()
	a := serve(t)
	create := func(body string, edits ...func(*http.Request)) int {
		return a.post(inA+"/applications", body, edits...).status
	}
	for _, m := range []mockserver.Matcher{
		mockserver.All(mockserver.Method("POST"), mockserver.Path("/management/v1/workspaces/*/applications"), mockserver.Host("api.nahook.com")),
		mockserver.Field("metadata.plan", "free"),
		mockserver.Field("maxEndpoints", nil),
		mockserver.Header("x-trace", "1"),
	} {
		require.Equal(t, 201, create(`{"name":"A","metadata":{"plan":"pro"}}`, header("X-Trace", "2")), m)
		a.srv.Inject(mockserver.Fault{Match: m, Do: mockserver.Status(503)})
		if m.String() == "method POST, path /management/v1/workspaces/*/applications, host api.nahook.com" {
			require.Equal(t, 404, a.post(inA+"/applications/app_x/endpoints", `{"url":"https://a.test"}`).status)
		} else {
			require.Equal(t, 201, create(`{"name":"A","metadata":{"plan":"pro"},"maxEndpoints":1}`), m)
		}
		require.Equal(t, 503, create(`{"name":"A","metadata":{"plan":"free"},"maxEndpoints":null}`, header("X-Trace", "1")), m)
	}
}

// What the service refuses at its door is not hit, nor is anybody else's request.
func TestFaultsAreOfOneWorkspace(t *testing.T) {
	t.Parallel()
	a := serve(t)
	a.srv.Inject(mockserver.Fault{Do: mockserver.Status(503)})
	b := a.as("nhm_b")
	require.Equal(t, 200, b.get(inB+"/applications").status)
	require.Equal(t, 401, a.as("nhm_nobody").get(inA+"/applications").status)
	require.Equal(t, 400, a.post(inA+"/applications", `{`).status)
	require.Equal(t, 503, a.get(inA+"/applications").status)
	a.srv.Inject(mockserver.Fault{Match: mockserver.Operation("cli.deviceGrant.start"), Do: mockserver.Status(503)})
	require.Equal(t, 503, a.as("").post("/api/cli/device-grant/start", `{}`).status, "what needs no token is the default workspace's")
}

func TestFaultsThatMakeNoSense(t *testing.T) {
	t.Parallel()
	attempts := mockserver.Operation("delivery.attempt")
	for want, f := range map[string]mockserver.Fault{
		"the fault does nothing: Do is not set":                                            {},
		"Status(200): the status is not between 400 and 599":                               {Do: mockserver.Status(200)},
		"RateLimit(-1s): the time is negative":                                             {Do: mockserver.RateLimit(-time.Second)},
		"Latency(0s): the time is not positive":                                            {Do: mockserver.Latency(0)},
		"Truncate(-1): the length is negative":                                             {Do: mockserver.Truncate(-1)},
		"neither Times (-1) nor After (0) can be negative":                                 {Times: -1, Do: mockserver.Reset()},
		"neither Times (0) nor After (-1) can be negative":                                 {After: -1, Do: mockserver.Reset()},
		"Answered picks requests by their answer, which is too late for a fault":           {Match: mockserver.Answered(200), Do: mockserver.Reset()},
		`WrongSignature() is for attempts to deliver: match Operation("delivery.attempt")`: {Do: mockserver.WrongSignature()},
		"StaleCursor() is for requests to the API":                                         {Match: attempts, Do: mockserver.StaleCursor()},
		`there is no operation "applications.got"; Server.Operations lists all`:            {Match: mockserver.Operation("applications.got"), Do: mockserver.Reset()},
		`Field("a"): the value cannot be JSON: json: unsupported type: chan int`:           {Match: mockserver.Field("a", make(chan int)), Do: mockserver.Reset()},
	} {
		r := &recorder{}
		srv := mockserver.Start(r)
		srv.Inject(f)
		r.finish()
		require.Equal(t, []string{"fatal: mockserver: Inject: " + want}, r.lines)
	}
}

func TestUnusedFaultsAreProblems(t *testing.T) {
	t.Parallel()
	r := &recorder{}
	srv := mockserver.Start(r)
	srv.Inject(mockserver.Fault{Match: mockserver.Operation("applications.list"), Times: 2, After: 1, AfterCommit: true, Do: mockserver.Reset()})
	srv.Inject(mockserver.Fault{Do: mockserver.Status(500)})
	status, _ := fetch(t, srv.HTTPClient(), host, srv.Workspace)
	require.Equal(t, 500, status)
	require.Empty(t, srv.Problems())
	r.finish()
	require.NoError(t, srv.Close())
	require.Equal(t, []string{
		"error: mockserver: the fault Reset() after commit for operation applications.list has hit 0 of 2 times: 1 requests matched, of which it lets 1 pass first",
	}, r.lines)
}

// A recorder has no connection that could break, and HTTP/2 none that one request
// has to itself: the answer is whole, and the test hears of it.
func TestFaultsThatTheConnectionCannotCarry(t *testing.T) {
	t.Parallel()
	for _, effect := range []mockserver.Effect{mockserver.Reset(), mockserver.EmptyReply(), mockserver.Garbage(), mockserver.Truncate(1), mockserver.Truncate(1000)} {
		a := serveTolerant(t)
		want := "the connection is not an HTTP/1 connection of a server"
		if effect.String() == "Truncate(1000)" {
			want = "the answer has only 206 bytes"
		}
		a.srv.Inject(mockserver.Fault{AfterCommit: true, Do: effect})
		require.Equal(t, 200, a.direct().get(inA+"/applications/app_a").status)
		require.Equal(t, []mockserver.Problem{{
			Workspace: "ws_a", Operation: "applications.get", Count: 1, Text: "the fault " + effect.String() + " cannot be applied: " + want,
		}}, a.srv.Problems())
	}
	a := serveTolerant(t)
	secure := httptest.NewUnstartedServer(a.srv.Handler())
	secure.EnableHTTP2 = true
	secure.StartTLS()
	t.Cleanup(secure.Close)
	a.srv.Inject(mockserver.Fault{Do: mockserver.Reset()})
	a.http, a.base = secure.Client(), secure.URL
	res := a.get(inA + "/applications/app_a")
	require.Equal(t, "HTTP/2.0", res.proto)
	require.Equal(t, 500, res.status)
	require.Len(t, a.srv.Problems(), 1)
}

// Over TLS a reset is one of the connection below.
func TestResetsOverTLS(t *testing.T) {
	t.Parallel()
	a := serve(t)
	secure := httptest.NewTLSServer(a.srv.Handler())
	t.Cleanup(secure.Close)
	a.srv.Inject(mockserver.Fault{Do: mockserver.Reset()})
	a.http, a.base = secure.Client(), secure.URL
	assert.Equal(t, "`ECONNRESET`", observed(a, inA+"/applications"))
}

// A wait is the bubble's time, before the commit or after it, and ends with the
// client.
func TestLatency(t *testing.T) {
	t.Parallel()
	for _, after := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			a := serve(t)
			a.srv.Inject(mockserver.Fault{Match: mockserver.Operation("applications.create"), Times: 2, AfterCommit: after, Do: mockserver.Latency(time.Minute)})
			began := time.Now()
			require.Equal(t, 201, a.post(inA+"/applications", `{"name":"A"}`).status)
			require.Equal(t, time.Minute, time.Since(began))

			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			_, err := a.send(ctx, "POST", inA+"/applications", `{"name":"B"}`)
			require.ErrorIs(t, err, context.DeadlineExceeded)
			synctest.Wait()
			require.Equal(t, 2, createsOf(a), "what was asked for is done all the same")
			require.Equal(t, time.Minute+time.Second, time.Since(began))
			require.Equal(t, opening, a.srv.Now(), "the workspace's clock stands still")
		})
	}
}

// This is what retries and idempotency keys are for.
func TestALostAnswerToASend(t *testing.T) {
	t.Parallel()
	a := serve(t)
	a.srv.Inject(mockserver.Fault{Match: mockserver.Operation("ingest.send"), AfterCommit: true, Do: mockserver.Status(503)})
	r := a.srv.Receiver()
	endpoint := a.post(inA+"/endpoints", `{"url":"`+r.URL()+`"}`).text("id")
	ingest := a.as("nhk_us_a")
	require.Equal(t, 503, ingest.post("/api/ingest/"+endpoint, `{"payload":{},"idempotencyKey":"k"}`).status)
	require.Len(t, r.Requests(), 1, "it was taken and delivered")
	require.Equal(t, 202, ingest.post("/api/ingest/"+endpoint, `{"payload":{},"idempotencyKey":"k"}`).status)
	require.Len(t, r.Requests(), 1, "the key makes the repetition harmless")
}
