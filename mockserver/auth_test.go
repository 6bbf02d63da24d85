package mockserver_test

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/nahook/nahook-go/mockserver"
)

type operation struct {
	name, method, path, body string
	status                   int
}

// management is every operation of the management API, with a request that
// succeeds on the tenants.
var management = []operation{
	{"applications.list", http.MethodGet, "/applications", "", 200},
	{"applications.create", http.MethodPost, "/applications", `{"name":"New"}`, 201},
	{"applications.get", http.MethodGet, "/applications/app_a", "", 200},
	{"applications.update", http.MethodPatch, "/applications/app_a", `{"name":"Changed"}`, 200},
	{"applications.delete", http.MethodDelete, "/applications/app_a", "", 204},
	{"applications.listEndpoints", http.MethodGet, "/applications/app_a/endpoints", "", 200},
	{"applications.createEndpoint", http.MethodPost, "/applications/app_a/endpoints", `{"url":"https://acme.test/new"}`, 201},
	{"portalSessions.create", http.MethodPost, "/applications/app_a/portal", `{}`, 201},
	{"endpoints.list", http.MethodGet, "/endpoints", "", 200},
	{"endpoints.create", http.MethodPost, "/endpoints", `{"url":"https://own.test/new"}`, 201},
	{"endpoints.get", http.MethodGet, "/endpoints/ep_a", "", 200},
	{"endpoints.update", http.MethodPatch, "/endpoints/ep_a", `{"isActive":true}`, 200},
	{"endpoints.delete", http.MethodDelete, "/endpoints/ep_a", "", 204},
	{"subscriptions.list", http.MethodGet, "/endpoints/ep_a/subscriptions", "", 200},
	{"subscriptions.create", http.MethodPost, "/endpoints/ep_a/subscriptions", `{"eventTypeIds":["evt_a"]}`, 201},
	{"subscriptions.delete", http.MethodDelete, "/endpoints/ep_a/subscriptions/evt_a", "", 204},
	{"eventTypes.list", http.MethodGet, "/event-types", "", 200},
	{"eventTypes.create", http.MethodPost, "/event-types", `{"name":"order.shipped"}`, 201},
	{"eventTypes.get", http.MethodGet, "/event-types/evt_a", "", 200},
	{"eventTypes.update", http.MethodPatch, "/event-types/evt_a", `{"description":"Changed"}`, 200},
	{"eventTypes.delete", http.MethodDelete, "/event-types/evt_a", "", 204},
	{"environments.list", http.MethodGet, "/environments", "", 200},
	{"environments.create", http.MethodPost, "/environments", `{"name":"New","slug":"new"}`, 201},
	{"environments.get", http.MethodGet, "/environments/env_a_staging", "", 200},
	{"environments.update", http.MethodPatch, "/environments/env_a_staging", `{"name":"Changed"}`, 200},
	{"environments.delete", http.MethodDelete, "/environments/env_a_staging", "", 204},
	{"environments.listVisibility", http.MethodGet, "/environments/env_a_staging/event-types", "", 200},
	{"environments.setVisibility", http.MethodPut, "/environments/env_a_staging/event-types/evt_a/visibility", `{"published":false}`, 200},
	{"deliveries.list", http.MethodGet, "/endpoints/ep_a/deliveries", "", 200},
	{"deliveries.get", http.MethodGet, "/deliveries/del_a", "", 200},
	{"deliveries.attempts", http.MethodGet, "/deliveries/del_a/attempts", "", 200},
	{"auditLogs.list", http.MethodGet, "/audit-logs", "", 200},
}

func TestEveryOperationSucceedsWithTheWorkspacesToken(t *testing.T) {
	t.Parallel()
	for _, op := range management {
		t.Run(op.name, func(t *testing.T) {
			t.Parallel()
			res := serve(t).do(op.method, inA+op.path, op.body)
			require.Equal(t, op.status, res.status, res.body)
			require.Len(t, res.header["X-Request-Id"], 1)
		})
	}
}

// The Allow header tells which methods a path has, so an operation that is
// missing from the table above shows here.
func TestTheTableListsEveryOperationOfItsPaths(t *testing.T) {
	t.Parallel()
	a := serve(t)
	want := map[string][]string{}
	for _, op := range management {
		want[op.path] = append(want[op.path], op.method)
		if op.method == http.MethodGet {
			want[op.path] = append(want[op.path], http.MethodHead)
		}
	}
	for path, methods := range want {
		res := a.do(http.MethodOptions, inA+path, "")
		res.refuses(405, "method_not_allowed", "Method not allowed")
		slices.Sort(methods)
		require.Equal(t, strings.Join(methods, ", "), res.header.Get("Allow"), path)
	}
}

func TestEveryOperationRefusesTheSameTokens(t *testing.T) {
	t.Parallel()
	const malformed = "Missing or invalid authorization header"
	states := []struct {
		name, authorization string
		status              int
		code, message       string
	}{
		{"no header", "", 401, "unauthorized", malformed},
		{"basic auth", "Basic bmhtX2E6", 401, "unauthorized", malformed},
		{"a token that was never issued", "Bearer nhm_unknown", 401, "unauthorized", "Invalid token"},
		{"a token without the usual prefix", "Bearer unknown", 401, "unauthorized", "Invalid token"},
		{"an API key", "Bearer nhk_us_a", 401, "unauthorized", "Invalid token"},
		{"a disabled API key", "Bearer nhk_us_disabled", 401, "unauthorized", "Invalid token"},
		{"a session token", "Bearer nhs_a", 401, "unauthorized", "Invalid token"},
		{"a CLI token", "Bearer nhc_us_a", 401, "unauthorized", "Invalid token"},
		{"a revoked CLI token", "Bearer nhc_us_revoked", 401, "unauthorized", "Invalid token"},
		{"an expired token", "Bearer nhm_expired", 401, "token_expired", "Management token has expired"},
		{"an expired and disabled token", "Bearer nhm_expired_disabled", 401, "token_expired", "Management token has expired"},
		{"a revoked token", "Bearer nhm_revoked", 401, "token_revoked", "Management token has been revoked"},
		{"a disabled token", "Bearer nhm_disabled", 403, "token_disabled", "Management token is disabled"},
		{"another workspace's token", "Bearer nhm_b", 404, "not_found", "Workspace not found"},
		{"a hobby workspace's token", "Bearer nhm_hobby", 404, "not_found", "Workspace not found"},
	}
	a := serve(t).as("")
	for _, state := range states {
		t.Run(state.name, func(t *testing.T) {
			a := a.in(t)
			for _, op := range management {
				res := a.do(op.method, inA+op.path, op.body, func(r *http.Request) {
					if state.authorization != "" {
						r.Header.Set("Authorization", state.authorization)
					}
				})
				res.refuses(state.status, state.code, state.message)
				require.Len(t, res.header["X-Request-Id"], 1, op.name)
			}
		})
	}
	t.Run("and changes nothing", func(t *testing.T) {
		a := a.in(t).as("nhm_a")
		a.get(inA+"/applications").is(200, "["+appB+","+appA+"]")
		a.get(inA+"/endpoints").is(200, "["+epSlack+","+epWS+","+epB+","+epA+"]")
		a.get(inA+"/event-types").is(200, "["+evtB+","+evtA+"]")
		a.get(inA+"/environments").is(200, "["+envA+","+envStaging+"]")
		a.subscriptionsOf("ep_a", toA)
		a.showsIn("env_a_staging", bHidden, aPublished)
	})
}

// dashboard is every operation of the dashboard API that the management API has
// not, or not so, and what they share.
var dashboard = append([]operation{
	{"dashboard.endpoints.list", http.MethodGet, "/endpoints", "", 200},
	{"dashboard.endpoints.create", http.MethodPost, "/endpoints", `{"url":"https://own.test/new","environmentId":"env_a"}`, 201},
	{"dashboard.endpoints.get", http.MethodGet, "/endpoints/ep_a", "", 200},
	{"dashboard.endpoints.update", http.MethodPatch, "/endpoints/ep_a", `{"isActive":true}`, 200},
	{"dashboard.endpoints.delete", http.MethodDelete, "/endpoints/ep_a", "", 204},
	{"dashboard.endpoints.test", http.MethodPost, "/endpoints/ep_a/test", `{"eventType":"order.created"}`, 200},
	{"dashboard.deliveries.payload", http.MethodGet, "/deliveries/del_a/payload", "", 200},
	{"dashboard.deliveries.retry", http.MethodPost, "/deliveries/del_a/retry", `{}`, 200},
}, shared()...)

func shared() []operation {
	var operations []operation
	for _, op := range management {
		switch {
		case op.name == "applications.createEndpoint", op.name == "portalSessions.create", op.name == "auditLogs.list",
			strings.HasPrefix(op.name, "endpoints."):
			continue
		}
		op.name = "dashboard." + op.name
		operations = append(operations, op)
	}
	return operations
}

// ingestion is every operation that API keys open.
var ingestion = []operation{
	{"ingest.send", http.MethodPost, "/ep_b", `{"payload":{}}`, 202},
	{"ingest.trigger", http.MethodPost, "/event/order.paid", `{"payload":{}}`, 202},
	{"ingest.sendBatch", http.MethodPost, "/batch", `{"items":[{"endpointId":"ep_b","payload":{}}]}`, 202},
	{"ingest.triggerBatch", http.MethodPost, "/event/batch", `{"items":[{"eventType":"order.paid","payload":{}}]}`, 202},
}

var cliTokens = []operation{{"cli.tokens.delete", http.MethodDelete, "/clitok_a", "", 204}}

const (
	dashA    = "/api/workspaces/ws_a"
	dashB    = "/api/workspaces/ws_b"
	ingest   = "/api/ingest"
	cliToken = "/api/cli/tokens"
)

// families are the groups of operations that the same tokens open.
var families = []struct {
	name, prefix string
	operations   []operation
	tokens       []string // that open them
}{
	{"management", inA, management, []string{"nhm_a"}},
	{"dashboard", dashA, dashboard, []string{"nhs_a", "nhc_us_a"}},
	{"ingestion", ingest, ingestion, []string{"nhk_us_a"}},
	{"cli tokens", cliToken, cliTokens, []string{"nhs_a", "nhc_us_a"}},
}

// stopped are the tokens that open nothing any more, by the family's they were,
// and what they are told there.
var stopped = map[string][]struct {
	token         string
	status        int
	code, message string
}{
	"management": {
		{"nhm_disabled", 403, "token_disabled", "Management token is disabled"},
		{"nhm_expired", 401, "token_expired", "Management token has expired"},
		{"nhm_revoked", 401, "token_revoked", "Management token has been revoked"},
	},
	"dashboard": {
		{"nhs_disabled", 403, "token_disabled", "Session token is disabled"},
		{"nhs_expired", 401, "token_expired", "Session token has expired"},
		{"nhs_revoked", 401, "token_revoked", "Session token has been revoked"},
		{"nhc_us_disabled", 403, "token_disabled", "CLI token is disabled"},
		{"nhc_us_expired", 401, "token_expired", "CLI token has expired"},
		{"nhc_us_revoked", 401, "token_revoked", "CLI token has been revoked"},
	},
	"ingestion": {{"nhk_us_disabled", 403, "token_disabled", "API key is disabled"}},
}

func TestEveryFamilySucceedsWithItsTokens(t *testing.T) {
	t.Parallel()
	for _, f := range families {
		for _, op := range f.operations {
			for _, token := range f.tokens {
				t.Run(op.name+" with "+token, func(t *testing.T) {
					t.Parallel()
					res := serve(t).as(token).do(op.method, f.prefix+op.path, op.body)
					require.Equal(t, op.status, res.status, res.body)
					require.Len(t, res.header["X-Request-Id"], 1)
				})
			}
		}
	}
}

// What no table lists shows in an Allow header.
func TestTheTablesListEveryOperationOfTheirPaths(t *testing.T) {
	t.Parallel()
	a := serve(t)
	for _, f := range families {
		want := map[string][]string{}
		for _, op := range f.operations {
			want[op.path] = append(want[op.path], op.method)
			if op.method == http.MethodGet {
				want[op.path] = append(want[op.path], http.MethodHead)
			}
		}
		for path, methods := range want {
			res := a.do(http.MethodOptions, f.prefix+path, "")
			res.refuses(405, "method_not_allowed", "Method not allowed")
			slices.Sort(methods)
			require.Equal(t, strings.Join(methods, ", "), res.header.Get("Allow"), path)
		}
	}
}

// Each family refuses the tokens of the others, in whatever state they are, like
// those that were never issued.
func TestEveryFamilyRefusesTheTokensOfTheOthers(t *testing.T) {
	t.Parallel()
	a := serve(t)
	for _, f := range families {
		t.Run(f.name, func(t *testing.T) {
			a := a.in(t)
			strangers := []string{"nhs_unknown", "nhp_unknown", "unknown"}
			for _, other := range families {
				if other.prefix != cliToken && !slices.Equal(other.tokens, f.tokens) {
					strangers = append(strangers, other.tokens...)
					for _, s := range stopped[other.name] {
						strangers = append(strangers, s.token)
					}
				}
			}
			for _, op := range f.operations {
				a.as("").do(op.method, f.prefix+op.path, op.body).
					refuses(401, "unauthorized", "Missing or invalid authorization header")
				for _, token := range strangers {
					res := a.as(token).do(op.method, f.prefix+op.path, op.body)
					res.refuses(401, "unauthorized", "Invalid token")
					require.Len(t, res.header["X-Request-Id"], 1, op.name)
				}
				name := f.name
				if name == "cli tokens" {
					name = "dashboard"
				}
				for _, s := range stopped[name] {
					a.as(s.token).do(op.method, f.prefix+op.path, op.body).refuses(s.status, s.code, s.message)
				}
			}
		})
	}
	t.Run("and changes nothing", func(t *testing.T) {
		a := a.in(t)
		a.get(inA+"/applications").is(200, "["+appB+","+appA+"]")
		a.get(inA+"/endpoints").is(200, "["+epSlack+","+epWS+","+epB+","+epA+"]")
		a.get(inA+"/endpoints/ep_b/deliveries").is(200, `{"deliveries": [`+delA+`], "nextCursor": null}`)
		a.get(inA+"/audit-logs").is(200, `{"data": [], "total": 0, "page": 1, "pageSize": 50}`)
		a.as("nhc_us_a").get(dashA+"/event-types").is(200, "["+evtB+","+evtA+"]")
	})
}

func TestDashboardTokensOpenTheirWorkspaceAlone(t *testing.T) {
	t.Parallel()
	a := serve(t)
	for _, token := range []string{"nhs_b", "nhc_us_b", "nhs_hobby"} {
		for _, op := range dashboard {
			a.as(token).do(op.method, dashA+op.path, op.body).refuses(404, "not_found", "Workspace not found")
			a.as(token).do(op.method, "/api/workspaces/ws_0000"+op.path, op.body).refuses(404, "not_found", "Workspace not found")
		}
	}
	a.as("nhs_b").delete(cliToken+"/clitok_a").refuses(404, "not_found", "CLI token not found")
	require.Equal(t, 200, a.as("nhc_us_a").get(dashA+"/endpoints").status)
}

// An ended session and an ended CLI token end at their instant.
func TestDashboardTokensExpireAtTheirInstant(t *testing.T) {
	t.Parallel()
	a := serve(t)
	a = a.as(a.srv.NewSessionToken(mockserver.TokenOptions{ExpiresIn: time.Minute}))
	a.srv.Advance(time.Minute - time.Millisecond)
	a.get(dashA+"/applications/app_a").is(200, appA)
	a.srv.Advance(time.Millisecond)
	a.get(dashA+"/applications/app_a").refuses(401, "token_expired", "Session token has expired")
}

func TestAuthorizationHeaderForms(t *testing.T) {
	t.Parallel()
	a := serve(t).as("")
	for name, value := range map[string]string{
		"the usual form":           "Bearer nhm_a",
		"lower case":               "bearer nhm_a",
		"upper case":               "BEARER nhm_a",
		"two spaces":               "Bearer  nhm_a",
		"surrounded by whitespace": " Bearer nhm_a ",
	} {
		t.Run("accepted: "+name, func(t *testing.T) {
			t.Parallel()
			a.in(t).get(inA+"/applications/app_a", header("Authorization", value)).is(200, appA)
		})
	}
	for name, values := range map[string][]string{
		"empty":                    {""},
		"no scheme":                {"nhm_a"},
		"no token":                 {"Bearer"},
		"only spaces for a token":  {"Bearer   "},
		"a tab for a space":        {"Bearer\tnhm_a"},
		"a word too much":          {"Bearer nhm_a nhm_a"},
		"two in one header":        {"Bearer nhm_a, Bearer nhm_b"},
		"two headers":              {"Bearer nhm_a", "Bearer nhm_b"},
		"the same header twice":    {"Bearer nhm_a", "Bearer nhm_a"},
		"basic auth and a bearer":  {"Basic bmhtX2E6", "Bearer nhm_a"},
		"another scheme":           {"Token nhm_a"},
		"a scheme that ends alike": {"XBearer nhm_a"},
	} {
		t.Run("refused: "+name, func(t *testing.T) {
			t.Parallel()
			a.in(t).get(inA+"/applications/app_a", header("Authorization", values...)).
				refuses(401, "unauthorized", "Missing or invalid authorization header")
		})
	}
	t.Run("refused: 64 KB of token", func(t *testing.T) {
		t.Parallel()
		a.in(t).get(inA+"/applications", header("Authorization", "Bearer "+strings.Repeat("x", 64<<10))).
			refuses(401, "unauthorized", "Invalid token")
	})
}

func TestTokensElsewhereInTheRequestDoNotCount(t *testing.T) {
	t.Parallel()
	a := serve(t).as("")
	const missing = "Missing or invalid authorization header"
	for _, query := range []string{"?token=nhm_a", "?access_token=nhm_a", "?authorization=Bearer%20nhm_a"} {
		a.get(inA+"/applications"+query).refuses(401, "unauthorized", missing)
	}
	for _, name := range []string{"Cookie", "X-Api-Key", "Proxy-Authorization", "X-Authorization"} {
		a.get(inA+"/applications", header(name, "Bearer nhm_a")).refuses(401, "unauthorized", missing)
	}
	a.get(inA+"/applications", func(r *http.Request) {
		r.AddCookie(&http.Cookie{Name: "token", Value: "nhm_a"})
	}).refuses(401, "unauthorized", missing)
}

func TestTokenExpiresAtItsInstant(t *testing.T) {
	t.Parallel()
	a := serve(t).as("nhm_ends_in_a_minute")
	a.srv.Advance(time.Minute - time.Millisecond)
	a.get(inA+"/applications/app_a").is(200, appA)
	a.srv.Advance(time.Millisecond)
	a.get(inA+"/applications/app_a").refuses(401, "token_expired", "Management token has expired")
}

func TestMintedTokensOnTheWire(t *testing.T) {
	t.Parallel()
	a := serve(t)
	path := inA + "/applications/app_a"
	a.as(a.srv.NewManagementToken(mockserver.TokenOptions{})).get(path).is(200, appA)
	a.as(a.srv.NewManagementToken(mockserver.TokenOptions{ExpiresIn: time.Second})).get(path).is(200, appA)
	a.as(a.srv.NewManagementToken(mockserver.TokenOptions{Disabled: true})).get(path).
		refuses(403, "token_disabled", "Management token is disabled")
	a.as(a.srv.NewManagementToken(mockserver.TokenOptions{ExpiresIn: -time.Second})).get(path).
		refuses(401, "token_expired", "Management token has expired")
	a.as(a.srv.NewAPIKey(mockserver.APIKeyOptions{})).get(path).refuses(401, "unauthorized", "Invalid token")
	a.as(a.srv.NewSessionToken(mockserver.TokenOptions{})).get(path).refuses(401, "unauthorized", "Invalid token")
}

func TestRequestIDsAreDistinct(t *testing.T) {
	t.Parallel()
	a := serve(t)
	seen := map[string]bool{}
	for range 50 {
		seen[a.get(inA+"/applications").header.Get("X-Request-Id")] = true
		seen[a.get(inA+"/applications/app_missing").header.Get("X-Request-Id")] = true
		seen[a.as("").get(inA+"/applications").header.Get("X-Request-Id")] = true
	}
	require.Len(t, slices.Collect(maps.Keys(seen)), 150)
	require.NotContains(t, seen, "")
}
