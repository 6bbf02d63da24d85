package mockserver_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// S04: a GET consumes nothing, whoever makes it.
func TestS04LinkScannersCannotBurnACode(t *testing.T) {
	t.Parallel()
	a := serve(t)
	res := a.post(portalOfA, `{}`)
	path, _, _ := strings.Cut(strings.TrimPrefix(res.text("url"), host), "#")
	for _, method := range []string{http.MethodGet, http.MethodHead} {
		for _, agent := range []string{"Mozilla/5.0", "Slackbot-LinkExpanding 1.0", "facebookexternalhit/1.1", "Microsoft Office", "Googlebot/2.1"} {
			got, err := a.as("").send(t.Context(), method, path, "", header("User-Agent", agent), header("Purpose", "prefetch"), header("Sec-Purpose", "prefetch;prerender"))
			require.NoError(t, err)
			require.Equal(t, 200, got.status)
		}
	}
	require.Equal(t, 200, a.exchange(res.text("code")).status)
}

// S05: what an exchange answers.
func TestS05Exchange(t *testing.T) {
	t.Parallel()
	a := serve(t)
	code := a.code(`{"role":"viewer","expiresInMinutes":30}`)
	a.srv.Advance(125 * time.Millisecond)
	res := a.exchange(code)
	const session = `"expiresAt": "2026-01-15T11:00:00.000Z", "now": "2026-01-15T10:30:00.125Z", "role": "viewer",
		"permissions": ["endpoints:read", "subscriptions:read", "event_types:read", "deliveries:read"],
		"application": {"id": "app_a", "name": "Acme Corp", "maxEndpoints": 7, "endpointCount": 1, "showEventTypes": false}`
	res.is(200, `{"token": "$token", `+session+`}`)
	require.Regexp(t, `^nhp_[\w-]{43}$`, res.text("token"))
	require.Empty(t, res.header["Set-Cookie"])
	a.as(res.text("token")).get(portal+"/session").is(200, `{`+session+`}`)
	require.Equal(t, []string{"portal_session.created", "portal_session.exchanged"}, a.events())
}

// S06: a code that comes twice ends the session.
func TestS06AReplayEndsTheSession(t *testing.T) {
	t.Parallel()
	a := serve(t)
	code := a.code(`{}`)
	token := a.exchange(code).text("token")
	other := a.portalAs("editor")
	require.Equal(t, invalidCode, a.exchange(code).body)
	a.as(token).get(portal+"/session").refuses(401, "unauthorized", "Invalid token")
	require.Equal(t, 200, other.get(portal+"/session").status, "another session goes on")
	require.Contains(t, a.events(), "portal_session.code_replayed")
	require.Equal(t, invalidCode, a.exchange(code).body)

	late := a.code(`{}`)
	kept := a.exchange(late).text("token")
	a.srv.Advance(5 * time.Minute)
	require.Equal(t, invalidCode, a.exchange(late).body)
	require.Equal(t, 200, a.as(kept).get(portal+"/session").status, "a code that has expired ends nothing")
}

// S07: of a hundred racing exchanges one wins, and its token is revoked by the
// others.
func TestS07RacingExchanges(t *testing.T) {
	t.Parallel()
	a := serve(t)
	body := fmt.Sprintf(`{"code":%q}`, a.code(`{}`))
	var mu sync.Mutex
	statuses, token := map[int]int{}, ""
	var race sync.WaitGroup
	for i := range 100 {
		race.Go(func() {
			r := httptest.NewRequest(http.MethodPost, exchangePath, strings.NewReader(body))
			r.Header.Set("Content-Type", "application/json")
			r.RemoteAddr = fmt.Sprintf("203.0.113.%d:1234", i)
			w := httptest.NewRecorder()
			a.srv.Handler().ServeHTTP(w, r)
			mu.Lock()
			defer mu.Unlock()
			statuses[w.Code]++
			if w.Code == 200 {
				var answer struct{ Token string }
				assert.NoError(t, json.Unmarshal(w.Body.Bytes(), &answer))
				token = answer.Token
			} else {
				assert.Equal(t, invalidCode, w.Body.String())
			}
		})
	}
	race.Wait()
	require.Equal(t, map[int]int{200: 1, 400: 99}, statuses)
	a.as(token).get(portal+"/session").refuses(401, "unauthorized", "Invalid token")
}

// S08: a code lives five minutes, and never longer than its session.
func TestS08CodesEnd(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		session string
		after   time.Duration
		status  int
	}{
		"4:59":                     {`{}`, 5*time.Minute - time.Second, 200},
		"the last millisecond":     {`{}`, 5*time.Minute - time.Millisecond, 200},
		"5:00":                     {`{}`, 5 * time.Minute, 400},
		"5:01":                     {`{}`, 5*time.Minute + time.Second, 400},
		"a minute's session, 0:59": {`{"expiresInMinutes":1}`, 59 * time.Second, 200},
		"a minute's session, 1:01": {`{"expiresInMinutes":1}`, 61 * time.Second, 400},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := serve(t)
			code := a.code(c.session)
			a.srv.Advance(c.after)
			require.Equal(t, c.status, a.exchange(code).status)
		})
	}
}

// S09: what is no exchange leaves the code as good as it was.
func TestS09BadExchanges(t *testing.T) {
	t.Parallel()
	a := serve(t).as("").direct()
	code := a.code(`{}`)
	a = a.as("")
	a.get(exchangePath).refuses(405, "method_not_allowed", "Method not allowed")
	a.post(exchangePath+"?code="+code, `{}`).invalid("code is required")
	a.post(exchangePath+"?code="+code, "").invalid("Request body must be valid JSON")
	a.post(exchangePath, "code="+code, header("Content-Type", "application/x-www-form-urlencoded")).
		refuses(415, "unsupported_media_type", "Content-Type must be application/json")
	a.post(exchangePath, `{"code":"`+code+`"}`, header("Content-Type", "text/plain")).
		refuses(415, "unsupported_media_type", "Content-Type must be application/json")
	a.post(exchangePath, `{"code":"`+strings.Repeat("x", 2<<20)+`"}`).
		refuses(413, "payload_too_large", "Request body must be at most 1048576 bytes")
	a.post(exchangePath, `{"code":3}`).invalid("code must be a string")
	for _, bad := range []string{`"unknown"`, `""`, `"\u0000"`, `"` + code + `\u0000"`, `"` + code + ` "`, `"` + strings.ToUpper(code) + `"`, `"🙈"`} {
		res := a.post(exchangePath, `{"code":`+bad+`}`)
		require.Equal(t, 400, res.status)
		require.Equal(t, invalidCode, res.body, bad)
	}
	require.Equal(t, 200, a.exchange(code).status)
}

// S10: who guesses is stopped, and nobody else.
func TestS10GuessingIsThrottled(t *testing.T) {
	t.Parallel()
	a := serve(t).direct()
	from := func(address string) func(*http.Request) { return func(r *http.Request) { r.RemoteAddr = address } }
	code := a.code(`{}`)
	good := fmt.Sprintf(`{"code":%q}`, code)
	a = a.as("")
	for i := range 30 {
		body := []string{`{"code":"guess"}`, `{}`, `not json`}[i%3]
		require.Equal(t, 400, a.post(exchangePath, body, from(fmt.Sprintf("198.51.100.7:%d", 1000+i))).status)
	}
	for range 2 {
		res := a.post(exchangePath, good, from("198.51.100.7:1"), header("X-Forwarded-For", "203.0.113.9"), header("Forwarded", "for=203.0.113.9"))
		res.refuses(429, "rate_limited", "Too many requests")
		require.Equal(t, "60", res.header.Get("Retry-After"))
	}
	a.srv.Advance(59999 * time.Millisecond)
	require.Equal(t, 429, a.post(exchangePath, good, from("198.51.100.7:1")).status)
	require.Equal(t, 400, a.post(exchangePath, `{"code":"guess"}`, from("198.51.100.8:1")).status, "another address")
	a.srv.Advance(time.Millisecond)
	require.Equal(t, 200, a.post(exchangePath, good, from("198.51.100.7:1")).status, "the code was not looked at")
}
