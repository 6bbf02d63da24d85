package mockserver_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nahook/nahook-go/mockserver"
	httpapi "github.com/nahook/nahook-go/mockserver/internal/api"
)

const (
	portal       = "/portal/v1"
	exchangePath = portal + "/session/exchange"
	invalidCode  = `{"error":{"code":"invalid_code","message":"The code is invalid or has expired"}}`
)

// code creates a portal session of app_a and gives its code.
func (a api) code(body string) string {
	a.t.Helper()
	return a.as("nhm_a").post(portalOfA, body).text("code")
}

// exchange uses a code.
func (a api) exchange(code string) response {
	a.t.Helper()
	return a.as("").post(exchangePath, fmt.Sprintf(`{"code":%q}`, code))
}

// portalAs is the portal of app_a with a role.
func (a api) portalAs(role string) api {
	a.t.Helper()
	res := a.exchange(a.code(`{"role":"` + role + `"}`))
	require.Equal(a.t, 200, res.status, res.body)
	return a.as(res.text("token"))
}

// events are the actions in the audit log, oldest first.
func (a api) events() []string {
	a.t.Helper()
	var log struct{ Data []struct{ Action string } }
	require.NoError(a.t, json.Unmarshal([]byte(a.as("nhm_a").get(inA+"/audit-logs").body), &log))
	var actions []string
	for _, row := range slices.Backward(log.Data) {
		actions = append(actions, row.Action)
	}
	return actions
}

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

// S12: a session ends when it was said to.
func TestS12SessionsDoNotSlide(t *testing.T) {
	t.Parallel()
	a := serve(t)
	p := a.portalAs("editor")
	for range 59 {
		a.srv.Advance(time.Minute)
		require.Equal(t, 200, p.get(portal+"/session").status)
	}
	a.srv.Advance(time.Minute - time.Millisecond)
	require.Equal(t, 200, p.get(portal+"/endpoints").status)
	a.srv.Advance(time.Millisecond)
	for _, path := range []string{"/session", "/endpoints", "/event-types"} {
		p.get(portal+path).refuses(401, "session_expired", "The portal session has expired")
	}
}

// S13: each token opens its own doors.
func TestS13TokensOfOtherFamilies(t *testing.T) {
	t.Parallel()
	a := serve(t)
	code := a.code(`{}`)
	for _, token := range []string{"nhm_a", "nhk_us_a", "nhs_a", "nhc_us_a", code, "nhp_unknown"} {
		a.as(token).get(portal+"/session").refuses(401, "unauthorized", "Invalid token")
	}
	p := a.portalAs("admin")
	for _, path := range []string{inA + "/applications", "/api/workspaces/ws_a/endpoints"} {
		p.get(path).refuses(401, "unauthorized", "Invalid token")
	}
	p.post("/api/ingest/ep_a", `{"payload":{}}`).refuses(401, "unauthorized", "Invalid token")
	p.delete("/api/cli/tokens/tok").refuses(401, "unauthorized", "Invalid token")
}

// S15: an end is an end at once.
func TestS15SessionsEnd(t *testing.T) {
	t.Parallel()
	a := serve(t)
	p := a.portalAs("viewer")
	p.delete(portal + "/session").isDeleted()
	p.get(portal+"/session").refuses(401, "unauthorized", "Invalid token")
	p.delete(portal+"/session").refuses(401, "unauthorized", "Invalid token")
	require.Contains(t, a.events(), "portal_session.ended")

	p, code := a.portalAs("admin"), a.code(`{}`)
	a.as("nhm_a").delete(inA + "/applications/app_a").isDeleted()
	p.get(portal+"/session").refuses(401, "unauthorized", "Invalid token")
	require.Equal(t, invalidCode, a.exchange(code).body)

	hobby := serve(t)
	p = hobby.portalAs("admin")
	code = hobby.code(`{}`)
	hobby.srv.SetPlan(mockserver.PlanHobby)
	p.get(portal+"/session").refuses(403, "feature_disabled", "Developer Portal is not available on your plan")
	hobby.exchange(code).refuses(403, "feature_disabled", "Developer Portal is not available on your plan")
}

// scopes are what portal.md, section 2, allows.
var scopes = map[string][]string{
	"viewer": {"endpoints:read", "subscriptions:read", "event_types:read", "deliveries:read", "any"},
	"editor": {"endpoints:read", "subscriptions:read", "event_types:read", "deliveries:read", "any", "endpoints:write", "subscriptions:write"},
	"admin": {"endpoints:read", "subscriptions:read", "event_types:read", "deliveries:read", "any", "endpoints:write", "subscriptions:write",
		"endpoints:delete"},
}

// portalRoutes are those of the server's own table that need a session.
func portalRoutes(t *testing.T) []httpapi.Route {
	t.Helper()
	var routes []httpapi.Route
	for _, r := range httpapi.New(httpapi.Config{}).Routes() {
		if strings.HasPrefix(r.Operation, "portal.") && r.Operation != "portal.session.exchange" {
			routes = append(routes, r)
		}
	}
	require.Len(t, routes, 16)
	return routes
}

// fill gives a route's path the ids of app_a.
func fill(path string) string {
	return strings.NewReplacer("{endpoint}", "ep_a", "{eventType}", "evt_a", "{delivery}", "del_a").Replace(path)
}

// S16–S18: the route table × three roles × no token, generated.
func TestS16EveryRouteHasItsScope(t *testing.T) {
	t.Parallel()
	want := map[string]string{
		"portal.session.get": "any", "portal.session.delete": "any",
		"portal.endpoints.list": "endpoints:read", "portal.endpoints.get": "endpoints:read",
		"portal.endpoints.create": "endpoints:write", "portal.endpoints.update": "endpoints:write", "portal.endpoints.delete": "endpoints:delete",
		"portal.endpoints.revealSecret": "endpoints:write", "portal.endpoints.test": "endpoints:write",
		"portal.subscriptions.list": "subscriptions:read", "portal.subscriptions.create": "subscriptions:write", "portal.subscriptions.delete": "subscriptions:write",
		"portal.eventTypes.list": "event_types:read",
		"portal.deliveries.list": "deliveries:read", "portal.deliveries.get": "deliveries:read", "portal.deliveries.attempts": "deliveries:read",
	}
	got := map[string]string{}
	for _, r := range portalRoutes(t) {
		got[r.Operation] = string(r.Scope)
	}
	require.Equal(t, want, got)
}

func TestS17EveryRoleMayDoWhatItsScopesSay(t *testing.T) {
	t.Parallel()
	for _, r := range portalRoutes(t) {
		for role, allowed := range scopes {
			t.Run(r.Operation+" as "+role, func(t *testing.T) {
				t.Parallel()
				a := serveTolerant(t)
				res := a.portalAs(role).do(r.Method, fill(r.Path), bodyOf(r.Method))
				if slices.Contains(allowed, string(r.Scope)) {
					require.NotEqual(t, 401, res.status, res.body)
					require.NotContains(t, res.body, "Missing permission")
				} else {
					res.refuses(403, "forbidden", "Missing permission: "+string(r.Scope))
				}
			})
		}
	}
}

func TestS18NoRouteIsOpen(t *testing.T) {
	t.Parallel()
	a := serve(t)
	for _, r := range portalRoutes(t) {
		a.as("").do(r.Method, fill(r.Path), bodyOf(r.Method)).refuses(401, "unauthorized", "Missing or invalid authorization header")
	}
}

func bodyOf(method string) string {
	if method == http.MethodGet || method == http.MethodDelete {
		return ""
	}
	return `{}`
}

// S19: a customer decides what the portal asks for, and nothing else.
func TestS19NoMassAssignment(t *testing.T) {
	t.Parallel()
	a := serveTolerant(t)
	res := a.exchange(a.code(`{"role":"editor","metadata":{"k0":"0","k1":"1","k2":"2","k3":"3","k4":"4","k5":"5","k6":"6"}}`))
	p := a.as(res.text("token"))
	created := p.post(portal+"/endpoints", `{"url":"https://new.test","description":"Mine","applicationId":"app_b","workspaceId":"ws_b","environmentId":"env_a_staging",
		"metadata":{"evil":"yes"},"secret":"whsec_ZXZpbGV2aWxldmlsZXZpbGV2aWxldmls","id":"ep_evil","createdAt":"2020-01-01T00:00:00.000Z","type":"slack"}`)
	created.is(201, `{"id": "$id", "url": "https://new.test", "secret": "$secret", "description": "Mine", "authUsername": null, "hasAuth": false,
		"isActive": true, "type": "webhook", "config": {}, "metadata": {"k0":"0","k1":"1","k2":"2","k3":"3","k4":"4","k5":"5","k6":"6"},
		"createdAt": "2026-01-15T10:30:00.000Z", "updatedAt": "2026-01-15T10:30:00.000Z", "subscriptionCount": 0, "last24Hours": {"delivered": 0, "failed": 0}}`)
	require.NotEqual(t, "ep_evil", created.text("id"))
	require.NotContains(t, created.text("secret"), "ZXZpb")
	seen := a.as("nhs_a").get("/api/workspaces/ws_a/endpoints/" + created.text("id"))
	require.Equal(t, "app_a", seen.text("applicationId"))
	require.Equal(t, "env_a", seen.text("environmentId"))

	changed := p.patch(portal+"/endpoints/"+created.text("id"), `{"description":"Ours","metadata":{},"type":"slack","secret":"x","applicationId":"app_b"}`)
	require.Equal(t, 200, changed.status, changed.body)
	require.Contains(t, changed.body, `"metadata":{"k0":"0"`)
	require.Contains(t, changed.body, `"description":"Ours"`)
	require.Contains(t, changed.body, `"type":"webhook"`)
}

// S20: what belongs to others does not exist.
func TestS20EndpointsOfOthersDoNotExist(t *testing.T) {
	t.Parallel()
	a := serveTolerant(t)
	p := a.portalAs("admin")
	for _, r := range portalRoutes(t) {
		if !strings.Contains(r.Path, "{endpoint}") {
			continue
		}
		body := bodyOf(r.Method)
		if r.Operation == "portal.subscriptions.create" {
			body = `{"eventTypeIds":["evt_b"]}`
		}
		answer := func(id string) string {
			res := p.do(r.Method, strings.NewReplacer("{endpoint}", id, "{eventType}", "evt_a").Replace(r.Path), body)
			res.refuses(404, "not_found", "Endpoint not found")
			return res.body
		}
		random := answer("ep_random")
		for _, foreign := range []string{"ep_b", "ep_c", "ep_ws", "ep_slack"} {
			require.Equal(t, random, answer(foreign), r.Operation)
		}
	}
	a.as("nhm_a").get(inA+"/endpoints/ep_b").is(200, with(t, epB, `{"secret":"whsec_YmV0YV93ZWJob29rX3NpZ25pbmdfa2V5XzMyYnl0ZXMh"}`))
}

// S21: neither do deliveries, cursors and event types.
func TestS21DeliveriesOfOthersDoNotExist(t *testing.T) {
	t.Parallel()
	fixtures := `{"workspaces": [{"id": "ws_a", "managementTokens": [{"token": "nhm_a"}], "applications": [{"id": "app_a", "name": "A"}, {"id": "app_b", "name": "B"}],
		"eventTypes": [{"id": "evt_a", "name": "order.created"}],
		"endpoints": [{"id": "ep_a", "applicationId": "app_a", "url": "https://a.test"}, {"id": "ep_b", "applicationId": "app_b", "url": "https://b.test"}],
		"deliveries": [{"id": "del_a", "endpointId": "ep_a", "eventType": "order.created", "status": "failed", "payload": {"a": 1}},
			{"id": "del_b", "endpointId": "ep_b", "status": "failed"}, {"id": "del_b2", "endpointId": "ep_b", "status": "failed"}]}]}`
	a := serveFixtures(t, fixtures)
	p := a.portalAs("viewer")
	for _, path := range []string{"/deliveries/del_b", "/deliveries/del_b/attempts", "/deliveries/del_random", "/deliveries/del_b?include=payload"} {
		p.get(portal+path).refuses(404, "not_found", "Delivery not found")
	}
	cursor := a.as("nhm_a").get(inA + "/endpoints/ep_b/deliveries?limit=1").text("nextCursor")
	p.get(portal+"/endpoints/ep_a/deliveries?cursor="+cursor).refuses(400, "invalid_cursor", "The cursor is invalid: restart pagination from the beginning")

	row := `{"id": "del_a", "idempotencyKey": "$key", "endpointId": "ep_a", "status": "failed", "totalAttempts": 0, "firstAttemptAt": null, "deliveredAt": null,
		"nextRetryAt": null, "hasPayload": true, "createdAt": "2026-01-15T10:30:00.000Z", "updatedAt": "2026-01-15T10:30:00.000Z", "eventType": "order.created"}`
	got := p.get(portal + "/deliveries/del_a")
	row = strings.Replace(row, "$key", got.text("idempotencyKey"), 1)
	got.is(200, row)
	p.get(portal+"/endpoints/ep_a/deliveries").is(200, `{"deliveries": [`+row+`], "nextCursor": null}`)
	p.get(portal+"/deliveries/del_a?include=payload").is(200, with(t, row, `{"payload": {"status": "available", "data": {"a": 1}, "contentType": "application/json"}}`))
	p.get(portal+"/deliveries/del_a/attempts").is(200, `[]`)
	a.as("nhm_a").delete(inA + "/endpoints/ep_a").isDeleted()
	require.Equal(t, 200, p.get(portal+"/deliveries/del_a").status, "it outlives its endpoint")
}

// S22: only a reveal shows a secret that is there already, and leaves a row.
func TestS22Reveal(t *testing.T) {
	t.Parallel()
	a := serve(t)
	p := a.portalAs("editor")
	for _, path := range []string{"/endpoints", "/endpoints/ep_a", "/session", "/endpoints/ep_a/subscriptions"} {
		require.NotContains(t, p.get(portal+path).body, "whsec_")
	}
	require.NotContains(t, a.events(), "endpoint.secret_revealed")
	p.get(portal+"/endpoints/ep_a/secret/reveal").refuses(405, "method_not_allowed", "Method not allowed")
	p.post(portal+"/endpoints/ep_a/secret/reveal", "").is(200, `{"secret": "whsec_dGVzdF93ZWJob29rX3NpZ25pbmdfa2V5XzMyYnl0ZXMh"}`)
	require.Contains(t, a.events(), "endpoint.secret_revealed")
}

// S23: disabled endpoints count, deleted ones do not.
func TestS23CapsInThePortal(t *testing.T) {
	t.Parallel()
	a := serve(t)
	a.patch(inA+"/applications/app_a", `{"maxEndpoints":2}`)
	p := a.portalAs("admin")
	full := func() {
		t.Helper()
		p.post(portal+"/endpoints", `{"url":"https://x.test"}`).refuses(403, "application_endpoint_limit_reached", "Application endpoint limit reached")
	}
	id := p.post(portal+"/endpoints", `{"url":"https://x.test"}`).text("id")
	full()
	require.Equal(t, 200, p.patch(portal+"/endpoints/"+id, `{"isActive":false}`).status)
	full()
	p.delete(portal + "/endpoints/" + id).isDeleted()
	require.Equal(t, 201, p.post(portal+"/endpoints", `{"url":"https://x.test"}`).status)
	require.Contains(t, p.get(portal+"/session").body, `"maxEndpoints":2,"endpointCount":2`)
}

// S24: one cap for both doors, under any concurrency.
func TestS24OneCapForBothDoors(t *testing.T) {
	t.Parallel()
	a := serve(t)
	a.patch(inA+"/applications/app_a", `{"maxEndpoints":2}`)
	p := a.portalAs("admin")
	var mu sync.Mutex
	statuses := map[int]int{}
	var creates sync.WaitGroup
	for i := range 50 {
		creates.Go(func() {
			client, path := a.as("nhm_a"), inA+"/applications/app_a/endpoints"
			if i%2 == 0 {
				client, path = p, portal+"/endpoints"
			}
			res, err := client.send(t.Context(), http.MethodPost, path, `{"url":"https://x.test"}`)
			assert.NoError(t, err)
			mu.Lock()
			defer mu.Unlock()
			statuses[res.status]++
		})
	}
	creates.Wait()
	require.Equal(t, map[int]int{201: 1, 403: 49}, statuses)
	require.Len(t, a.get(inA+"/applications/app_a/endpoints").ids(), 2)
}

// S25: a cap stops new endpoints and nothing else.
func TestS25LoweredCaps(t *testing.T) {
	t.Parallel()
	a := serve(t)
	a.patch(inA+"/applications/app_a", `{"maxEndpoints":0}`)
	p := a.portalAs("editor")
	p.post(portal+"/endpoints", `{"url":"https://x.test"}`).refuses(403, "application_endpoint_limit_reached", "Application endpoint limit reached")
	require.Equal(t, []string{"ep_a"}, p.get(portal+"/endpoints").ids())
	require.Equal(t, 200, p.patch(portal+"/endpoints/ep_a", `{"description":"Still mine"}`).status)
}

// S26: a hidden catalog shows nothing, takes no new subscriptions, and stops no
// delivery.
func TestS26HiddenCatalogs(t *testing.T) {
	t.Parallel()
	a := serveFixtures(t, `{"workspaces": [{"id": "ws_a", "managementTokens": [{"token": "nhm_a"}], "apiKeys": [{"key": "nhk_us_a"}],
		"applications": [{"id": "app_a", "name": "A"}], "eventTypes": [{"id": "evt_a", "name": "order.created"}, {"id": "evt_b", "name": "order.paid"},
			{"id": "evt_hidden", "name": "internal.only", "publishedIn": []}],
		"endpoints": [{"id": "ep_a", "applicationId": "app_a", "url": "https://a.test", "deliver": "accept", "subscriptions": ["order.created"]}]}]}`)
	p := a.portalAs("editor")
	require.Equal(t, []string{"evt_b", "evt_a"}, p.get(portal+"/event-types").ids())
	subscribe := func(id string) response {
		return p.post(portal+"/endpoints/ep_a/subscriptions", `{"eventTypeIds":["`+id+`"]}`)
	}
	subscribe("evt_hidden").refuses(404, "not_found", "Event type not found")
	subscribe("evt_random").refuses(404, "not_found", "Event type not found")
	p.post(portal+"/endpoints", `{"url":"https://x.test","eventTypeIds":["evt_b","evt_hidden"]}`).refuses(404, "not_found", "Event type not found")
	require.Equal(t, []string{"ep_a"}, p.get(portal+"/endpoints").ids(), "both or neither")
	test := func(name string) response { return p.post(portal+"/endpoints/ep_a/test", `{"eventType":"`+name+`"}`) }
	test("internal.only").refuses(404, "not_found", "Event type not found")
	require.Equal(t, 200, test("order.paid").status)

	a.patch(inA+"/applications/app_a", `{"showEventTypes":false}`)
	p.get(portal+"/event-types").is(200, `[]`)
	for _, id := range []string{"evt_b", "evt_hidden", "evt_random", "evt_a"} {
		subscribe(id).refuses(403, "forbidden", "Event types are not available")
	}
	p.post(portal+"/endpoints", `{"url":"https://x.test","eventTypeIds":["evt_b"]}`).refuses(403, "forbidden", "Event types are not available")
	require.Equal(t, 201, p.post(portal+"/endpoints", `{"url":"https://x.test"}`).status)
	for _, name := range []string{"order.paid", "internal.only", "no.such"} {
		test(name).refuses(404, "not_found", "Event type not found")
	}
	require.Equal(t, 200, test("order.created").status, "it is subscribed")
	require.Contains(t, p.get(portal+"/endpoints/ep_a/subscriptions").body, `"eventTypeName":"order.created"`)
	res := a.as("nhk_us_a").post("/api/ingest/event/order.created", `{"payload":{}}`)
	require.Len(t, res.deliveryIDs(), 1)
	require.Equal(t, 204, p.delete(portal+"/endpoints/ep_a/subscriptions/evt_a").status)
}

// The test delivery of the portal is that of the dashboard.
func TestPortalTestDelivery(t *testing.T) {
	t.Parallel()
	a := serve(t)
	p := a.portalAs("editor")
	r := a.srv.Receiver(mockserver.Reply{Status: 500, Delay: 7 * time.Millisecond})
	id := p.post(portal+"/endpoints", `{"url":"`+r.URL()+`"}`).text("id")
	require.Equal(t, 201, a.as("nhm_a").post(inA+"/endpoints/"+id+"/subscriptions", `{"eventTypeIds":["evt_a"]}`).status)
	res := p.post(portal+"/endpoints/"+id+"/test", "")
	require.Equal(t, 200, res.status, res.body)
	require.Contains(t, res.body, `"status":"failed"`)
	require.Contains(t, res.body, `"responseStatusCode":500,"responseTimeMs":7`)
	require.Equal(t, `{"type":"order.created","test":true,"createdAt":"2026-01-15T10:30:00.000Z"}`, string(r.Requests()[0].Body))
	for range 9 {
		require.Equal(t, 200, p.post(portal+"/endpoints/"+id+"/test", `{"payload":{"a":1}}`).status)
	}
	p.post(portal+"/endpoints/"+id+"/test", "").refuses(429, "rate_limited", "Too many requests")
	require.Equal(t, 200, a.portalAs("editor").post(portal+"/endpoints/"+id+"/test", "").status, "another session")
	require.Contains(t, p.get(portal+"/endpoints").body, `"last24Hours":{"delivered":0,"failed":11}`)
	a.srv.Advance(24*time.Hour + time.Millisecond)
	require.Contains(t, a.portalAs("viewer").get(portal+"/endpoints").body, `"last24Hours":{"delivered":0,"failed":0}`)
}

// S29, S30: no page of another origin can do or read anything.
func TestS30CrossOriginRequests(t *testing.T) {
	t.Parallel()
	a := serveTolerant(t)
	p := a.portalAs("admin")
	refused := map[string][]func(*http.Request){
		"cross-site":           {header("Sec-Fetch-Site", "cross-site")},
		"same-site":            {header("Sec-Fetch-Site", "same-site")},
		"another origin":       {header("Origin", "https://evil.test")},
		"a null origin":        {header("Origin", "null")},
		"another port":         {header("Origin", "https://api.nahook.com:8443")},
		"cross-site, own name": {header("Sec-Fetch-Site", "cross-site"), header("Origin", host)},
	}
	for name, edits := range refused {
		for _, r := range portalRoutes(t) {
			res := p.do(r.Method, fill(r.Path), bodyOf(r.Method), edits...)
			if r.Method == http.MethodGet {
				require.NotEqual(t, 403, res.status, r.Operation)
			} else {
				res.refuses(403, "forbidden", "Cross-origin requests are not allowed")
			}
			res = a.as("").do(r.Method, fill(r.Path), bodyOf(r.Method), edits...)
			if r.Method != http.MethodGet {
				res.refuses(403, "forbidden", "Cross-origin requests are not allowed")
			}
		}
		a.as("").post(exchangePath, `{"code":"x"}`, edits...).refuses(403, "forbidden", "Cross-origin requests are not allowed")
		require.NotEmpty(t, name)
	}
	for _, edits := range [][]func(*http.Request){
		nil, {header("Sec-Fetch-Site", "same-origin")}, {header("Sec-Fetch-Site", "none")}, {header("Origin", host)},
	} {
		require.Equal(t, 200, p.patch(portal+"/endpoints/ep_a", `{"description":"x"}`, edits...).status)
	}
	for _, override := range []string{"X-HTTP-Method-Override", "X-Method-Override", "X-HTTP-Method"} {
		require.Equal(t, 200, p.get(portal+"/endpoints/ep_a", header(override, "DELETE")).status)
	}
	require.Equal(t, 200, p.get(portal+"/endpoints/ep_a").status)
	p.do(http.MethodOptions, portal+"/endpoints", "", header("Origin", "https://evil.test"), header("Access-Control-Request-Method", "POST")).
		refuses(405, "method_not_allowed", "Method not allowed")
}
