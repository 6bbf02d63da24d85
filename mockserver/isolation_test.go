package mockserver_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// same compares two whole answers, apart from what differs between any two.
func same(t *testing.T, want, got response) {
	t.Helper()
	for _, r := range []response{want, got} {
		r.header.Del("X-Request-Id")
		r.header.Del("Date")
	}
	require.Equal(t, want.status, got.status)
	require.Equal(t, want.header, got.header)
	require.Equal(t, want.body, got.body)
}

// An object of another workspace is answered like one that never existed, byte
// by byte, on every operation that names it.
func TestForeignIDsAreUnknownIDs(t *testing.T) {
	t.Parallel()
	a := serve(t)
	lists := []string{
		"/applications", "/endpoints", "/endpoints/ep_c/subscriptions", "/event-types",
		"/environments", "/environments/env_b/event-types", "/environments/env_b_qa/event-types",
		"/endpoints/ep_c/deliveries", "/deliveries/del_c", "/deliveries/del_c/attempts", "/audit-logs",
	}
	var before []string
	for _, list := range lists {
		before = append(before, a.as("nhm_b").get(inB+list).body)
	}
	for _, id := range []struct{ own, foreign, noun string }{
		{"app_a", "app_c", "Application"}, {"ep_a", "ep_c", "Endpoint"}, {"evt_a", "evt_c", "Event type"}, {"env_a_staging", "env_b_qa", "Environment"},
		{"del_a", "del_c", "Delivery"},
	} {
		for _, op := range management {
			if !strings.Contains(op.path, id.own) {
				continue
			}
			t.Run(op.name+"/"+id.noun, func(t *testing.T) {
				a := a.in(t)
				noun := id.noun
				if op.name == "subscriptions.delete" && noun == "Event type" {
					noun = "Subscription"
				}
				foreign, unknown := inA+strings.Replace(op.path, id.own, id.foreign, 1), inA+strings.Replace(op.path, id.own, "id_0000", 1)
				missing := a.do(op.method, unknown, op.body)
				missing.refuses(404, "not_found", noun+" not found")
				same(t, missing, a.do(op.method, foreign, op.body))
				if op.body != "" { // nor does a bad body tell them apart
					same(t, a.do(op.method, unknown, "{"), a.do(op.method, foreign, "{"))
				}
			})
		}
	}
	t.Run("and stay as they are", func(t *testing.T) {
		for i, list := range lists {
			a.in(t).as("nhm_b").get(inB+list).is(200, before[i])
		}
	})
}

func TestForeignWorkspacesAreUnknownWorkspaces(t *testing.T) {
	t.Parallel()
	a := serve(t)
	for _, op := range management {
		missing := a.do(op.method, "/management/v1/workspaces/ws_0000"+op.path, op.body)
		missing.refuses(404, "not_found", "Workspace not found")
		for _, workspace := range []string{inB, inHobby} {
			same(t, missing, a.do(op.method, workspace+op.path, op.body))
		}
	}
	a.as("nhm_b").get(inA+"/applications").refuses(404, "not_found", "Workspace not found")
	for _, id := range []string{"WS_A", "ws_a%20", "%20ws_a", "ws_a%00", "ws_a%2F", "*"} {
		a.get("/management/v1/workspaces/"+id+"/applications").refuses(404, "not_found", "Workspace not found")
	}
}

func TestForeignEnvironmentsAreUnknownEnvironments(t *testing.T) {
	t.Parallel()
	a := serve(t)
	missing := a.post(inA+"/endpoints", `{"url":"https://a.test","environmentId":"env_0000"}`)
	missing.refuses(404, "not_found", "Environment not found")
	same(t, missing, a.post(inA+"/endpoints", `{"url":"https://a.test","environmentId":"env_b"}`))
}

func TestForeignEventTypesAreUnknownEventTypes(t *testing.T) {
	t.Parallel()
	a := serve(t)
	missing := a.post(inA+"/endpoints/ep_b/subscriptions", `{"eventTypeIds":["evt_0000"]}`)
	missing.refuses(404, "not_found", "Event type not found")
	same(t, missing, a.post(inA+"/endpoints/ep_b/subscriptions", `{"eventTypeIds":["evt_c"]}`))
	same(t, missing, a.post(inA+"/endpoints/ep_b/subscriptions", `{"eventTypeIds":["evt_b","evt_c"]}`))
	a.subscriptionsOf("ep_b")
}

// Ids of one kind are no ids of another, and ids are compared as they are.
func TestIDsAreExact(t *testing.T) {
	t.Parallel()
	a := serve(t)
	for _, id := range []string{"ep_a", "APP_A", "app_a%20", "app_", "app_a%00", "cust_a", "ws_a", "%2A", strings.Repeat("a", 10_000)} {
		a.get(inA+"/applications/"+id).refuses(404, "not_found", "Application not found")
		a.delete(inA+"/applications/"+id).refuses(404, "not_found", "Application not found")
	}
	for _, id := range []string{"app_a", "EP_A", "ep_a%20", "ep_a%0A"} {
		a.do(http.MethodGet, inA+"/endpoints/"+id, "").refuses(404, "not_found", "Endpoint not found")
		a.do(http.MethodDelete, inA+"/endpoints/"+id, "").refuses(404, "not_found", "Endpoint not found")
	}
	for _, id := range []string{"ep_a", "EVT_A", "evt_a%20", "order.created", "evt_c", "%2A"} {
		a.get(inA+"/event-types/"+id).refuses(404, "not_found", "Event type not found")
		a.delete(inA+"/event-types/"+id).refuses(404, "not_found", "Event type not found")
	}
	for _, id := range []string{"evt_a", "ENV_A_STAGING", "env_a_staging%00", "staging", "production", "default"} {
		a.get(inA+"/environments/"+id).refuses(404, "not_found", "Environment not found")
		a.delete(inA+"/environments/"+id).refuses(404, "not_found", "Environment not found")
	}
	a.get(inA+"/applications").is(200, "["+appB+","+appA+"]")
	a.get(inA+"/endpoints").is(200, "["+epSlack+","+epWS+","+epB+","+epA+"]")
	a.get(inA+"/event-types").is(200, "["+evtB+","+evtA+"]")
	a.get(inA+"/environments").is(200, "["+envA+","+envStaging+"]")
}

func TestWorkspacesHaveTheirOwnRows(t *testing.T) {
	t.Parallel()
	a := serve(t)
	b := a.as("nhm_b")
	require.Equal(t, []string{"app_c"}, b.get(inB+"/applications").ids())
	require.Equal(t, []string{"ep_c"}, b.get(inB+"/endpoints").ids())
	id := b.post(inB+"/applications", `{"name":"B's own"}`).text("id")
	require.Equal(t, []string{"app_b", "app_a"}, a.get(inA+"/applications").ids())
	a.get(inA+"/applications/"+id).refuses(404, "not_found", "Application not found")
	a.delete(inA + "/applications/app_a").isDeleted()
	require.Equal(t, []string{id, "app_c"}, b.get(inB+"/applications").ids())

	// a name or slug that is taken in one workspace is free in the other
	eventType := b.post(inB+"/event-types", `{"name":"order.created"}`).text("id")
	environment := b.post(inB+"/environments", `{"name":"Staging","slug":"staging"}`).text("id")
	require.Equal(t, []string{eventType, "evt_c"}, b.get(inB+"/event-types").ids())
	require.Equal(t, []string{"env_b", "env_b_qa", environment}, b.get(inB+"/environments").ids())
	a.get(inA+"/event-types").is(200, "["+evtB+","+evtA+"]")
	a.get(inA+"/environments").is(200, "["+envA+","+envStaging+"]")
	a.delete(inA + "/event-types/evt_a").isDeleted()
	a.delete(inA + "/environments/env_a_staging").isDeleted()
	require.Equal(t, []string{eventType, "evt_c"}, b.get(inB+"/event-types").ids())
	require.Equal(t, []string{"env_b", "env_b_qa", environment}, b.get(inB+"/environments").ids())
}

// The same matrix on the dashboard family.
func TestForeignIDsAreUnknownIDsOnTheDashboard(t *testing.T) {
	t.Parallel()
	a := serve(t).as("nhs_a")
	lists := []string{
		"/applications", "/endpoints", "/endpoints/ep_c/subscriptions", "/endpoints/ep_c/deliveries", "/event-types",
		"/environments", "/environments/env_b/event-types", "/environments/env_b_qa/event-types", "/deliveries/del_c", "/deliveries/del_c/attempts",
	}
	var before []string
	for _, list := range lists {
		before = append(before, a.as("nhs_b").get(dashB+list).body)
	}
	for _, id := range []struct{ own, foreign, noun string }{
		{"app_a", "app_c", "Application"}, {"ep_a", "ep_c", "Endpoint"}, {"evt_a", "evt_c", "Event type"}, {"env_a_staging", "env_b_qa", "Environment"},
		{"del_a", "del_c", "Delivery"},
	} {
		for _, op := range dashboard {
			if !strings.Contains(op.path, id.own) || op.name == "dashboard.endpoints.test" {
				continue
			}
			noun := id.noun
			if op.name == "dashboard.subscriptions.delete" && noun == "Event type" {
				noun = "Subscription"
			}
			foreign, unknown := dashA+strings.Replace(op.path, id.own, id.foreign, 1), dashA+strings.Replace(op.path, id.own, "id_0000", 1)
			missing := a.do(op.method, unknown, op.body)
			missing.refuses(404, "not_found", noun+" not found")
			same(t, missing, a.do(op.method, foreign, op.body))
		}
	}
	missing := a.post(dashA+"/endpoints/id_0000/test", `{}`)
	missing.refuses(404, "not_found", "Endpoint not found")
	same(t, missing, a.post(dashA+"/endpoints/ep_c/test", `{}`))
	missing = a.post(dashA+"/endpoints/ep_b/test", `{"eventType":"invoice.unknown"}`)
	missing.refuses(404, "not_found", "Event type not found")
	same(t, missing, a.post(dashA+"/endpoints/ep_b/test", `{"eventType":"invoice.sent"}`))
	for _, field := range []string{"environmentId", "applicationId"} {
		create := func(id string) response {
			return a.post(dashA+"/endpoints", `{"url":"https://a.test","environmentId":"env_a","`+field+`":"`+id+`"}`)
		}
		missing := create("id_0000")
		require.Equal(t, 404, missing.status)
		same(t, missing, create(map[string]string{"environmentId": "env_b", "applicationId": "app_c"}[field]))
	}
	missing = a.get(dashA + "/endpoints?applicationId=id_0000")
	missing.refuses(404, "not_found", "Application not found")
	same(t, missing, a.get(dashA+"/endpoints?applicationId=app_c"))
	missing = a.delete(cliToken + "/clitok_0000")
	missing.refuses(404, "not_found", "CLI token not found")
	same(t, missing, a.delete(cliToken+"/clitok_b"))
	for i, list := range lists {
		a.as("nhs_b").get(dashB+list).is(200, before[i])
	}
	require.Equal(t, 200, a.as("nhc_us_b").get(dashB+"/endpoints").status)
}

// Ingestion names no workspace: everything of another is unknown to a key.
func TestForeignIDsAreUnknownToAKey(t *testing.T) {
	t.Parallel()
	a := serve(t).as("nhk_us_a")
	missing := a.post(ingest+"/ep_0000", `{"payload":{}}`)
	missing.refuses(404, "not_found", "Endpoint not found")
	for _, id := range []string{"ep_c", "ep_ws", "EP_B", "del_a", "app_a", "ws_a"} { // ep_ws is in another environment
		same(t, missing, a.post(ingest+"/"+id, `{"payload":{}}`))
	}
	missing = a.post(ingest+"/event/invoice.unknown", `{"payload":{}}`)
	missing.refuses(404, "not_found", "Event type not found")
	same(t, missing, a.post(ingest+"/event/invoice.sent", `{"payload":{}}`))
	a.as("nhm_b").get(inB+"/deliveries/del_c/attempts").is(200, "[]")
	require.Equal(t, 202, a.as("nhk_us_b").post(ingest+"/ep_c", `{"payload":{}}`).status)
}
