package mockserver_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestUnknownRoutes(t *testing.T) {
	t.Parallel()
	a := serve(t)
	for name, path := range map[string]string{
		"the root":                          "/",
		"no path":                           "",
		"a family without a route":          "/management",
		"a version":                         "/management/v1",
		"workspaces":                        "/management/v1/workspaces",
		"a workspace":                       inA,
		"an unknown collection":             inA + "/widgets",
		"another version":                   "/management/v2/workspaces/ws_a/applications",
		"upper case":                        "/Management/v1/workspaces/ws_a/applications",
		"upper case collection":             inA + "/Applications",
		"below a record":                    inA + "/applications/app_a/widgets",
		"a portal session cannot be listed": inA + "/applications/app_a/portal/ps_1",
		"an endpoint below an application":  inA + "/applications/app_a/endpoints/ep_a",
		"an environment's event type":       inA + "/environments/env_a/event-types/evt_a",
		"an environment's endpoints":        inA + "/environments/env_a/endpoints",
		"the event types of an endpoint":    inA + "/endpoints/ep_a/event-types",
		"all subscriptions":                 inA + "/subscriptions",
		"another spelling of event types":   inA + "/eventTypes",
		"an underscore":                     inA + "/event_types",
		"below everything":                  inA + "/endpoints/ep_a/a/b/c",
		"a trailing slash":                  inA + "/applications/",
		"a trailing slash behind a record":  inA + "/applications/app_a/",
		"a leading double slash":            "/" + inA + "/applications",
		"a host in the path":                "//evil.test/applications",
		"an empty segment":                  inA + "//applications",
		"an empty id":                       inA + "/applications//endpoints",
		"dot":                               inA + "/./applications",
		"dot at the end":                    inA + "/applications/.",
		"dot dot":                           inA + "/applications/../endpoints",
		"dot dot at the end":                inA + "/applications/app_a/..",
		"escaped dot":                       inA + "/applications/%2e",
		"escaped dot dot":                   inA + "/applications/%2E%2e/endpoints",
		"half-escaped dot dot":              inA + "/applications/.%2e",
		"dot dot for a workspace":           "/management/v1/workspaces/../ws_a/applications",
		"an escaped slash between segments": inA + "%2Fapplications",
		"a redirecting query":               "//evil.test/%2e%2e?next=//evil.test",
		"no session's page":                 "/portal/s",
		"a file of the machine":             "/etc/passwd",
		"above the ingestion family":        "/api/ingest",
		"below the ingestion family":        "/api/ingest/event/order.created/now",
	} {
		t.Run(name, func(t *testing.T) {
			for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodDelete, http.MethodOptions, http.MethodTrace} {
				res := a.in(t).do(method, path, "")
				res.refuses(404, "not_found", "Route not found")
				require.Empty(t, res.header["Location"])
			}
		})
	}
	t.Run("nothing was deleted", func(t *testing.T) {
		a.in(t).get(inA+"/applications").is(200, "["+appB+","+appA+"]")
	})
}

func TestWrongMethods(t *testing.T) {
	t.Parallel()
	a := serve(t)
	for path, allow := range map[string]string{
		"/applications":                 "GET, HEAD, POST",
		"/applications/app_a":           "DELETE, GET, HEAD, PATCH",
		"/applications/app_a/endpoints": "GET, HEAD, POST",
		"/applications/app_a/portal":    "POST",
		"/endpoints":                    "GET, HEAD, POST",
		"/endpoints/ep_a":               "DELETE, GET, HEAD, PATCH",

		"/endpoints/ep_a/subscriptions":                    "GET, HEAD, POST",
		"/endpoints/ep_a/subscriptions/evt_a":              "DELETE",
		"/event-types":                                     "GET, HEAD, POST",
		"/event-types/evt_a":                               "DELETE, GET, HEAD, PATCH",
		"/environments":                                    "GET, HEAD, POST",
		"/environments/env_a":                              "DELETE, GET, HEAD, PATCH",
		"/environments/env_a/event-types":                  "GET, HEAD",
		"/environments/env_a/event-types/evt_a/visibility": "PUT",
	} {
		methods := []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch,
			http.MethodDelete, http.MethodOptions, http.MethodTrace, "get", "PROPFIND"}
		for _, method := range methods {
			if strings.Contains(", "+allow+",", ", "+method+",") {
				continue
			}
			t.Run(method+" "+path, func(t *testing.T) {
				t.Parallel()
				res := a.in(t).do(method, inA+path, "")
				require.Equal(t, 405, res.status)
				require.Equal(t, []string{allow}, res.header["Allow"])
				if method != http.MethodHead {
					res.refuses(405, "method_not_allowed", "Method not allowed")
				}
			})
		}
	}
}

func TestMethodOverrideIsIgnored(t *testing.T) {
	t.Parallel()
	a := serve(t)
	for _, name := range []string{"X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"} {
		a.get(inA+"/applications/app_a?_method=DELETE", header(name, "DELETE")).is(200, appA)
	}
}

func TestHeadAnswersAsGet(t *testing.T) {
	t.Parallel()
	a := serve(t)
	for _, path := range []string{
		inA + "/applications", inA + "/applications/app_a", inA + "/applications/app_missing",
		inA + "/endpoints/ep_a", inA + "/endpoints?limit=0", inA + "/applications?limit=0",
		inA + "/event-types", inA + "/endpoints/ep_a/subscriptions", inA + "/environments/env_a/event-types",
	} {
		get, head := a.get(path), a.do(http.MethodHead, path, "")
		require.Equal(t, get.status, head.status, path)
		require.Equal(t, get.header["Content-Length"], head.header["Content-Length"], path)
		require.NotEmpty(t, head.header["Content-Length"])
		require.Empty(t, head.body)
	}
}

// Ids are free text: each segment of a path is decoded on its own.
func TestPathSegmentsAreDecoded(t *testing.T) {
	t.Parallel()
	a := serveFixtures(t, `{"workspaces": [{"id": "ws one/two", "managementTokens": [{"token": "nhm_a"}],
		"applications": [{"id": "a+b c/d%e?f#g..é", "name": "Odd"}, {"id": "...", "name": "Dots"}, {"id": "a b", "name": "Space"}]}]}`)
	const odd = "/management/v1/workspaces/ws%20one%2Ftwo/applications/"
	for path, name := range map[string]string{
		odd + "a+b%20c%2Fd%25e%3Ff%23g..%C3%A9":     "Odd",
		odd + "%61+b%20c%2fd%25e%3ff%23g%2e.%c3%a9": "Odd",
		odd + "a%2Bb%20c%2Fd%25e%3Ff%23g..%C3%A9":   "Odd",
		odd + "a%20b%20c%2Fd%25e%3Ff%23g..%C3%A9":   "",
		odd + "...":     "Dots",
		odd + "a%20b":   "Space",
		odd + "a+b":     "",
		odd + "a%2Bb":   "",
		odd + "a%2520b": "",
	} {
		res := a.get(path)
		if name == "" {
			res.refuses(404, "not_found", "Application not found")
			continue
		}
		require.Equal(t, 200, res.status, path)
		require.Equal(t, name, res.text("name"))
	}
}

func TestEveryHostIsServed(t *testing.T) {
	t.Parallel()
	a := serve(t)
	for _, base := range []string{
		"https://us.api.nahook.com", "https://portal.nahook.com", "http://api.nahook.com", "https://example.test:8443", "https://[::1]:9",
	} {
		a.base = base
		a.get(inA+"/applications/app_a").is(200, appA)
	}
	a.overSocket().get(inA+"/applications/app_a").is(200, appA)
}

func TestNoPageOfAnotherOriginMayRead(t *testing.T) {
	t.Parallel()
	a := serve(t) // every answer is searched for Access-Control- headers
	evil := header("Origin", "https://evil.test")
	preflight := func(r *http.Request) {
		evil(r)
		r.Header.Del("Authorization")
		r.Header.Set("Access-Control-Request-Method", "DELETE")
		r.Header.Set("Access-Control-Request-Headers", "authorization")
	}
	for _, op := range management {
		a.do(http.MethodOptions, inA+op.path, "", preflight).refuses(405, "method_not_allowed", "Method not allowed")
		a.as("").do(op.method, inA+op.path, op.body, evil).
			refuses(401, "unauthorized", "Missing or invalid authorization header")
	}
	a.get(inA+"/applications/app_a", evil).is(200, appA)
}

type brokenBody struct{ fails func() error }

func (b brokenBody) Read([]byte) (int, error) { return 0, b.fails() }

// A body that panics stands in for a defect of the server.
func TestPanicsStayInTheEnvelope(t *testing.T) {
	t.Parallel()
	a := serveTolerant(t)
	serve := func(body brokenBody) *httptest.ResponseRecorder {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, inA+"/applications", body)
		r.Header.Set("Authorization", "Bearer nhm_a")
		r.Header.Set("Content-Type", "application/json")
		recorder := httptest.NewRecorder()
		a.srv.Handler().ServeHTTP(recorder, r)
		return recorder
	}
	got := serve(brokenBody{func() error { panic("secret detail") }})
	require.Equal(t, 500, got.Code)
	require.Equal(t, `{"error":{"code":"internal_error","message":"Something went wrong"}}`, got.Body.String())
	require.Equal(t, "application/json; charset=utf-8", got.Header().Get("Content-Type"))
	require.NotEmpty(t, got.Header().Get("X-Request-Id"))
	require.Len(t, a.srv.Problems(), 1)
	require.Equal(t, "applications.create", a.srv.Problems()[0].Operation)
	require.Contains(t, a.srv.Problems()[0].Text, "the handler panicked: secret detail\n")

	require.PanicsWithValue(t, http.ErrAbortHandler, func() {
		serve(brokenBody{func() error { panic(http.ErrAbortHandler) }})
	})
	require.Len(t, a.srv.Problems(), 1, "an aborted request is no problem")

	require.Equal(t, 400, serve(brokenBody{func() error { return errors.New("the client has left") }}).Code)
}
