package mockserver_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const (
	aPublished = `{"eventTypeId": "evt_a", "eventTypeName": "order.created", "published": true}`
	aHidden    = `{"eventTypeId": "evt_a", "eventTypeName": "order.created", "published": false}`
	bPublished = `{"eventTypeId": "evt_b", "eventTypeName": "order.paid", "published": true}`
	bHidden    = `{"eventTypeId": "evt_b", "eventTypeName": "order.paid", "published": false}`
)

// showsIn compares the whole catalog of one environment of ws_a.
func (a api) showsIn(environment string, want ...string) {
	a.t.Helper()
	a.get(inA+"/environments/"+environment+"/event-types").is(200, "["+strings.Join(want, ",")+"]")
}

func visibility(environment, eventType string) string {
	return inA + "/environments/" + environment + "/event-types/" + eventType + "/visibility"
}

func TestNewEventTypeIsPublishedInTheDefaultEnvironmentAlone(t *testing.T) {
	t.Parallel()
	a := serve(t)
	id := a.post(inA+"/event-types", `{"name":"order.shipped"}`).text("id")
	row := func(published string) string {
		return `{"eventTypeId": "` + id + `", "eventTypeName": "order.shipped", "published": ` + published + `}`
	}
	a.showsIn("env_a", row("true"), bPublished, aHidden)
	a.showsIn("env_a_staging", row("false"), bHidden, aPublished)
}

func TestNewEnvironmentStartsWithNothingPublished(t *testing.T) {
	t.Parallel()
	a := serve(t)
	id := a.post(inA+"/environments", `{"name":"QA","slug":"qa"}`).text("id")
	a.showsIn(id, bHidden, aHidden)
	a.put(visibility(id, "evt_a"), `{"published":true}`).is(200, aPublished)
	a.delete(inA + "/environments/" + id).isDeleted()
	again := a.post(inA+"/environments", `{"name":"QA","slug":"qa"}`).text("id")
	a.showsIn(again, bHidden, aHidden)
}

func TestSetVisibility(t *testing.T) {
	t.Parallel()
	a := serve(t)
	for range 2 { // saying it again changes nothing
		a.put(visibility("env_a", "evt_a"), `{"published":true}`).is(200, aPublished)
		a.showsIn("env_a", bPublished, aPublished)
	}
	for range 2 {
		a.put(visibility("env_a", "evt_b"), `{"published":false}`).is(200, bHidden)
		a.showsIn("env_a", bHidden, aPublished)
	}
	a.put(visibility("env_a", "evt_b"), `{"published":true}`).is(200, bPublished)
	a.showsIn("env_a", bPublished, aPublished)
	a.showsIn("env_a_staging", bHidden, aPublished)

	// it touches neither the rows that it joins nor any subscription
	a.get(inA+"/event-types").is(200, "["+evtB+","+evtA+"]")
	a.get(inA+"/environments").is(200, "["+envA+","+envStaging+"]")
	a.subscriptionsOf("ep_a", toA)
}

func TestSetVisibilityRefuses(t *testing.T) {
	t.Parallel()
	a := serve(t)
	const kind = "published must be true or false"
	for body, message := range map[string]string{
		`{}`:                       "published is required",
		`{"published":null}`:       kind,
		`{"published":1}`:          kind,
		`{"published":"true"}`:     kind,
		`{"published":{}}`:         kind,
		`{"published":true`:        "Request body must be valid JSON",
		`[{"published":true}]`:     "Request body must be a JSON object",
		`{"published":true}{}`:     "Request body must be valid JSON",
		`{"published":True}`:       "Request body must be valid JSON",
		`{"published":true,"p":3,`: "Request body must be valid JSON",
	} {
		a.put(visibility("env_a", "evt_a"), body).invalid(message)
		a.put(visibility("env_missing", "evt_missing"), body).invalid(message)
	}
	const yes = `{"published":true}`
	for _, id := range []string{"env_missing", "env_b", "production", "ENV_A"} {
		a.put(visibility(id, "evt_a"), yes).refuses(404, "not_found", noEnvironment)
		a.put(visibility(id, "evt_missing"), yes).refuses(404, "not_found", noEnvironment)
		a.get(inA+"/environments/"+id+"/event-types").refuses(404, "not_found", noEnvironment)
	}
	for _, id := range []string{"evt_missing", "evt_c", "order.created", "EVT_A"} {
		a.put(visibility("env_a", id), yes).refuses(404, "not_found", "Event type not found")
	}
	a.showsIn("env_a", bPublished, aHidden)
	a.showsIn("env_a_staging", bHidden, aPublished)
}

// The order is that of the catalog, whatever is published when.
func TestVisibilityListsTheWholeCatalogInItsOrder(t *testing.T) {
	t.Parallel()
	a := serve(t)
	id := a.post(inA+"/event-types", `{"name":"a.first"}`).text("id")
	a.put(visibility("env_a_staging", "evt_b"), `{"published":true}`).is(200, bPublished)
	a.showsIn("env_a_staging", `{"eventTypeId": "`+id+`", "eventTypeName": "a.first", "published": false}`, bPublished, aPublished)
	require.Equal(t, []string{id, "evt_b", "evt_a"}, a.get(inA+"/event-types").ids())
}

// What a fixture says of publication, and what it leaves to the default.
func TestPublishedInOfFixtures(t *testing.T) {
	t.Parallel()
	a := serveFixtures(t, `{"workspaces": [{"id": "ws_a", "managementTokens": [{"token": "nhm_a"}],
		"environments": [{"id": "env_a", "name": "Live", "slug": "production"}, {"id": "env_a_staging", "name": "Staging", "slug": "staging"}],
		"eventTypes": [
			{"id": "evt_both", "name": "both", "publishedIn": ["staging", "production", "staging"]},
			{"id": "evt_staging", "name": "staging", "publishedIn": ["staging"]},
			{"id": "evt_none", "name": "none", "publishedIn": []},
			{"id": "evt_null", "name": "null", "publishedIn": null},
			{"id": "evt_absent", "name": "absent"}]}]}`)
	for environment, published := range map[string][]string{
		"env_a": {"true", "true", "false", "false", "true"}, "env_a_staging": {"false", "false", "false", "true", "true"},
	} {
		var want []string
		for i, name := range []string{"absent", "null", "none", "staging", "both"} {
			want = append(want, `{"eventTypeId": "evt_`+name+`", "eventTypeName": "`+name+`", "published": `+published[i]+`}`)
		}
		a.showsIn(environment, want...)
	}
}
