package mockserver_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

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
	for _, r := range httpapi.Routes() {
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
