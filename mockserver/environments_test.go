package mockserver_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/nahook/nahook-go/mockserver"
)

const (
	slugTaken      = "An environment with this slug already exists"
	slugRule       = "Slug must be 2-50 characters, lowercase alphanumeric and hyphens only"
	noEnvironment  = "Environment not found"
	noMoreThanTen  = "Environment limit reached"
	defaultRemains = "The default environment cannot be deleted"
)

func TestCreateEnvironment(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ body, want string }{
		"the usual one": {
			`{"name":"QA","slug":"qa"}`,
			`{"id": "$id", "name": "QA", "slug": "qa", "isDefault": false, ` + created + `}`,
		},
		"with texts that need care": {
			`{"name":" <b>\"Söhne\"</b> & 😀 ","slug":"0-9--a"}`,
			`{"id": "$id", "name": " <b>\"Söhne\"</b> & 😀 ", "slug": "0-9--a", "isDefault": false, ` + created + `}`,
		},
		"with a name that is taken": {
			`{"name":"Production","slug":"production-2"}`,
			`{"id": "$id", "name": "Production", "slug": "production-2", "isDefault": false, ` + created + `}`,
		},
		"with the longest slug": {
			`{"name":"Long","slug":"` + strings.Repeat("a", 50) + `"}`,
			`{"id": "$id", "name": "Long", "slug": "` + strings.Repeat("a", 50) + `", "isDefault": false, ` + created + `}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := serve(t)
			res := a.post(inA+"/environments", c.body)
			res.is(201, c.want)
			id := res.text("id")
			require.Regexp(t, `^env_\w+$`, id)
			a.get(inA+"/environments/"+id).is(200, res.body)
			a.get(inA+"/environments").is(200, "["+envA+","+envStaging+","+res.body+"]")
			require.Equal(t, 201, a.post(inA+"/endpoints", `{"url":"https://a.test","environmentId":"`+id+`"}`).status)
		})
	}
}

func TestCreateEnvironmentRefuses(t *testing.T) {
	t.Parallel()
	a := serve(t)
	for name, c := range map[string]struct{ body, message string }{
		"nothing":           {`{}`, "name is required"},
		"no name":           {`{"slug":"qa"}`, "name is required"},
		"an empty name":     {`{"name":"","slug":"qa"}`, "name is required"},
		"no slug":           {`{"name":"QA"}`, "slug is required"},
		"an empty slug":     {`{"name":"QA","slug":""}`, "slug is required"},
		"a short slug":      {`{"name":"QA","slug":"q"}`, slugRule},
		"a long slug":       {`{"name":"QA","slug":"` + strings.Repeat("a", 51) + `"}`, slugRule},
		"upper case":        {`{"name":"QA","slug":"Qa"}`, slugRule},
		"an underscore":     {`{"name":"QA","slug":"q_a"}`, slugRule},
		"a dot":             {`{"name":"QA","slug":"q.a"}`, slugRule},
		"a space":           {`{"name":"QA","slug":"q a"}`, slugRule},
		"a line break":      {`{"name":"QA","slug":"qa\n"}`, slugRule},
		"another alphabet":  {`{"name":"QA","slug":"é"}`, slugRule},
		"other digits":      {`{"name":"QA","slug":"١٢٣"}`, slugRule},
		"a slug with slash": {`{"name":"QA","slug":"q/a"}`, slugRule},
	} {
		t.Run(name, func(t *testing.T) {
			a.in(t).post(inA+"/environments", c.body).invalid(c.message)
		})
	}
	t.Run("and stores nothing", func(t *testing.T) {
		a.in(t).get(inA+"/environments").is(200, "["+envA+","+envStaging+"]")
	})
}

func TestSlugsAreUnique(t *testing.T) {
	t.Parallel()
	a := serve(t)
	for _, taken := range []string{"production", "staging"} {
		a.post(inA+"/environments", `{"name":"Another","slug":"`+taken+`"}`).refuses(409, "conflict", slugTaken)
	}
	require.Equal(t, 201, a.post(inA+"/environments", `{"name":"QA","slug":"qa"}`).status) // taken in another workspace
	a.post(inA+"/environments", `{"name":"QA","slug":"qa"}`).refuses(409, "conflict", slugTaken)
	a.patch(inA+"/environments/env_a_staging", `{"name":"Changed"}`)
	a.post(inA+"/environments", `{"name":"Another","slug":"staging"}`).refuses(409, "conflict", slugTaken)

	a.delete(inA + "/environments/env_a_staging").isDeleted()
	again := a.post(inA+"/environments", `{"name":"Again","slug":"staging"}`)
	again.is(201, `{"id": "$id", "name": "Again", "slug": "staging", "isDefault": false, `+created+`}`)
	require.NotEqual(t, "env_a_staging", again.text("id"))
}

// The default environment comes first however it is changed, the others follow
// from the oldest to the newest.
func TestOrderOfEnvironments(t *testing.T) {
	t.Parallel()
	a := serve(t)
	first := a.post(inA+"/environments", `{"name":"Z","slug":"zz"}`).text("id")
	second := a.post(inA+"/environments", `{"name":"A","slug":"aa"}`).text("id") // at the same instant
	a.srv.Advance(time.Second)
	third := a.post(inA+"/environments", `{"name":"M","slug":"mm"}`).text("id")
	a.patch(inA+"/environments/"+first, `{"name":"updates move nothing"}`)
	a.patch(inA+"/environments/env_a", `{"name":"Live"}`)
	require.Equal(t, []string{"env_a", "env_a_staging", first, second, third}, a.get(inA+"/environments").ids())
	a.delete(inA + "/environments/" + second).isDeleted()
	require.Equal(t, []string{"env_a", "env_a_staging", first, third}, a.get(inA+"/environments?limit=1").ids())

	late := serveFixtures(t, `{"workspaces": [{"id": "ws_a", "managementTokens": [{"token": "nhm_a"}], "environments": [
		{"id": "env_2", "name": "QA", "slug": "qa"}, {"id": "env_3", "name": "Staging", "slug": "staging"},
		{"id": "env_1", "name": "Live", "slug": "production"}]}]}`)
	require.Equal(t, []string{"env_1", "env_2", "env_3"}, late.get(inA+"/environments").ids())
}

func TestEveryWorkspaceHasADefaultEnvironment(t *testing.T) {
	t.Parallel()
	a := serve(t)
	other := a.srv.NewWorkspace()
	a.token = other.ManagementToken()
	path := "/management/v1/workspaces/" + other.ID() + "/environments"
	id := a.get(path).ids()[0]
	require.Regexp(t, `^env_\w+$`, id)
	a.get(path).is(200, `[`+with(t, envA, `{"id": "`+id+`"}`)+`]`)
	a.post(path, `{"name":"Another","slug":"production"}`).refuses(409, "conflict", slugTaken)
}

func TestAtMostTenEnvironments(t *testing.T) {
	t.Parallel()
	a := serve(t)
	var last string
	for i := range 8 { // the default one and staging are the others
		last = a.post(inA+"/environments", fmt.Sprintf(`{"name":"QA","slug":"qa-%d"}`, i)).text("id")
	}
	full := func() {
		t.Helper()
		a.post(inA+"/environments", `{"name":"QA","slug":"qa-9"}`).refuses(403, "environment_limit_reached", noMoreThanTen)
		a.post(inA+"/environments", `{"name":"QA","slug":"qa-0"}`).refuses(409, "conflict", slugTaken)
		a.post(inA+"/environments", `{"name":"QA","slug":"Q"}`).invalid(slugRule)
		require.Len(t, a.get(inA+"/environments").ids(), 10)
	}
	full()
	require.Equal(t, 200, a.patch(inA+"/environments/"+last, `{"name":"Changed"}`).status)
	a.as("nhm_b").post(inB+"/environments", `{"name":"Other","slug":"other"}`).
		is(201, `{"id": "$id", "name": "Other", "slug": "other", "isDefault": false, `+created+`}`)
	a.delete(inA + "/environments/" + last).isDeleted()
	require.Equal(t, 201, a.post(inA+"/environments", `{"name":"QA","slug":"qa-9"}`).status)
	a.post(inA+"/environments", `{"name":"QA","slug":"qa-7"}`).refuses(403, "environment_limit_reached", noMoreThanTen)
}

func TestEnvironmentLimitHoldsUnderConcurrency(t *testing.T) {
	t.Parallel()
	a := serve(t)
	require.Equal(t, map[int]int{201: 8, 403: 24}, a.atOnce(32, func(i int) (string, string) {
		return inA + "/environments", fmt.Sprintf(`{"name":"QA","slug":"qa-%d"}`, i)
	}))
	require.Len(t, a.get(inA+"/environments").ids(), 10)
}

func TestUpdateEnvironment(t *testing.T) {
	t.Parallel()
	const later = `"updatedAt": "2026-01-15T10:30:01.001Z"`
	for name, c := range map[string]struct{ body, changes string }{
		"the name":     {`{"name":" Live "}`, `{"name": " Live ", ` + later + `}`},
		"a taken name": {`{"name":"QA"}`, `{"name": "QA", ` + later + `}`},
		"nothing":      {`{}`, `{}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := serve(t)
			a.srv.Advance(1001 * time.Millisecond)
			for id, before := range map[string]string{"env_a": envA, "env_a_staging": envStaging} {
				want := with(t, before, c.changes)
				a.patch(inA+"/environments/"+id, c.body).is(200, want)
				a.get(inA+"/environments/"+id).is(200, want)
			}
			a.get(inA+"/environments").is(200, "["+with(t, envA, c.changes)+","+with(t, envStaging, c.changes)+"]")
			a.showsIn("env_a_staging", bHidden, aPublished)
		})
	}
	t.Run("the same name", func(t *testing.T) {
		t.Parallel()
		a := serve(t)
		a.srv.Advance(1001 * time.Millisecond)
		a.patch(inA+"/environments/env_a", `{"name":"Production"}`).is(200, with(t, envA, `{`+later+`}`))
	})
	t.Run("no empty name", func(t *testing.T) {
		t.Parallel()
		a := serve(t)
		a.patch(inA+"/environments/env_a", `{"name":""}`).invalid("name must be between 1 and 50 characters")
		a.get(inA+"/environments/env_a").is(200, envA)
	})
}

// The slug cannot be changed, nor which environment is the default one; saying
// it counts as saying nothing.
func TestUpdateEnvironmentIgnoresTheSlug(t *testing.T) {
	t.Parallel()
	a := serveTolerant(t)
	a.srv.Advance(time.Second)
	for _, body := range []string{
		`{"slug":"qa"}`, `{"slug":"production"}`, `{"slug":"NO SLUG"}`, `{"slug":null}`, `{"slug":3}`, `{"isDefault":true}`,
		`{"id":"env_x","createdAt":"2020-01-01T00:00:00.000Z"}`,
	} {
		a.patch(inA+"/environments/env_a_staging", body).is(200, envStaging)
	}
	a.patch(inA+"/environments/env_a_staging", `{"slug":"qa","name":"QA"}`).
		is(200, with(t, envStaging, `{"name": "QA", "updatedAt": "2026-01-15T10:30:01.000Z"}`))
	a.post(inA+"/environments", `{"name":"Another","slug":"staging"}`).refuses(409, "conflict", slugTaken)
	require.Equal(t, 201, a.post(inA+"/environments", `{"name":"QA","slug":"qa","isDefault":true}`).status)
	a.patch(inA+"/environments/env_a", `{"isDefault":false}`).is(200, envA)
}

func TestDefaultEnvironmentCannotBeDeleted(t *testing.T) {
	t.Parallel()
	a := serve(t)
	a.delete(inA+"/environments/env_a").refuses(409, "conflict", defaultRemains)
	a.delete(inA + "/environments/env_a_staging").isDeleted()
	a.patch(inA+"/environments/env_a", `{"name":"Renamed"}`)
	a.delete(inA+"/environments/env_a").refuses(409, "conflict", defaultRemains)
	require.Equal(t, []string{"env_a"}, a.get(inA+"/environments").ids())
	require.Equal(t, []string{"ep_slack", "ep_b", "ep_a"}, a.get(inA+"/endpoints").ids())
}

func TestDeleteEnvironment(t *testing.T) {
	t.Parallel()
	a := serveTolerant(t)
	a.capA("2")
	ofApp := a.post(inA+"/applications/app_a/endpoints", `{"url":"https://a.test","environmentId":"env_a_staging"}`).text("id")
	a.full("/applications/app_a/endpoints")
	before := a.get(inA + "/endpoints/ep_b").body
	a.delete(inA + "/environments/env_a_staging").isDeleted()

	a.get(inA+"/environments/env_a_staging").refuses(404, "not_found", noEnvironment)
	a.patch(inA+"/environments/env_a_staging", `{"name":"Back"}`).refuses(404, "not_found", noEnvironment)
	a.delete(inA+"/environments/env_a_staging").refuses(404, "not_found", noEnvironment)
	a.get(inA+"/environments/env_a_staging/event-types").refuses(404, "not_found", noEnvironment)
	a.put(inA+"/environments/env_a_staging/event-types/evt_a/visibility", `{"published":true}`).refuses(404, "not_found", noEnvironment)
	a.post(inA+"/endpoints", `{"url":"https://a.test","environmentId":"env_a_staging"}`).refuses(404, "not_found", noEnvironment)
	a.get(inA+"/environments").is(200, "["+envA+"]")

	for _, endpoint := range []string{"ep_ws", ofApp} {
		a.get(inA+"/endpoints/"+endpoint).refuses(404, "not_found", "Endpoint not found")
	}
	a.get(inA+"/endpoints").is(200, "["+epSlack+","+epB+","+epA+"]")
	a.get(inA+"/endpoints/ep_b").is(200, before)
	a.get(inA+"/applications/app_a/endpoints").is(200, "["+epA+"]")
	a.create("/applications/app_a/endpoints") // its slot is free
	a.showsIn("env_a", bPublished, aHidden)
	a.get(inA+"/event-types").is(200, "["+evtB+","+evtA+"]")
	require.Panics(t, func() { a.srv.NewAPIKey(mockserver.APIKeyOptions{Environment: "staging"}) })
}
