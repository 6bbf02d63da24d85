package mockserver_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

type auditPage struct {
	Data                  []auditRow
	Total, Page, PageSize int
}

type auditRow struct {
	ID, ActorType, ActorID, ActorLabel, Visibility, Action, ResourceType, ResourceID, CreatedAt string
	Metadata                                                                                    json.RawMessage
}

func (a api) auditPage(query string) auditPage {
	a.t.Helper()
	res := a.get(inA + "/audit-logs" + query)
	require.Equal(a.t, 200, res.status, res.body)
	var page auditPage
	require.NoError(a.t, json.Unmarshal([]byte(res.body), &page))
	require.Equal(a.t, 50, page.PageSize)
	return page
}

// audit gives the first page of the log, a row in a line.
func (a api) audit() []string {
	a.t.Helper()
	lines := []string{}
	for _, r := range a.auditPage("").Data {
		lines = append(lines, fmt.Sprintf("%s %s %s: %s %s %s %s", r.ActorType, r.ActorID, r.ActorLabel, r.Action, r.ResourceType, r.ResourceID, r.Metadata))
	}
	return lines
}

func TestAuditRow(t *testing.T) {
	t.Parallel()
	a := serve(t)
	a.get(inA+"/audit-logs").is(200, `{"data": [], "total": 0, "page": 1, "pageSize": 50}`) // fixtures write none
	a.srv.Advance(1500 * time.Millisecond)
	id := a.post(inA+"/applications/app_a/endpoints", `{"url":"https://a.test"}`).text("id")
	row := a.auditPage("").Data[0]
	require.Regexp(t, `^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`, row.ID)
	a.get(inA+"/audit-logs").is(200, `{"data": [{"id": "`+row.ID+`", "actorType": "management_token", "actorId": "tok_a", "actorLabel": "Management token",
		"visibility": "workspace", "action": "endpoint.created", "resourceType": "endpoint", "resourceId": "`+id+`",
		"metadata": {"applicationId": "app_a"}, "createdAt": "2026-01-15T10:30:01.500Z"}], "total": 1, "page": 1, "pageSize": 50}`)
}

// change is a request and the one row that it writes; "$id" stands for the id of
// what it creates.
type change struct{ method, path, body, row string }

// changes are those that management and dashboard have in common, each on fresh
// tenants.
var changes = []change{
	{"POST", "/applications", `{"name":"New"}`, "application.created application $id {}"},
	{"PATCH", "/applications/app_a", `{"name":"Changed"}`, "application.updated application app_a {}"},
	{"PATCH", "/applications/app_a", `{"name":"Acme Corp"}`, "application.updated application app_a {}"},
	{"DELETE", "/applications/app_a", "", "application.deleted application app_a {}"},
	{"PATCH", "/endpoints/ep_a", `{"isActive":true}`, `endpoint.updated endpoint ep_a {"applicationId":"app_a"}`},
	{"PATCH", "/endpoints/ep_ws", `{"isActive":true}`, `endpoint.updated endpoint ep_ws {}`},
	{"DELETE", "/endpoints/ep_a", "", `endpoint.deleted endpoint ep_a {"applicationId":"app_a"}`},
	{"DELETE", "/endpoints/ep_ws", "", `endpoint.deleted endpoint ep_ws {}`},
	{"POST", "/event-types", `{"name":"a.b"}`, "event_type.created event_type $id {}"},
	{"PATCH", "/event-types/evt_a", `{"description":"Changed"}`, "event_type.updated event_type evt_a {}"},
	{"DELETE", "/event-types/evt_a", "", "event_type.deleted event_type evt_a {}"},
	{"DELETE", "/endpoints/ep_a/subscriptions/evt_a", "", `subscription.deleted subscription $sub {"endpointId":"ep_a","eventTypeId":"evt_a"}`},
	{"POST", "/environments", `{"name":"QA","slug":"qa"}`, "environment.created environment $id {}"},
	{"PATCH", "/environments/env_a", `{"name":"Live"}`, "environment.updated environment env_a {}"},
	{"DELETE", "/environments/env_a_staging", "", "environment.deleted environment env_a_staging {}"},
	{"PUT", "/environments/env_a_staging/event-types/evt_a/visibility", `{"published":false}`,
		`environment.visibility_updated environment env_a_staging {"eventTypeId":"evt_a","published":"false"}`},
	{"PUT", "/environments/env_a_staging/event-types/evt_b/visibility", `{"published":true}`,
		`environment.visibility_updated environment env_a_staging {"eventTypeId":"evt_b","published":"true"}`},
}

func TestEveryChangeWritesARow(t *testing.T) {
	t.Parallel()
	for _, family := range []struct {
		token, prefix, actor string
		own                  []change
	}{
		{"nhm_a", inA, "management_token tok_a Management token", []change{
			{"POST", "/endpoints", `{"url":"https://a.test"}`, "endpoint.created endpoint $id {}"},
			{"POST", "/applications/app_b/endpoints", `{"url":"https://a.test"}`, `endpoint.created endpoint $id {"applicationId":"app_b"}`},
			{"POST", "/applications/app_b/portal", `{"role":"viewer"}`, `portal_session.created portal_session $session {"applicationId":"app_b","role":"viewer"}`},
			{"POST", "/applications/app_b/portal", `{}`, `portal_session.created portal_session $session {"applicationId":"app_b","role":"editor"}`},
		}},
		{"nhs_a", dashA, "user user_a Session token", []change{
			{"POST", "/endpoints", `{"url":"https://a.test","environmentId":"env_a"}`, "endpoint.created endpoint $id {}"},
			{"POST", "/endpoints", `{"url":"https://a.test","environmentId":"env_a","applicationId":"app_b"}`, `endpoint.created endpoint $id {"applicationId":"app_b"}`},
			{"POST", "/deliveries/del_a/retry", "", `delivery.retried delivery del_a {"endpointId":"ep_b"}`},
			{"POST", "/endpoints/ep_b/test", `{}`, `endpoint.tested endpoint ep_b {"deliveryId":"$delivery"}`},
		}},
		{"nhc_us_a", dashA, "cli_token clitok_a CLI token", []change{
			{"POST", "/deliveries/del_a/retry", "{}", `delivery.retried delivery del_a {"endpointId":"ep_b"}`},
			{"POST", "/endpoints/ep_a/test", "", `endpoint.tested endpoint ep_a {"deliveryId":"$delivery"}`},
		}},
	} {
		for _, c := range append(family.own, changes...) {
			t.Run(family.token+" "+c.method+" "+c.path+" "+c.body, func(t *testing.T) {
				t.Parallel()
				a := serve(t)
				values := []string{"$sub", a.get(inA + "/endpoints/ep_a/subscriptions").ids()[0]}
				res := a.as(family.token).do(c.method, family.prefix+c.path, c.body)
				require.Less(t, res.status, 300, res.body)
				switch {
				case strings.Contains(c.row, "$id"):
					values = append(values, "$id", res.text("id"))
				case strings.Contains(c.row, "$delivery"):
					var tested struct{ Delivery struct{ ID string } }
					require.NoError(t, json.Unmarshal([]byte(res.body), &tested))
					values = append(values, "$delivery", tested.Delivery.ID)
				case strings.Contains(c.row, "$session"):
					path, _, _ := strings.Cut(res.text("url"), "#")
					values = append(values, "$session", path[strings.LastIndex(path, "/")+1:])
				}
				require.Equal(t, []string{family.actor + ": " + strings.NewReplacer(values...).Replace(c.row)}, a.audit())
			})
		}
	}
}

func TestEachSubscriptionWritesARow(t *testing.T) {
	t.Parallel()
	a := serve(t)
	a.as("nhs_a").post(dashA+"/endpoints/ep_a/subscriptions", `{"eventTypeIds":["evt_b","evt_a","evt_b"]}`).is(201, `{"subscribed": 1}`)
	a.post(inA+"/endpoints/ep_b/subscriptions", `{"eventTypeIds":["evt_a","evt_b"]}`).is(201, `{"subscribed": 2}`)
	ofA, ofB := a.get(inA+"/endpoints/ep_a/subscriptions").ids(), a.get(inA+"/endpoints/ep_b/subscriptions").ids()
	log := a.audit()
	require.Len(t, log, 3)
	require.Equal(t, `user user_a Session token: subscription.created subscription `+ofA[0]+` {"endpointId":"ep_a","eventTypeId":"evt_b"}`, log[2])
	want := []string{
		`management_token tok_a Management token: subscription.created subscription ` + ofB[0] + ` {"endpointId":"ep_b","eventTypeId":"evt_b"}`,
		`management_token tok_a Management token: subscription.created subscription ` + ofB[1] + ` {"endpointId":"ep_b","eventTypeId":"evt_a"}`,
	}
	require.ElementsMatch(t, want, log[:2])
}

// Nothing that changes nothing writes a row, nor do reads, ingestion and attempts.
func TestWhatWritesNoRow(t *testing.T) {
	t.Parallel()
	a := serve(t)
	for path, body := range map[string]string{
		"/applications/app_a": `{}`, "/endpoints/ep_a": `{}`, "/event-types/evt_a": `{}`, "/environments/env_a": `{}`,
	} {
		require.Equal(t, 200, a.patch(inA+path, body).status)
		require.Equal(t, 200, a.as("nhs_a").patch(dashA+path, body).status)
	}
	require.Equal(t, 200, a.put(inA+"/environments/env_a_staging/event-types/evt_a/visibility", `{"published":true}`).status)
	a.post(inA+"/endpoints/ep_a/subscriptions", `{"eventTypeIds":["evt_a"]}`).is(201, `{"subscribed": 0}`)
	a.patch(inA+"/applications/app_a", `{"name":""}`)
	a.patch(inA+"/applications/app_0000", `{"name":"A"}`)
	a.delete(inA + "/endpoints/ep_0000")
	a.delete(inA + "/environments/env_a")
	a.post(inA+"/applications", `{"name":"A","externalId":"cust_a"}`)
	a.post(inA+"/endpoints/ep_b/subscriptions", `{"eventTypeIds":["evt_b","evt_0000"]}`)
	a.as("nhs_a").post(dashA+"/deliveries/del_0000/retry", "")
	a.as("nhs_a").post(dashA+"/endpoints/ep_a/test", `{"eventType":"order.lost"}`)
	for _, op := range ingestion {
		require.Equal(t, 202, a.as("nhk_us_a").post(ingest+op.path, op.body).status)
	}
	a.srv.Drain()
	for _, op := range slices.Concat(management, dashboard) {
		if op.method == "GET" {
			a.get(inA + op.path)
			a.as("nhs_a").get(dashA + op.path)
		}
	}
	a.get(inA+"/audit-logs").is(200, `{"data": [], "total": 0, "page": 1, "pageSize": 50}`)
}

// A parent takes its children along in one row.
func TestCascadesWriteOneRow(t *testing.T) {
	t.Parallel()
	a := serve(t)
	a.delete(inA + "/applications/app_a").isDeleted()
	a.delete(inA + "/environments/env_a_staging").isDeleted()
	a.delete(inA + "/event-types/evt_b").isDeleted()
	require.Equal(t, []string{
		"management_token tok_a Management token: event_type.deleted event_type evt_b {}",
		"management_token tok_a Management token: environment.deleted environment env_a_staging {}",
		"management_token tok_a Management token: application.deleted application app_a {}",
	}, a.audit())
}

func TestRotationIsAudited(t *testing.T) {
	t.Parallel()
	a := serve(t)
	secret := a.srv.RotateSecret("ep_a", time.Hour)
	log := a.audit()
	require.Len(t, log, 1)
	require.Regexp(t, `^user \S+ \S+: endpoint.secret_rotated endpoint ep_a \{"applicationId":"app_a"\}$`, log[0])
	require.NotContains(t, a.get(inA+"/audit-logs").body, secret)
}

// Nothing secret gets into the log.
func TestTheLogHoldsNoSecrets(t *testing.T) {
	t.Parallel()
	a := serve(t)
	code := a.post(inA+"/applications/app_a/portal", `{}`).text("code")
	a.post(inA+"/endpoints", `{"url":"https://a.test","authUsername":"u","authPassword":"`+password+`"}`)
	body := a.get(inA + "/audit-logs").body // searched for whsec_ and the password by the helpers
	for _, secret := range []string{code, "nhm_a", "nhs_a"} {
		require.NotContains(t, body, `"`+secret)
	}
}

func TestAuditLogsOfWorkspacesAreTheirOwn(t *testing.T) {
	t.Parallel()
	a := serve(t)
	a.as("nhm_b").delete(inB + "/applications/app_c").isDeleted()
	require.Empty(t, a.audit())
	a.delete(inA + "/applications/app_a").isDeleted()
	require.Contains(t, a.as("nhm_b").get(inB+"/audit-logs").body, `"total":1,`)
}

// 120 rows: a second apart, three actors in turn, changing two kinds of things.
func TestPagesOfTheAuditLog(t *testing.T) {
	t.Parallel()
	a := serve(t)
	tokens, prefixes := []string{"nhm_a", "nhs_a", "nhc_us_a"}, []string{inA, dashA, dashA}
	actors := []string{"management_token", "user", "cli_token"}
	type made struct{ action, resource, actor, at string }
	var rows []made
	for i := range 120 {
		path, body, row := "/event-types/evt_a", fmt.Sprintf(`{"description":"%d"}`, i), made{action: "event_type.updated", resource: "event_type"}
		switch i % 4 {
		case 1:
			path, body, row = "/applications/app_a", fmt.Sprintf(`{"name":"%d"}`, i), made{action: "application.updated", resource: "application"}
		case 3:
			path, body, row = "/event-types", fmt.Sprintf(`{"name":"n%d"}`, i), made{action: "event_type.created", resource: "event_type"}
		}
		row.actor, row.at = actors[i%3], a.srv.Now().Format("2006-01-02T15:04:05.000Z")
		method := "PATCH"
		if i%4 == 3 {
			method = "POST"
		}
		res := a.as(tokens[i%3]).do(method, prefixes[i%3]+path, body)
		require.Less(t, res.status, 300, res.body)
		rows = append(rows, row)
		a.srv.Advance(time.Second)
	}
	slices.Reverse(rows)
	for name, f := range map[string]struct {
		query string
		keeps func(made) bool
	}{
		"nothing":           {"", func(made) bool { return true }},
		"empty values":      {"from=&to=&action=&resource_type=&actor_type=", func(made) bool { return true }},
		"action":            {"action=event_type.updated", func(r made) bool { return r.action == "event_type.updated" }},
		"resource type":     {"resource_type=event_type", func(r made) bool { return r.resource == "event_type" }},
		"actor type":        {"actor_type=user", func(r made) bool { return r.actor == "user" }},
		"two":               {"resource_type=event_type&actor_type=cli_token", func(r made) bool { return r.resource == "event_type" && r.actor == "cli_token" }},
		"three":             {"action=event_type.created&resource_type=event_type&actor_type=management_token", func(r made) bool { return r.action == "event_type.created" && r.actor == "management_token" }},
		"two that differ":   {"action=event_type.created&resource_type=application", func(made) bool { return false }},
		"an unknown action": {"action=endpoint.exploded", func(made) bool { return false }},
		"an unknown actor":  {"actor_type=robot", func(made) bool { return false }},
		"an unknown kind":   {"resource_type=planet", func(made) bool { return false }},
		"another case":      {"action=Event_type.created", func(made) bool { return false }},
		"from":              {"from=2026-01-15T10:30:05.000Z", func(r made) bool { return r.at >= "2026-01-15T10:30:05.000Z" }},
		"from just behind":  {"from=2026-01-15T10:30:05.001Z", func(r made) bool { return r.at > "2026-01-15T10:30:05.000Z" }},
		"to":                {"to=2026-01-15T10:31:05.000Z", func(r made) bool { return r.at <= "2026-01-15T10:31:05.000Z" }},
		"to just before":    {"to=2026-01-15T10:31:04.999Z", func(r made) bool { return r.at < "2026-01-15T10:31:05.000Z" }},
		"from to":           {"from=2026-01-15T10:30:10Z&to=2026-01-15T10:31:15Z", func(r made) bool { return r.at >= "2026-01-15T10:30:10" && r.at <= "2026-01-15T10:31:15.000Z" }},
		"an instant":        {"from=2026-01-15T10:30:10Z&to=2026-01-15T10:30:10Z", func(r made) bool { return r.at == "2026-01-15T10:30:10.000Z" }},
		"another zone":      {"from=2026-01-15T11:30:10%2B01:00", func(r made) bool { return r.at >= "2026-01-15T10:30:10" }},
		"a day":             {"from=2026-01-15", func(made) bool { return true }},
		"the next day":      {"from=2026-01-16", func(made) bool { return false }},
		"to before from":    {"from=2026-01-15T10:31:00Z&to=2026-01-15T10:30:00Z", func(made) bool { return false }},
		"everything": {"from=2026-01-15T10:30:10Z&to=2026-01-15T10:31:10Z&action=application.updated&resource_type=application&actor_type=user",
			func(r made) bool {
				return r.action == "application.updated" && r.actor == "user" && r.at >= "2026-01-15T10:30:10" && r.at <= "2026-01-15T10:31:10.000Z"
			}},
	} {
		t.Run(name, func(t *testing.T) {
			a, want := a.in(t), []made{}
			for _, r := range rows {
				if f.keeps(r) {
					want = append(want, r)
				}
			}
			got := []made{}
			for number := 1; ; number++ {
				page := a.auditPage(fmt.Sprintf("?%s&page=%d", f.query, number))
				require.Equal(t, len(want), page.Total)
				require.Equal(t, number, page.Page)
				require.LessOrEqual(t, len(page.Data), 50)
				if len(page.Data) == 0 {
					break
				}
				for _, r := range page.Data {
					got = append(got, made{r.Action, r.ResourceType, r.ActorType, r.CreatedAt})
				}
			}
			require.Equal(t, want, got)
		})
	}
	t.Run("pages", func(t *testing.T) {
		a := a.in(t)
		first := a.get(inA + "/audit-logs").body
		a.get(inA+"/audit-logs?page=1").is(200, first)
		a.get(inA+"/audit-logs?page=").is(200, first)
		a.get(inA+"/audit-logs?limit=1&page_size=2&pageSize=3&resourceType=planet").is(200, first) // none of these exists
		require.Len(t, a.auditPage("?page=3").Data, 20)
		a.get(inA+"/audit-logs?page=4").is(200, `{"data": [], "total": 120, "page": 4, "pageSize": 50}`)
		a.get(inA+"/audit-logs?page=2147483647").is(200, `{"data": [], "total": 120, "page": 2147483647, "pageSize": 50}`)
		require.Equal(t, 200, a.get(inA+"/audit-logs?page=99999999999999999999999999").status)
		for _, wrong := range []string{"0", "-1", "1.5", "1e1", "abc", "%201", "+1"} {
			a.get(inA + "/audit-logs?page=" + wrong).invalid("page must be a positive integer")
		}
		for _, wrong := range []string{"yesterday", "2026-13-01", "1768473000", "2026-01-15T10:30:00", "2026-01-15 10:30:00Z"} {
			wrong = strings.ReplaceAll(wrong, " ", "%20")
			a.get(inA + "/audit-logs?from=" + wrong).invalid("from must be an ISO 8601 instant such as 2026-01-15T10:30:00.000Z")
			a.get(inA + "/audit-logs?to=" + wrong).invalid("to must be an ISO 8601 instant such as 2026-01-15T10:30:00.000Z")
		}
		a.get(inA + "/audit-logs?page=%zz").invalid("Query string must be well-formed")
	})
	t.Run("ids are distinct", func(t *testing.T) {
		seen := map[string]bool{}
		for page := range 3 {
			for _, r := range a.in(t).auditPage(fmt.Sprintf("?page=%d", page+1)).Data {
				seen[r.ID] = true
			}
		}
		require.Len(t, seen, 120)
	})
}

// A date is its first instant, also where it ends the span.
func TestDatesInTheAuditLog(t *testing.T) {
	t.Parallel()
	a := serve(t)
	a.srv.Advance(13*time.Hour + 30*time.Minute) // midnight
	a.patch(inA+"/applications/app_a", `{"name":"At midnight"}`)
	a.srv.Advance(time.Millisecond)
	a.patch(inA+"/applications/app_a", `{"name":"Later"}`)
	require.Equal(t, 2, a.auditPage("?from=2026-01-16").Total)
	require.Equal(t, 1, a.auditPage("?to=2026-01-16").Total)
	require.Equal(t, 0, a.auditPage("?to=2026-01-15").Total)
}

// Rows of one instant keep their order, and those that come later come first.
func TestTheAuditLogIsNewestFirst(t *testing.T) {
	t.Parallel()
	a := serve(t)
	for i := range 5 {
		a.patch(inA+"/environments/env_a", fmt.Sprintf(`{"name":"%d"}`, i))
		a.delete(inA + "/endpoints/" + []string{"ep_a", "ep_b", "ep_ws", "ep_slack", "ep_0000"}[i])
	}
	var ids []string
	for _, r := range a.auditPage("?action=endpoint.deleted").Data {
		ids = append(ids, r.ResourceID)
	}
	require.Equal(t, []string{"ep_slack", "ep_ws", "ep_b", "ep_a"}, ids)
	require.Equal(t, 9, a.auditPage("").Total)
}
