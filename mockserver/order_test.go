package mockserver_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// scenario is a request that breaks any number of rules at once.
type scenario struct {
	family                                           string // as the tests of tokens name it; empty for management
	expired, disabled, exhausted, elsewhere, hobby   bool   // around the request
	foreignType, oversize, garbled, badField         bool   // in its body
	noTarget, full, crowded, settled                 bool   // among the records
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

// common are the checks that every operation with a body makes, in their
// documented order, as holders of a kind of token are told, of a body of at most
// so many bytes.
func common(kind string, most int) []violation {
	return []violation{
		{"expired token", func(s *scenario) { s.expired = true }, 401, "token_expired", kind + " has expired"},
		{"disabled token", func(s *scenario) { s.disabled = true }, 403, "token_disabled", kind + " is disabled"},
		{"rate limit", func(s *scenario) { s.exhausted = true }, 429, "rate_limited", "Too many requests"},
		{"unknown workspace", func(s *scenario) { s.elsewhere = true }, 404, "not_found", "Workspace not found"},
		{"hobby plan", func(s *scenario) { s.hobby = true }, 403, "feature_disabled", "Developer Portal is not available on your plan"},
		{"content type", func(s *scenario) { s.foreignType = true }, 415, "unsupported_media_type", "Content-Type must be application/json"},
		{"size", func(s *scenario) { s.oversize = true }, 413, "payload_too_large", fmt.Sprintf("Request body must be at most %d bytes", most)},
		{"JSON", func(s *scenario) { s.garbled = true }, 400, "validation_error", "Request body must be valid JSON"},
	}
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
		for _, v := range append(common("Management token", 1<<20), operation.checks...) {
			if v.name != "hobby plan" || !operation.ungated {
				checks = append(checks, v)
			}
		}
		inPairs(t, name, operation.request, checks)
	}
}

// inPairs breaks every two rules together, and each alone.
func inPairs(t *testing.T, name string, request scenario, checks []violation) {
	t.Helper()
	for i, first := range checks {
		t.Run(name+"/"+first.name, func(t *testing.T) {
			t.Parallel()
			for _, second := range checks[i:] {
				request := request
				first.breaks(&request)
				second.breaks(&request)
				t.Log("together with " + second.name)
				request.answer(t).refuses(first.status, first.code, first.message)
			}
		})
	}
}

// The operations that the management API has not.
func TestOrderOfChecksOfTheOtherFamilies(t *testing.T) {
	t.Parallel()
	const (
		badURL     = "url must start with http:// or https://"
		badPayload = "payload must be an object"
		badItems   = "items must be an array of objects"
	)
	foreign := violation{"path id", func(s *scenario) { s.target = strings.Replace(s.target, "ep_1", "ep_2", 1) }, 404, "not_found", "Endpoint not found"}
	final := violation{"conflict", func(s *scenario) { s.target = "/del_done" }, 409, "conflict", "Only failed and dead_letter deliveries can be retried"}
	off := violation{"conflict", func(s *scenario) { s.target = strings.TrimSuffix(s.target, "_off") + "_off" }, 409, "conflict", "Endpoint is disabled"}
	applicationCap := violation{"application cap", func(s *scenario) { s.full = true }, 403, "application_endpoint_limit_reached", "Application endpoint limit reached"}
	workspaceCap := violation{"workspace cap", func(s *scenario) { s.crowded = true }, 403, "endpoint_limit_reached", "Workspace endpoint limit reached"}
	badName := violation{"event name", func(s *scenario) { s.target = "/event/Order" }, 400, "validation_error",
		"eventType must be lowercase words of a-z, 0-9, _ and - joined by dots, such as order.created"}
	unknownName := violation{"path id", func(s *scenario) { s.target = "/event/order.lost" }, 404, "not_found", "Event type not found"}
	const both = `"url":"https://a.test","environmentId":"env_1","applicationId":"app_1"`

	for name, operation := range map[string]struct {
		request scenario
		kind    string
		most    int
		checks  []violation
	}{
		"dashboard.applications.create": {
			scenario{family: "dashboard", method: "POST", collection: "/applications", valid: `"name":"New"`, wrong: `"name":3`}, "Session token", 1 << 20,
			[]violation{badField("name must be a string"), conflict(`"externalId":"cust_1"`, "An application with this externalId already exists")},
		},
		"dashboard.endpoints.create": {
			scenario{family: "dashboard", method: "POST", collection: "/endpoints", valid: both, wrong: `"url":"ftp://a.test"`}, "Session token", 1 << 20,
			[]violation{badField(badURL), bodyID(`"environmentId":"env_missing"`, "Environment"), applicationCap, workspaceCap},
		},
		"dashboard.endpoints.create for a customer": {
			scenario{family: "dashboard", method: "POST", collection: "/endpoints", valid: both, wrong: `"applicationId":3`}, "Session token", 1 << 20,
			[]violation{badField("applicationId must be a string"), bodyID(`"applicationId":"app_missing"`, "Application"), workspaceCap},
		},
		"dashboard.endpoints.update": {
			scenario{family: "dashboard", method: "PATCH", collection: "/endpoints", target: "/ep_1", valid: `"url":"https://a.test"`, wrong: `"url":"ftp://a.test"`},
			"Session token", 1 << 20, []violation{badField(badURL), notFound("Endpoint")},
		},
		"dashboard.endpoints.test": {
			scenario{family: "dashboard", method: "POST", collection: "/endpoints", target: "/ep_1", suffix: "/test", valid: `"eventType":"order.created"`, wrong: `"eventType":3`},
			"Session token", 1 << 20, []violation{badField("eventType must be a string"), notFound("Endpoint"), bodyID(`"eventType":"order.lost"`, "Event type")},
		},
		"dashboard.deliveries.retry": {
			scenario{family: "dashboard", method: "POST", collection: "/deliveries", target: "/del_1", suffix: "/retry"},
			"Session token", 1 << 20, []violation{notFound("Delivery"), final},
		},
		"ingest.send": {
			scenario{family: "ingestion", method: "POST", target: "/ep_1", valid: `"payload":{}`, wrong: `"payload":[]`},
			"API key", 1 << 20, []violation{badField(badPayload), notFound("Endpoint"), off},
		},
		"ingest.send in another environment": {
			scenario{family: "ingestion", method: "POST", target: "/ep_1", valid: `"payload":{}`, wrong: `"idempotencyKey":""`},
			"API key", 1 << 20, []violation{badField("idempotencyKey must be between 1 and 255 characters"), foreign, off},
		},
		"ingest.trigger": {
			scenario{family: "ingestion", method: "POST", target: "/event/order.created", valid: `"payload":{}`, wrong: `"payload":[]`},
			"API key", 1 << 20, []violation{badField(badPayload), unknownName},
		},
		"ingest.trigger of no name": {
			scenario{family: "ingestion", method: "POST", target: "/event/order.created", valid: `"payload":{}`},
			"API key", 1 << 20, []violation{badName},
		},
		"ingest.sendBatch": {
			scenario{family: "ingestion", method: "POST", target: "/batch", valid: `"items":[{"endpointId":"ep_1","payload":{}}]`, wrong: `"items":{}`},
			"API key", 8 << 20, []violation{badField(badItems)},
		},
		"ingest.triggerBatch": {
			scenario{family: "ingestion", method: "POST", target: "/event/batch", valid: `"items":[{"eventType":"order.created","payload":{}}]`, wrong: `"items":"all"`},
			"API key", 8 << 20, []violation{badField(badItems)},
		},
	} {
		var checks []violation
		for _, v := range append(common(operation.kind, operation.most), operation.checks...) {
			switch {
			case v.name == "hobby plan" && !strings.HasPrefix(name, "dashboard.applications"),
				operation.kind == "API key" && (v.name == "expired token" || v.name == "unknown workspace"):
			default:
				checks = append(checks, v)
			}
		}
		inPairs(t, name, operation.request, checks)
	}
}

func (s scenario) answer(t *testing.T) response {
	t.Helper()
	token := map[string]string{"": "nhm_1", "dashboard": "nhs_1", "ingestion": "nhk_1"}[s.family]
	a := serveFixtures(t, s.fixtures()).direct().as(token)
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
	return fmt.Sprintf(`{"workspaces": [{"id": "ws_1", "plan": %[1]q, "rateLimit": %[2]s, "endpointLimit": %[3]s,
		"managementTokens": [{"token": "nhm_1", "expiresAt": %[4]s, "disabled": %[5]t}, {"token": "nhm_spare"}],
		"sessionTokens": [{"token": "nhs_1", "expiresAt": %[4]s, "disabled": %[5]t}], "apiKeys": [{"key": "nhk_1", "disabled": %[5]t}],
		"applications": [{"id": "app_1", "name": "One", "externalId": "cust_1", "maxEndpoints": %[6]s}],
		"environments": [{"id": "env_1", "name": "Staging", "slug": "staging"}%[7]s],
		"eventTypes": [{"id": "evt_1", "name": "order.created"}],
		"endpoints": [{"id": "ep_1", "applicationId": "app_1", "url": "https://one.test"}, {"id": "ep_1_off", "url": "https://off.test", "isActive": false},
			{"id": "ep_2", "url": "https://two.test", "environment": "staging"}, {"id": "ep_2_off", "url": "https://two.test", "environment": "staging", "isActive": false}],
		"deliveries": [{"id": "del_1", "endpointId": "ep_1", "status": "failed"}, {"id": "del_done", "endpointId": "ep_1", "status": "delivered"}]}]}`,
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
	switch s.family {
	case "dashboard":
		return "/api/workspaces/" + workspace + s.collection + target + s.suffix
	case "ingestion":
		return "/api/ingest" + target
	}
	return "/management/v1/workspaces/" + workspace + s.collection + target + s.suffix
}

func (s scenario) body() string {
	if s.badField {
		s.and(s.wrong) // of a duplicate the last wins
	}
	body := "{" + strings.TrimPrefix(s.valid, ",") + "}"
	if s.garbled {
		body += "}"
	}
	if s.oversize {
		size := 1 << 20
		if strings.HasSuffix(s.target, "/batch") {
			size = 8 << 20
		}
		body += strings.Repeat(" ", size)
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
