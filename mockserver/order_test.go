package mockserver_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// scenario is a request that breaks any number of rules at once.
type scenario struct {
	expired, disabled, exhausted, elsewhere, hobby   bool // around the request
	foreignType, oversize, garbled, badField         bool // in its body
	noTarget, noEnvironment, taken, full, crowded    bool // among the records
	method, collection, target, suffix, valid, wrong string
}

// violation breaks one rule and says what the server answers to that.
type violation struct {
	name          string
	breaks        func(*scenario)
	status        int
	code, message string
}

// The checks that every operation with a body makes, in their documented order.
var common = []violation{
	{"expired token", func(s *scenario) { s.expired = true }, 401, "token_expired", "Management token has expired"},
	{"disabled token", func(s *scenario) { s.disabled = true }, 403, "token_disabled", "Management token is disabled"},
	{"rate limit", func(s *scenario) { s.exhausted = true }, 429, "rate_limited", "Too many requests"},
	{"unknown workspace", func(s *scenario) { s.elsewhere = true }, 404, "not_found", "Workspace not found"},
	{"hobby plan", func(s *scenario) { s.hobby = true }, 403, "feature_disabled", "Developer Portal is not available on your plan"},
	{"content type", func(s *scenario) { s.foreignType = true }, 415, "unsupported_media_type", "Content-Type must be application/json"},
	{"size", func(s *scenario) { s.oversize = true }, 413, "payload_too_large", "Request body must be at most 1048576 bytes"},
	{"JSON", func(s *scenario) { s.garbled = true }, 400, "validation_error", "Request body must be valid JSON"},
}

func badField(message string) violation {
	return violation{"field", func(s *scenario) { s.badField = true }, 400, "validation_error", message}
}

func notFound(noun string) violation {
	return violation{"path id", func(s *scenario) { s.noTarget = true }, 404, "not_found", noun + " not found"}
}

// A request that breaks two rules gets the answer of the earlier one. Each pair
// of checks is tried on each operation that has both.
func TestOrderOfChecks(t *testing.T) {
	t.Parallel()
	unknownEnvironment := violation{"body id", func(s *scenario) { s.noEnvironment = true }, 404, "not_found", "Environment not found"}
	applicationCap := violation{"application cap", func(s *scenario) { s.full = true }, 403, "application_endpoint_limit_reached", "Application endpoint limit reached"}
	workspaceCap := violation{"workspace cap", func(s *scenario) { s.crowded = true }, 403, "endpoint_limit_reached", "Workspace endpoint limit reached"}
	conflict := violation{"conflict", func(s *scenario) { s.taken = true }, 409, "conflict", "An application with this externalId already exists"}
	const badURL = "url must start with http:// or https://"

	for name, operation := range map[string]struct {
		request scenario
		ungated bool
		checks  []violation
	}{
		"applications.create": {
			scenario{method: "POST", collection: "/applications", valid: `"name":"New"`, wrong: `"name":3`}, false,
			[]violation{badField("name must be a string"), conflict},
		},
		"applications.update": {
			scenario{method: "PATCH", collection: "/applications", target: "/app_1", valid: `"name":"New"`, wrong: `"name":""`}, false,
			[]violation{badField("name must be between 1 and 255 characters"), notFound("Application")},
		},
		"applications.createEndpoint": {
			scenario{method: "POST", collection: "/applications", target: "/app_1", suffix: "/endpoints", valid: `"url":"https://a.test"`, wrong: `"url":"ftp://a.test"`}, false,
			[]violation{badField(badURL), notFound("Application"), unknownEnvironment, applicationCap, workspaceCap},
		},
		"portalSessions.create": {
			scenario{method: "POST", collection: "/applications", target: "/app_1", suffix: "/portal", valid: `"role":"viewer"`, wrong: `"role":"owner"`}, false,
			[]violation{badField("role must be one of admin, editor, viewer"), notFound("Application")},
		},
		"endpoints.create": {
			scenario{method: "POST", collection: "/endpoints", valid: `"url":"https://a.test"`, wrong: `"url":"ftp://a.test"`}, true,
			[]violation{badField(badURL), unknownEnvironment, workspaceCap},
		},
		"endpoints.update": {
			scenario{method: "PATCH", collection: "/endpoints", target: "/ep_1", valid: `"url":"https://a.test"`, wrong: `"url":"ftp://a.test"`}, true,
			[]violation{badField(badURL), notFound("Endpoint")},
		},
	} {
		var checks []violation
		for _, v := range append(common[:len(common):len(common)], operation.checks...) {
			if v.name != "hobby plan" || !operation.ungated {
				checks = append(checks, v)
			}
		}
		for i, first := range checks {
			t.Run(name+"/"+first.name, func(t *testing.T) {
				t.Parallel()
				for _, second := range checks[i:] {
					request := operation.request
					first.breaks(&request)
					second.breaks(&request)
					t.Log("together with " + second.name)
					request.answer(t).refuses(first.status, first.code, first.message)
				}
			})
		}
	}
}

func (s scenario) answer(t *testing.T) response {
	t.Helper()
	a := serveFixtures(t, s.fixtures()).direct().as("nhm_1")
	if s.exhausted {
		a.as("nhm_spare").get("/management/v1/workspaces/ws_1/endpoints")
	}
	edit := func(*http.Request) {}
	if s.foreignType {
		edit = header("Content-Type", "text/plain")
	}
	return a.do(s.method, s.path(), s.body(), edit)
}

func (s scenario) fixtures() string {
	expiresAt, plan, rate, most, limit := "null", "pro", "null", "null", "null"
	if s.expired {
		expiresAt = `"2026-01-15T10:29:59.999Z"`
	}
	if s.hobby {
		plan = "hobby"
	}
	if s.exhausted {
		rate = `{"limit": 1, "windowSeconds": 60}`
	}
	if s.full {
		most = "1"
	}
	if s.crowded {
		limit = "1"
	}
	return fmt.Sprintf(`{"workspaces": [{"id": "ws_1", "plan": %q, "rateLimit": %s, "endpointLimit": %s,
		"managementTokens": [{"token": "nhm_1", "expiresAt": %s, "disabled": %t}, {"token": "nhm_spare"}],
		"applications": [{"id": "app_1", "name": "One", "externalId": "cust_1", "maxEndpoints": %s}],
		"endpoints": [{"id": "ep_1", "applicationId": "app_1", "url": "https://one.test"}]}]}`,
		plan, rate, limit, expiresAt, s.disabled, most)
}

func (s scenario) path() string {
	workspace, target := "ws_1", s.target
	if s.elsewhere {
		workspace = "ws_2"
	}
	if s.noTarget {
		target += "_missing"
	}
	return "/management/v1/workspaces/" + workspace + s.collection + target + s.suffix
}

func (s scenario) body() string {
	fields := s.valid
	if s.badField {
		fields = s.wrong
	}
	if s.noEnvironment {
		fields += `,"environmentId":"env_missing"`
	}
	if s.taken {
		fields += `,"externalId":"cust_1"`
	}
	body := "{" + fields + "}"
	if s.garbled {
		body += "}"
	}
	if s.oversize {
		body += strings.Repeat(" ", 1<<20)
	}
	return body
}

// Routing comes before everything, the token included.
func TestRoutingComesBeforeTheToken(t *testing.T) {
	t.Parallel()
	a := serve(t).as("nhm_unknown")
	a.get("/management/v1/nowhere").refuses(404, "not_found", "Route not found")
	a.do(http.MethodPut, inA+"/applications", `{`).refuses(405, "method_not_allowed", "Method not allowed")
}

// The page is part of the fields: it comes after workspace and plan.
func TestQueryIsCheckedAfterWorkspaceAndPlan(t *testing.T) {
	t.Parallel()
	a := serve(t)
	a.get("/management/v1/workspaces/ws_missing/applications?limit=0").refuses(404, "not_found", "Workspace not found")
	a.as("nhm_hobby").get(inHobby+"/applications?limit=0").
		refuses(403, "feature_disabled", "Developer Portal is not available on your plan")
}
