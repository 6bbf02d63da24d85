package mockserver_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/nahook/nahook-go/mockserver"
)

// Unknown fields are accepted, and recorded.
func TestUnknownFieldsAreProblems(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		method, path, body string
		status             int
		operation          string
		fields             []string
	}{
		"of a new application":         {"POST", "/applications", `{"name":"A","colour":"red"}`, 201, "applications.create", []string{"colour"}},
		"several, in order":            {"POST", "/applications", `{"name":"A","z":1,"a":null,"Name":"B"}`, 201, "applications.create", []string{"Name", "a", "z"}},
		"an immutable external id":     {"PATCH", "/applications/app_a", `{"externalId":"x"}`, 200, "applications.update", []string{"externalId"}},
		"of a new endpoint":            {"POST", "/endpoints", `{"url":"https://a.test","isActive":false}`, 201, "endpoints.create", []string{"isActive"}},
		"of an application's endpoint": {"POST", "/applications/app_a/endpoints", `{"url":"https://a.test","secret":"x"}`, 201, "applications.createEndpoint", []string{"secret"}},
		"within a configuration":       {"POST", "/endpoints", `{"url":"https://a.test","config":{"channel":"#ops"},"x":1}`, 201, "endpoints.create", []string{"x", "config.channel"}},
		"immutable ones":               {"PATCH", "/endpoints/ep_a", `{"type":"slack","environmentId":"env_b"}`, 200, "endpoints.update", []string{"environmentId", "type"}},
		"of a portal session":          {"POST", "/applications/app_a/portal", `{"expiresIn":5}`, 201, "portalSessions.create", []string{"expiresIn"}},
		"of a new event type":          {"POST", "/event-types", `{"name":"a.b","id":"evt_x"}`, 201, "eventTypes.create", []string{"id"}},
		"an event type's name":         {"PATCH", "/event-types/evt_a", `{"name":"a.b"}`, 200, "eventTypes.update", []string{"name"}},
		"of a subscription":            {"POST", "/endpoints/ep_a/subscriptions", `{"eventTypeIds":["evt_a"],"eventTypeId":"evt_b"}`, 201, "subscriptions.create", []string{"eventTypeId"}},
		"of a new environment":         {"POST", "/environments", `{"name":"QA","slug":"qa","isDefault":true}`, 201, "environments.create", []string{"isDefault"}},
		"an environment's slug":        {"PATCH", "/environments/env_a_staging", `{"slug":"qa","isDefault":true}`, 200, "environments.update", []string{"isDefault", "slug"}},
		"of a visibility": {"PUT", "/environments/env_a/event-types/evt_a/visibility", `{"published":true,"eventTypeId":"evt_b"}`, 200,
			"environments.setVisibility", []string{"eventTypeId"}},
		"of a request for nothing": {"PATCH", "/applications/app_missing", `{"colour":"red"}`, 404, "applications.update", []string{"colour"}},
		"next to a wrong type":     {"POST", "/applications", `{"name":3,"colour":"red"}`, 400, "applications.create", []string{"colour"}},
		"that breaks a rule":       {"POST", "/applications", `{"Name":"A"}`, 400, "applications.create", []string{"Name"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := serveTolerant(t)
			res := a.do(c.method, inA+c.path, c.body)
			require.Equal(t, c.status, res.status, res.body)
			var want []mockserver.Problem
			for _, field := range c.fields {
				want = append(want, mockserver.Problem{
					Workspace: "ws_a", Operation: c.operation, Text: `the request has the unknown field "` + field + `"`, Count: 1,
				})
			}
			require.Equal(t, want, a.srv.Problems())
		})
	}
}

// No request of these tests is a problem but those with unknown fields: the
// servers of serve fail their test otherwise.
func TestKnownFieldsAreNoProblems(t *testing.T) {
	t.Parallel()
	a := serveTolerant(t)
	a.post(inA+"/applications", `{"name":"A","externalId":"x","metadata":{"any":"key"},"maxEndpoints":1,"showEventTypes":true}`)
	a.patch(inA+"/applications/app_a", `{"name":"A","metadata":{"any":"key"},"maxEndpoints":1,"showEventTypes":true}`)
	a.post(inA+"/endpoints", `{"url":"https://a.test","type":"webhook","description":"d","authUsername":"u","authPassword":"`+password+`",
		"metadata":{"any":"key"},"config":{"webhookUrl":"https://a.test"},"environmentId":"env_a"}`)
	a.patch(inA+"/endpoints/ep_a", `{"url":"https://a.test","description":"d","authUsername":"u","authPassword":"`+password+`",
		"metadata":{"any":"key"},"config":{"webhookUrl":"https://a.test"},"isActive":true}`)
	a.post(portalOfA, `{"role":"admin","expiresInMinutes":5,"metadata":{"any":"key"}}`)
	a.post(inA+"/event-types", `{"name":"a.b","description":"d"}`)
	a.patch(inA+"/event-types/evt_a", `{"description":"d"}`)
	a.post(inA+"/endpoints/ep_a/subscriptions", `{"eventTypeIds":["evt_b"]}`)
	a.post(inA+"/environments", `{"name":"QA","slug":"qa"}`)
	a.patch(inA+"/environments/env_a", `{"name":"Live"}`)
	a.put(inA+"/environments/env_a/event-types/evt_a/visibility", `{"published":true}`)
	a.post(inA+"/applications", `{`)
	a.get("/nowhere")
	require.Empty(t, a.srv.Problems())
}

// The same mistake is one problem, however often it is made, and belongs to the
// workspace in which it was made.
func TestProblemsAreCountedPerWorkspace(t *testing.T) {
	t.Parallel()
	a := serveTolerant(t)
	other := a.srv.NewWorkspace()
	for range 3 {
		a.post(inA+"/applications", `{"name":"A","colour":"red"}`)
	}
	a.as(other.ManagementToken()).post("/management/v1/workspaces/"+other.ID()+"/applications", `{"name":"A","color":"red"}`)
	first := mockserver.Problem{Workspace: "ws_a", Operation: "applications.create", Text: `the request has the unknown field "colour"`, Count: 3}
	second := mockserver.Problem{Workspace: other.ID(), Operation: "applications.create", Text: `the request has the unknown field "color"`, Count: 1}
	require.Equal(t, []mockserver.Problem{first}, a.srv.Workspace.Problems())
	require.Equal(t, []mockserver.Problem{second}, other.Problems())
	require.Equal(t, []mockserver.Problem{first, second}, a.srv.Problems())
	require.Equal(t, `applications.create: the request has the unknown field "colour" (3 times)`, first.String())
}

// A server that runs for long keeps what it has seen first, no more than it can,
// and says so. A noisy workspace does not hide the problems of another.
func TestProblemsAreBoundedPerWorkspace(t *testing.T) {
	t.Parallel()
	a := serveTolerant(t)
	for i := range 12 {
		var body strings.Builder
		body.WriteString(`{"name":"A"`)
		for j := range 100 {
			fmt.Fprintf(&body, `,"x%d":1`, 100*i+j)
		}
		a.post(inA+"/applications", body.String()+"}")
	}
	other := a.srv.NewWorkspace()
	a.as(other.ManagementToken()).post("/management/v1/workspaces/"+other.ID()+"/applications", `{"name":"A","`+strings.Repeat("y", 100_000)+`":1}`)

	noisy := a.srv.Workspace.Problems()
	require.Len(t, noisy, 1001)
	require.Equal(t, mockserver.Problem{Workspace: "ws_a", Text: "there are more problems than are listed", Count: 200}, noisy[1000])
	require.Len(t, other.Problems(), 1)
	require.Less(t, len(other.Problems()[0].Text), 10_000)
}

// So are those of the other families, those within the items of a batch too.
func TestUnknownFieldsOfTheOtherFamiliesAreProblems(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		token, path, body string
		status            int
		operation         string
		fields            []string
	}{
		"of a send":                 {"nhk_us_a", ingest + "/ep_b", `{"payload":{"any":1},"metadata":{},"idempotencykey":"k"}`, 202, "ingest.send", []string{"idempotencykey", "metadata"}},
		"of a trigger":              {"nhk_us_a", ingest + "/event/order.paid", `{"payload":{},"metadata":{"any":"key"},"idempotencyKey":"k"}`, 202, "ingest.trigger", []string{"idempotencyKey"}},
		"of a batch":                {"nhk_us_a", ingest + "/batch", `{"items":[{"endpointId":"ep_b","payload":{}}],"foo":1}`, 202, "ingest.sendBatch", []string{"foo"}},
		"of its items":              {"nhk_us_a", ingest + "/batch", `{"items":[{"endpointId":"ep_b","payload":{},"foo":1},{"endpointId":"ep_b","payload":{},"metadata":{}}]}`, 202, "ingest.sendBatch", []string{"items[0].foo", "items[1].metadata"}},
		"of an item that fails":     {"nhk_us_a", ingest + "/batch", `{"items":[{"endpointId":"ep_0000","payload":{},"foo":1}]}`, 207, "ingest.sendBatch", []string{"items[0].foo"}},
		"of items of triggers":      {"nhk_us_a", ingest + "/event/batch", `{"items":[{"eventType":"order.paid","payload":{},"metadata":{"any":"key"},"idempotencyKey":"k","endpointId":"ep_b"}]}`, 202, "ingest.triggerBatch", []string{"items[0].endpointId"}},
		"of a dashboard's endpoint": {"nhs_a", dashA + "/endpoints", `{"url":"https://a.test","environmentId":"env_a","applicationId":"app_b","isActive":true}`, 201, "dashboard.endpoints.create", []string{"isActive"}},
		"of a test":                 {"nhs_a", dashA + "/endpoints/ep_b/test", `{"eventType":"order.paid","payload":{"any":1},"type":"x"}`, 200, "dashboard.endpoints.test", []string{"type"}},
		"of a retry":                {"nhs_a", dashA + "/deliveries/del_a/retry", `{"force":true}`, 200, "dashboard.deliveries.retry", []string{"force"}},
		"of an event type":          {"nhs_a", dashA + "/event-types", `{"name":"a.b","id":"evt_x"}`, 201, "dashboard.eventTypes.create", []string{"id"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := serveTolerant(t)
			res := a.as(c.token).post(c.path, c.body)
			require.Equal(t, c.status, res.status, res.body)
			var want []mockserver.Problem
			for _, field := range c.fields {
				want = append(want, mockserver.Problem{
					Workspace: "ws_a", Operation: c.operation, Text: `the request has the unknown field "` + field + `"`, Count: 1,
				})
			}
			require.Equal(t, want, a.srv.Problems())
		})
	}
}

// The device grant belongs to no workspace yet.
func TestUnknownFieldsOfDeviceGrantsAreProblems(t *testing.T) {
	t.Parallel()
	a := serveTolerant(t).as("")
	require.Equal(t, 200, a.post(grantStart, `{"clientId":"cli"}`).status)
	require.Equal(t, 400, a.post(grantPoll, `{"device_code":"x","deviceCode":"x"}`).status)
	require.Equal(t, []mockserver.Problem{
		{Operation: "cli.deviceGrant.start", Text: `the request has the unknown field "clientId"`, Count: 1},
		{Operation: "cli.deviceGrant.poll", Text: `the request has the unknown field "deviceCode"`, Count: 1},
	}, a.srv.Problems())
}

// A field that the API knows is none when something else is wrong with the
// request.
func TestKnownFieldsOfRefusedRequestsAreNoProblems(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ token, path, body string }{
		"a batch that is too long":        {"nhk_us_a", ingest + "/batch", repeated(`{"endpointId":"ep_b","payload":{},"idempotencyKey":"k"}`, 21)},
		"triggers that are too many":      {"nhk_us_a", ingest + "/event/batch", repeated(`{"eventType":"order.paid","payload":{},"metadata":{},"idempotencyKey":"k"}`, 21)},
		"an item without an endpoint":     {"nhk_us_a", ingest + "/batch", `{"items":[{"payload":{},"idempotencyKey":"k"}]}`},
		"an item without an event type":   {"nhk_us_a", ingest + "/event/batch", `{"items":[{"payload":{},"metadata":{"any":"key"},"idempotencyKey":"k"}]}`},
		"a send of nothing":               {"nhk_us_a", ingest + "/ep_b", `{"idempotencyKey":"k"}`},
		"a send to nowhere":               {"nhk_us_a", ingest + "/ep_0000", `{"payload":{},"idempotencyKey":"k"}`},
		"a trigger of no name":            {"nhk_us_a", ingest + "/event/Order", `{"payload":{},"metadata":{"any":"key"}}`},
		"a trigger of a list":             {"nhk_us_a", ingest + "/event/order.paid", `{"payload":[],"metadata":{"any":"key"}}`},
		"an endpoint without environment": {"nhs_a", dashA + "/endpoints", `{"url":"https://a.test","applicationId":"app_b","type":"webhook","description":"d","metadata":{},"config":{}}`},
		"a test of an unknown type":       {"nhs_a", dashA + "/endpoints/ep_b/test", `{"eventType":3,"payload":{}}`},
		"a poll without a code":           {"", grantPoll, `{"machine_name":"laptop"}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := serveTolerant(t)
			res := a.as(c.token).post(c.path, c.body)
			require.Contains(t, []int{207, 400, 404}, res.status)
			require.Empty(t, a.srv.Problems())
		})
	}
}
