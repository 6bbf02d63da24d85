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
	noTarget, full, crowded, settled                 bool // among the records
	method, collection, target, suffix, valid, wrong string
}

// and adds fields to a body that is valid without them.
func (s *scenario) and(fields string) { s.valid += "," + fields }

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

func bodyID(fields, noun string) violation {
	return violation{"body id", func(s *scenario) { s.and(fields) }, 404, "not_found", noun + " not found"}
}

func conflict(fields, message string) violation {
	return violation{"conflict", func(s *scenario) { s.and(fields) }, 409, "conflict", message}
}

func notFound(noun string) violation {
	return violation{"path id", func(s *scenario) { s.noTarget = true }, 404, "not_found", noun + " not found"}
}

// A request that breaks two rules gets the answer of the earlier one. Each pair
// of checks is tried on each operation that has both.
func TestOrderOfChecks(t *testing.T) {
	t.Parallel()
	unknownEnvironment := bodyID(`"environmentId":"env_missing"`, "Environment")
	unknownEventType := bodyID(`"eventTypeIds":["evt_missing"]`, "Event type")
	noEventType := violation{"second path id", func(s *scenario) { s.suffix = "/event-types/evt_missing/visibility" }, 404, "not_found", "Event type not found"}
	applicationCap := violation{"application cap", func(s *scenario) { s.full = true }, 403, "application_endpoint_limit_reached", "Application endpoint limit reached"}
	workspaceCap := violation{"workspace cap", func(s *scenario) { s.crowded = true }, 403, "endpoint_limit_reached", "Workspace endpoint limit reached"}
	environmentCap := violation{"environment cap", func(s *scenario) { s.settled = true }, 403, "environment_limit_reached", "Environment limit reached"}
	const badURL, badIDs = "url must start with http:// or https://", "eventTypeIds must be an array of strings"

	for name, operation := range map[string]struct {
		request scenario
		ungated bool
		checks  []violation
	}{
		"applications.create": {
			scenario{method: "POST", collection: "/applications", valid: `"name":"New"`, wrong: `"name":3`}, false,
			[]violation{badField("name must be a string"), conflict(`"externalId":"cust_1"`, "An application with this externalId already exists")},
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
		"subscriptions.create": {
			scenario{method: "POST", collection: "/endpoints", target: "/ep_1", suffix: "/subscriptions",
				valid: `"eventTypeIds":["evt_1"]`, wrong: `"eventTypeIds":["evt_missing",3]`}, true,
			[]violation{badField(badIDs), notFound("Endpoint"), unknownEventType},
		},
		"eventTypes.create": {
			scenario{method: "POST", collection: "/event-types", valid: `"name":"order.paid"`, wrong: `"description":3`}, true,
			[]violation{badField("description must be a string"), conflict(`"name":"order.created"`, "An event type with this name already exists")},
		},
		"eventTypes.update": {
			scenario{method: "PATCH", collection: "/event-types", target: "/evt_1", valid: `"description":"Changed"`, wrong: `"description":3`}, true,
			[]violation{badField("description must be a string"), notFound("Event type")},
		},
		"environments.create": {
			scenario{method: "POST", collection: "/environments", valid: `"name":"QA","slug":"qa"`, wrong: `"name":3`}, true,
			[]violation{badField("name must be a string"), conflict(`"slug":"staging"`, "An environment with this slug already exists"), environmentCap},
		},
		"environments.update": {
			scenario{method: "PATCH", collection: "/environments", target: "/env_1", valid: `"name":"QA"`, wrong: `"name":""`}, true,
			[]violation{badField("name must be between 1 and 50 characters"), notFound("Environment")},
		},
		"environments.setVisibility": {
			scenario{method: "PUT", collection: "/environments", target: "/env_1", suffix: "/event-types/evt_1/visibility",
				valid: `"published":true`, wrong: `"published":"true"`}, true,
			[]violation{badField("published must be true or false"), notFound("Environment"), noEventType},
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
	expiresAt, plan, rate, most, limit, more := "null", "pro", "null", "null", "null", ""
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
	if s.settled {
		for i := range 8 { // the default environment and staging are the others
			more += fmt.Sprintf(`, {"name": "More", "slug": "more-%d"}`, i)
		}
	}
	return fmt.Sprintf(`{"workspaces": [{"id": "ws_1", "plan": %q, "rateLimit": %s, "endpointLimit": %s,
		"managementTokens": [{"token": "nhm_1", "expiresAt": %s, "disabled": %t}, {"token": "nhm_spare"}],
		"applications": [{"id": "app_1", "name": "One", "externalId": "cust_1", "maxEndpoints": %s}],
		"environments": [{"id": "env_1", "name": "Staging", "slug": "staging"}%s],
		"eventTypes": [{"id": "evt_1", "name": "order.created"}],
		"endpoints": [{"id": "ep_1", "applicationId": "app_1", "url": "https://one.test"}]}]}`,
		plan, rate, limit, expiresAt, s.disabled, most, more)
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
	if s.badField {
		s.and(s.wrong) // of a duplicate the last wins
	}
	body := "{" + s.valid + "}"
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
