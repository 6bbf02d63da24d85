package mockserver_test

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/nahook/nahook-go/mockserver"
)

const controlToken = "ctl_1"

// control talks to the control API of a server.
func (a api) control() api {
	a.http = unredirected(&http.Client{Transport: handlerTransport{a.srv.ControlHandler(controlToken)}})
	a.base, a.token = "http://127.0.0.1:4000/__mock/v1", controlToken
	return a
}

// from says at which address a request has arrived.
func from(address string) func(*http.Request) {
	return func(r *http.Request) {
		local := net.TCPAddrFromAddrPort(netip.MustParseAddrPort(address))
		*r = *r.WithContext(context.WithValue(r.Context(), http.LocalAddrContextKey, local))
	}
}

func named(host string) func(*http.Request) {
	return func(r *http.Request) { r.Host = host }
}

// S38: the control API needs its token, looks at the Host header, refuses what a page
// makes a browser send, sends no CORS header, and is no part of the API. That the
// command listens on loopback alone is tested with it.
func TestS38TheControlAPIIsClosed(t *testing.T) {
	t.Parallel()
	a := serve(t)
	c := a.control()
	const misnamed = "The Host header must name localhost, a loopback address or the address that is listened on"
	for _, name := range []string{"evil.test", "evil.test:4000", "localhost.evil.test", "127.0.0.1.nip.io", "192.0.2.7:4000", "0.0.0.0", "[2001:db8::1]:80", "2130706433", "local host"} {
		c.get("/now", named(name)).refuses(403, "forbidden", misnamed)
		c.post("/advance", `{"by":"1h"}`, named(name)).refuses(403, "forbidden", misnamed)
	}
	c.get("/now", named("192.0.2.8:4000"), from("192.0.2.7:4000")).refuses(403, "forbidden", misnamed)
	for name, local := range map[string]string{
		"localhost": "127.0.0.1:1", "LOCALHOST:4000": "127.0.0.1:1", "127.0.0.1": "127.0.0.1:1", "127.9.9.9:80": "127.0.0.1:1", "[::1]:4000": "127.0.0.1:1",
		"192.0.2.7:4000": "192.0.2.7:4000", "192.0.2.7": "[::ffff:192.0.2.7]:4000", "[2001:db8::1]:80": "[2001:db8::1]:4000",
	} {
		require.Equal(t, 200, c.get("/now", named(name), from(local)).status, name)
	}

	for _, edit := range []func(*http.Request){
		header("Sec-Fetch-Site", "cross-site"), header("Sec-Fetch-Site", "same-site"), header("Sec-Fetch-Site", "none", "cross-site"),
		header("Origin", "https://evil.test"), header("Origin", "null"), header("Origin", "http://127.0.0.1:4001"), header("Origin", ""),
	} {
		c.get("/now", edit).refuses(403, "forbidden", "Cross-origin requests are not allowed")
		c.post("/advance", `{"by":"1h"}`, edit).refuses(403, "forbidden", "Cross-origin requests are not allowed")
		c.do(http.MethodOptions, "/advance", "", edit, header("Access-Control-Request-Method", "POST")).
			refuses(403, "forbidden", "Cross-origin requests are not allowed")
	}
	for _, edit := range []func(*http.Request){header("Sec-Fetch-Site", "none"), header("Sec-Fetch-Site", "same-origin"), header("Origin", "http://127.0.0.1:4000")} {
		require.Equal(t, 200, c.get("/now", edit).status)
	}

	for _, path := range []string{"/now", "/advance", "/no/such/route", "//now"} {
		c.as("").post(path, `{}`).refuses(401, "unauthorized", "Missing or invalid authorization header")
		for _, token := range []string{controlToken + "x", "ctl_", "nhm_a", "nhs_a"} {
			c.as(token).post(path, `{}`).refuses(401, "unauthorized", "Invalid token")
		}
	}
	c.get("/now", header("Authorization", "Bearer "+controlToken, "Bearer "+controlToken)).refuses(401, "unauthorized", "Missing or invalid authorization header")
	c.get("/now", header("Authorization", "Basic "+controlToken)).refuses(401, "unauthorized", "Missing or invalid authorization header")
	require.Equal(t, opening, a.srv.Now(), "nothing has happened")

	for _, route := range []string{"/__mock/v1/now", "/__mock/v1/advance", "/__mock/v1/workspaces"} {
		for _, token := range []string{controlToken, "nhm_a"} {
			a.as(token).get(route).refuses(404, "not_found", "Route not found")
			a.as(token).post(route, `{"by":"1h"}`).refuses(404, "not_found", "Route not found")
		}
	}
}

func TestNobodyHasTheEmptyControlToken(t *testing.T) {
	t.Parallel()
	srv := mockserver.Start(t)
	for _, value := range []string{"", "Bearer", "Bearer ", "Bearer  "} {
		r := httptest.NewRequest(http.MethodGet, "http://127.0.0.1/__mock/v1/now", nil)
		r.Header.Set("Authorization", value)
		w := httptest.NewRecorder()
		srv.ControlHandler("").ServeHTTP(w, r)
		require.Equal(t, 401, w.Code)
	}
}

func TestControlRoutes(t *testing.T) {
	t.Parallel()
	c := serve(t).control()
	for _, path := range []string{"/no", "/advance/", "/advance/x", "//advance", "/%2e/advance", "/device-grants", "/endpoints/ep_a"} {
		c.post(path, `{}`).refuses(404, "not_found", "Route not found")
	}
	for path, allowed := range map[string]string{
		"/advance": "POST", "/drain": "POST", "/workspaces": "GET, POST", "/plan": "PUT", "/journal": "GET", "/problems": "GET", "/framing-origins": "PUT",
		"/device-grants/X": "POST", "/endpoints/ep_a/rotate-secret": "POST", "/faults": "POST", "/tokens": "POST", "/receivers": "POST", "/snapshot": "GET, PUT",
	} {
		for _, method := range []string{http.MethodDelete, http.MethodPatch, http.MethodOptions} {
			res := c.do(method, path, "")
			res.refuses(405, "method_not_allowed", "Method not allowed")
			require.Equal(t, allowed, res.header.Get("Allow"))
		}
	}
	for query, want := range map[string]string{
		"?when=now":                          `there is no query parameter "when" here`,
		"?workspace=ws_a&workspace=ws_b":     `the query parameter "workspace" is given twice`,
		"?workspace=%zz":                     `the query is not encoded as it should be`,
		"?limit=1":                           `there is no query parameter "limit" here`,
		"?workspace=ws_a&Workspace=ws_hobby": `there is no query parameter "Workspace" here`,
	} {
		c.get("/now" + query).invalid(want)
	}
	for _, id := range []string{"", "ws_none", "WS_A"} {
		c.get("/now?workspace="+id).refuses(404, "not_found", `There is no workspace "`+id+`"`)
	}
}

// Every row of the table of routes that the documents have is a route.
func TestControlRoutesOfTheDocuments(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../docs/testing.md")
	require.NoError(t, err)
	rows := regexp.MustCompile("(?m)^\\| `([A-Z]+) ([^`]+)` \\|").FindAllStringSubmatch(string(text), -1)
	require.Len(t, rows, 19)
	a := serve(t)
	for _, row := range rows {
		path := strings.NewReplacer("{id}", "ep_a", "{user_code}", "X").Replace(row[2])
		res, err := a.control().send(t.Context(), row[1], "/"+path, `{"by":"0s","do":{}}`)
		require.NoError(t, err)
		require.NotEqual(t, 405, res.status, row[0])
		require.NotContains(t, res.body, "Route not found", row[0])
	}
}

func TestControlBodies(t *testing.T) {
	t.Parallel()
	a := serve(t)
	c := a.control()
	for body, want := range map[string]string{
		`{`:                        "Request body must be valid JSON",
		`{"by":"\ud800"}`:          "Request body must be valid JSON",
		`[]`:                       "Request body must be a JSON object",
		`null`:                     "Request body must be a JSON object",
		`{"by":"1h","By":"1h"}`:    `unknown key "By"; there are by`,
		`{"by":"1h","by":"2h"}`:    `the key "by" is given twice`,
		`{"by":5}`:                 "by: want a string",
		`{"by":"5"}`:               `by: want a duration such as "5m" or "1.5s"`,
		`{"by":"tomorrow"}`:        `by: want a duration such as "5m" or "1.5s"`,
		`{"by":"-5m"}`:             "the clock cannot go back: -5m0s is negative",
		`{}`:                       "by is required",
		`{"by":null}`:              "by is required",
		`{"by":"1h","to":"later"}`: `unknown key "to"; there are by`,
	} {
		c.post("/advance", body).invalid(want)
	}
	c.post("/advance", "").invalid("by is required")
	c.post("/advance", `{"by":"1h"}`, header("Content-Type", "text/plain")).refuses(415, "unsupported_media_type", "Content-Type must be application/json")
	c.post("/advance", `{"by":"`+strings.Repeat("1", 1<<20)+`"}`).refuses(413, "payload_too_large", "Request body must be at most 1048576 bytes")
	require.Equal(t, opening, a.srv.Now())
}

func TestControlMovesTheClock(t *testing.T) {
	t.Parallel()
	a := serve(t)
	c := a.control()
	c.get("/now").is(200, `{"now":"2026-01-15T10:30:00.000Z"}`)
	c.post("/advance", `{"by":"5m"}`).is(200, `{"now":"2026-01-15T10:35:00.000Z"}`)
	c.post("/advance?workspace=ws_b", `{"by":"1.5s"}`).is(200, `{"now":"2026-01-15T10:30:01.500Z"}`)
	c.get("/now?workspace=ws_a").is(200, `{"now":"2026-01-15T10:35:00.000Z"}`)

	receiver := a.srv.Receiver(mockserver.Reply{Status: 503})
	a.pipeTo(receiver).send(`{}`)
	c.post("/drain", "").is(200, `{"now":"2026-01-16T14:10:05.000Z"}`)
	require.Len(t, receiver.Requests(), 8)
	c.post("/drain", `{"by":"1h"}`).invalid(`unknown key "by"; there are none`)
}

func TestControlDoesNotMoveARunningClock(t *testing.T) {
	t.Parallel()
	srv := mockserver.Start(t, mockserver.WithRealClock())
	c := over(t, srv).control()
	const running = `The workspace has the real clock, which runs by itself: start with --clock manual, or make a workspace with the clock "manual"`
	c.post("/advance", `{"by":"1h"}`).refuses(409, "conflict", running)
	c.post("/drain", `{}`).refuses(409, "conflict", running)
}

// A receiver in another program may try to.
func TestControlMovesTheClockOneAtATime(t *testing.T) {
	t.Parallel()
	a := serve(t)
	c := a.control()
	var refused response
	p := a.pipeTo(a.srv.ReceiverHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		done := make(chan struct{})
		go func() { // as from another process: not on the attempt's goroutine
			defer close(done)
			refused, _ = c.send(context.Background(), http.MethodPost, "/advance", `{"by":"1h"}`)
		}()
		<-done
		w.WriteHeader(http.StatusServiceUnavailable)
	})))
	p.send(`{}`)
	c.post("/advance", `{"by":"5s"}`)
	require.Equal(t, 409, refused.status, refused.body)
	require.Equal(t, `{"error":{"code":"conflict","message":"The clock is being moved already, or the state replaced: there is one at a time, and receivers can do neither"}}`, refused.body)
}

func TestControlMakesWorkspaces(t *testing.T) {
	t.Parallel()
	a := serve(t, mockserver.WithPlan(mockserver.PlanPro), mockserver.WithRateLimit(100, time.Hour), mockserver.WithSchedule())
	c := a.control()
	res := c.post("/workspaces", `{"id":"ws_new","name":"New","plan":"hobby","endpointLimit":1,"rateLimit":{"limit":9,"windowSeconds":30},"schedule":[7],
		"framingOrigins":["https://app.example.com"],"start":"2027-01-01T00:00:00Z","acceptHosts":["acme.example"],"allowHosts":["b.example:80"],"egress":"public"}`)
	res.is(201, `{"id":"ws_new","name":"New","now":"2027-01-01T00:00:00.000Z","managementToken":"$managementToken","apiKey":"$apiKey","sessionToken":"$sessionToken"}`)
	w := a.as(res.text("managementToken"))
	const inNew = "/management/v1/workspaces/ws_new"
	w.get(inNew+"/applications").refuses(403, "feature_disabled", notOnThisPlan)
	created := w.post(inNew+"/endpoints", `{"url":"https://acme.example/hooks"}`)
	require.Equal(t, 201, created.status)
	require.Equal(t, "9", created.header.Get("X-RateLimit-Limit"))
	w.post(inNew+"/endpoints", `{"url":"https://acme.example/hooks"}`).refuses(403, "endpoint_limit_reached", "Workspace endpoint limit reached")
	sent := a.as(res.text("apiKey")).post("/api/ingest/"+created.text("id"), `{"payload":{}}`)
	require.Equal(t, "delivered", w.get(inNew+"/deliveries/"+sent.text("deliveryId")).text("status"))

	standing := c.post("/workspaces", "")
	require.Equal(t, 201, standing.status)
	require.Equal(t, "2026-01-15T10:30:00.000Z", standing.text("now"))
	all := c.get("/workspaces")
	require.Contains(t, all.body, `{"workspaces":[{"id":"ws_a","name":"","now":"2026-01-15T10:30:00.000Z","managementToken":"nhm_a"`)
	require.Contains(t, all.body, `{"id":"ws_new","name":"New",`)
	require.Contains(t, all.body, standing.body)

	running := c.post("/workspaces", `{"clock":"real"}`).text("id")
	require.Equal(t, 409, c.post("/drain?workspace="+running, "").status)
	manual := c.post("/workspaces", `{"clock":"manual"}`).text("id")
	require.Equal(t, 200, c.post("/drain?workspace="+manual, "").status)
	c.post("/workspaces", `{"id":"ws_new"}`).refuses(409, "conflict", `A workspace with the id "ws_new" already exists`)
	for body, want := range map[string]string{
		`{"plan":"free"}`:                                 `plan: "free" does not exist; use "hobby" or "pro"`,
		`{"endpointLimit":-1}`:                            "endpointLimit: -1 is not between 0 and 2147483647",
		`{"rateLimit":{"limit":1}}`:                       "rateLimit: limit and windowSeconds must be positive, and windowSeconds at most 2147483647",
		`{"schedule":[-1]}`:                               "schedule[0]: -1 is not between 0 and 31536000 seconds, a year",
		`{"framingOrigins":["x"]}`:                        `framingOrigins: "x" is not an origin such as https://app.example.com; http is for localhost and loopback addresses alone`,
		`{"clock":"fast"}`:                                `clock: "fast" is neither real nor manual`,
		`{"clock":"real","start":"2026-01-01T00:00:00Z"}`: "start: a real clock starts now",
		`{"start":"1969-01-01T00:00:00Z"}`:                "start: 1969-01-01 00:00:00 +0000 UTC is not between the years 1970 and 9000",
		`{"start":"now"}`:                                 `start: want an instant such as "2026-01-15T10:30:00.000Z"`,
		`{"egress":"all"}`:                                `egress: "all" is neither local nor public`,
		`{"allowHosts":["http://a"]}`:                     `allowHosts: "http://a" is no host: want a name or an address, with or without a port, such as example.test or example.test:8443`,
		`{"acceptHosts":["*"]}`:                           `acceptHosts: "*" is no host: want a name or an address, with or without a port, such as example.test or example.test:8443`,
		`{"id":".."}`:                                     `the id ".." cannot stand in a path`,
		`{"managementTokens":[]}`:                         `unknown key "managementTokens"; there are acceptHosts, allowHosts, clock, egress, endpointLimit, framingOrigins, id, name, plan, rateLimit, schedule, start`,
	} {
		c.post("/workspaces", body).invalid(want)
	}
	require.Len(t, a.srv.Workspaces(), 3+4, "nothing is left of those that were refused")
}

func TestControlChangesSettings(t *testing.T) {
	t.Parallel()
	a := serve(t)
	c := a.control()
	c.put("/plan", `{"plan":"hobby"}`).is(200, `{"plan":"hobby"}`)
	a.get(inA+"/applications").refuses(403, "feature_disabled", notOnThisPlan)
	c.put("/plan", `{"plan":"pro"}`).is(200, `{"plan":"pro"}`)
	c.put("/plan", `{"plan":"free"}`).invalid(`the plan "free" does not exist; use "hobby" or "pro"`)
	c.put("/plan", `{}`).invalid(`the plan "" does not exist; use "hobby" or "pro"`)

	c.put("/endpoint-limit", `{"limit":0}`).is(200, `{"limit":0}`)
	a.post(inA+"/endpoints", `{"url":"https://a.test"}`).refuses(403, "endpoint_limit_reached", "Workspace endpoint limit reached")
	c.put("/endpoint-limit", `{}`).invalid("limit is required")
	c.put("/endpoint-limit", `{"limit":-1}`).invalid("-1 is not between 0 and 2147483647")

	c.put("/rate-limit?workspace=ws_b", `{"limit":1,"windowSeconds":60}`).is(200, `{"limit":1,"windowSeconds":60}`)
	require.Equal(t, 200, a.as("nhm_b").get(inB+"/applications").status)
	a.as("nhm_b").get(inB+"/applications").refuses(429, "rate_limited", "Too many requests")
	require.Equal(t, 200, a.get(inA+"/applications").status)
	c.put("/rate-limit", `{"limit":1}`).invalid("rateLimit: limit and windowSeconds must be positive, and windowSeconds at most 2147483647")

	c.put("/framing-origins", `{"origins":["https://app.example.com"]}`).is(200, `{"origins":["https://app.example.com"]}`)
	require.Contains(t, a.visit(a.link()).header.Get("Content-Security-Policy"), "frame-ancestors https://app.example.com;")
	c.put("/framing-origins", `{"origins":[]}`).is(200, `{"origins":[]}`)
	require.Contains(t, a.visit(a.link()).header.Get("Content-Security-Policy"), "frame-ancestors 'none';")
	c.put("/framing-origins", `{}`).invalid("origins is required; an empty array lets nobody in")
	c.put("/framing-origins", `{"origins":["*"]}`).invalid(`"*" is not an origin such as https://app.example.com; http is for localhost and loopback addresses alone`)
}
