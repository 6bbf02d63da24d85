package mockserver_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestCreateApplication(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ body, want string }{
		"with the name alone": {
			`{"name":"Acme"}`,
			`{"id": "$id", "externalId": null, "name": "Acme", "metadata": {}, "maxEndpoints": null, "showEventTypes": true,
				"createdAt": "2026-01-15T10:30:00.000Z", "updatedAt": "2026-01-15T10:30:00.000Z"}`,
		},
		"with every field": {
			`{"name":"Acme","externalId":"cust_1","metadata":{"plan":"pro","region":"eu"},"maxEndpoints":3,"showEventTypes":false}`,
			`{"id": "$id", "externalId": "cust_1", "name": "Acme", "metadata": {"plan": "pro", "region": "eu"}, "maxEndpoints": 3,
				"showEventTypes": false, "createdAt": "2026-01-15T10:30:00.000Z", "updatedAt": "2026-01-15T10:30:00.000Z"}`,
		},
		"with a cap of nothing": {
			`{"name":"Acme","maxEndpoints":0}`,
			`{"id": "$id", "externalId": null, "name": "Acme", "metadata": {}, "maxEndpoints": 0, "showEventTypes": true,
				"createdAt": "2026-01-15T10:30:00.000Z", "updatedAt": "2026-01-15T10:30:00.000Z"}`,
		},
		"with nulls where they mean absence": {
			`{"name":"Acme","externalId":null,"metadata":null,"maxEndpoints":null}`,
			`{"id": "$id", "externalId": null, "name": "Acme", "metadata": {}, "maxEndpoints": null, "showEventTypes": true,
				"createdAt": "2026-01-15T10:30:00.000Z", "updatedAt": "2026-01-15T10:30:00.000Z"}`,
		},
		"with texts that need care": {
			`{"name":" <b>\"Ac\\me\" & Söhne</b>\u2028 ","externalId":" a/b?c#d+e% ","metadata":{"":"","ключ":"\u0000"}}`,
			`{"id": "$id", "externalId": " a/b?c#d+e% ", "name": " <b>\"Ac\\me\" & Söhne</b>\u2028 ", "metadata": {"": "", "ключ": "\u0000"},
				"maxEndpoints": null, "showEventTypes": true,
				"createdAt": "2026-01-15T10:30:00.000Z", "updatedAt": "2026-01-15T10:30:00.000Z"}`,
		},
		"with as many metadata keys as may be": {
			`{"name":"Acme","metadata":{"a":"1","b":"2","c":"3","d":"4","e":"5"}}`,
			`{"id": "$id", "externalId": null, "name": "Acme", "metadata": {"a": "1", "b": "2", "c": "3", "d": "4", "e": "5"},
				"maxEndpoints": null, "showEventTypes": true,
				"createdAt": "2026-01-15T10:30:00.000Z", "updatedAt": "2026-01-15T10:30:00.000Z"}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := serve(t)
			created := a.post(inA+"/applications", c.body)
			created.is(201, c.want)
			id := created.text("id")
			require.Regexp(t, `^app_\w+$`, id)
			a.get(inA+"/applications/"+id).is(200, created.body)
			a.get(inA+"/applications?limit=1").is(200, "["+created.body+"]")
		})
	}
}

func TestTextsAreNotEscapedForHTML(t *testing.T) {
	t.Parallel()
	res := serve(t).post(inA+"/applications", `{"name":"<b>Acme & Söhne</b>"}`)
	require.Contains(t, res.body, `"name":"<b>Acme & Söhne</b>"`)
}

func TestCreateApplicationRefuses(t *testing.T) {
	t.Parallel()
	a := serve(t)
	for name, c := range map[string]struct{ body, message string }{
		"no name":           {`{}`, "name is required"},
		"an empty name":     {`{"name":""}`, "name is required"},
		"an empty external": {`{"name":"A","externalId":""}`, "externalId must be between 1 and 255 characters"},
		"six metadata keys": {`{"name":"A","metadata":{"a":"1","b":"2","c":"3","d":"4","e":"5","f":"6"}}`, "metadata exceeds max keys (5)"},
		"a negative cap":    {`{"name":"A","maxEndpoints":-1}`, "maxEndpoints must be an integer of 0 or more, or null for no limit"},
	} {
		t.Run(name, func(t *testing.T) {
			a.in(t).post(inA+"/applications", c.body).invalid(c.message)
		})
	}
	t.Run("and stores nothing", func(t *testing.T) {
		a.in(t).get(inA+"/applications").is(200, "["+appB+","+appA+"]")
	})
}

func TestExternalIDIsUniqueWithinTheWorkspace(t *testing.T) {
	t.Parallel()
	a := serve(t)
	const taken = "An application with this externalId already exists"
	a.post(inA+"/applications", `{"name":"Acme again","externalId":"cust_a"}`).refuses(409, "conflict", taken)
	require.Equal(t, []string{"app_b", "app_a"}, a.get(inA+"/applications").ids())

	for _, free := range []string{"CUST_A", " cust_a", "cust_c"} { // cust_c is taken in another workspace
		require.Equal(t, 201, a.post(inA+"/applications", `{"name":"Other","externalId":"`+free+`"}`).status, free)
		a.post(inA+"/applications", `{"name":"Other","externalId":"`+free+`"}`).refuses(409, "conflict", taken)
	}
	for range 2 { // no externalId is no value that could be taken
		require.Equal(t, 201, a.post(inA+"/applications", `{"name":"Same name"}`).status)
	}
	a.patch(inA+"/applications/app_a", `{"name":"Changed"}`)
	a.post(inA+"/applications", `{"name":"Acme again","externalId":"cust_a"}`).refuses(409, "conflict", taken)

	a.delete(inA + "/applications/app_a").isDeleted()
	a.post(inA+"/applications", `{"name":"Acme again","externalId":"cust_a"}`).is(201, `{"id": "$id", "externalId": "cust_a",
		"name": "Acme again", "metadata": {}, "maxEndpoints": null, "showEventTypes": true,
		"createdAt": "2026-01-15T10:30:00.000Z", "updatedAt": "2026-01-15T10:30:00.000Z"}`)
	a.post(inA+"/applications", `{"name":"Acme again","externalId":"cust_a"}`).refuses(409, "conflict", taken)
}

func TestUpdateApplication(t *testing.T) {
	t.Parallel()
	const later = `"updatedAt": "2026-01-15T10:30:01.001Z"`
	for name, c := range map[string]struct{ body, changes string }{
		"the name":                 {`{"name":"Acme Inc"}`, `{"name": "Acme Inc", ` + later + `}`},
		"a name of one space":      {`{"name":" "}`, `{"name": " ", ` + later + `}`},
		"metadata as a whole":      {`{"metadata":{"tier":"gold"}}`, `{"metadata": {"tier": "gold"}, ` + later + `}`},
		"no metadata any more":     {`{"metadata":{}}`, `{"metadata": {}, ` + later + `}`},
		"another cap":              {`{"maxEndpoints":50}`, `{"maxEndpoints": 50, ` + later + `}`},
		"no endpoints any more":    {`{"maxEndpoints":0}`, `{"maxEndpoints": 0, ` + later + `}`},
		"no cap any more":          {`{"maxEndpoints":null}`, `{"maxEndpoints": null, ` + later + `}`},
		"the catalog":              {`{"showEventTypes":true}`, `{"showEventTypes": true, ` + later + `}`},
		"the same value":           {`{"name":"Acme Corp"}`, `{` + later + `}`},
		"nothing":                  {`{}`, `{}`},
		"null where it is absence": {`{"metadata":null}`, `{}`},
		"everything": {
			`{"name":"Acme Inc","metadata":{"a":"1","b":"2"},"maxEndpoints":1,"showEventTypes":true}`,
			`{"name": "Acme Inc", "metadata": {"a": "1", "b": "2"}, "maxEndpoints": 1, "showEventTypes": true, ` + later + `}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := serve(t)
			a.srv.Advance(1001 * time.Millisecond)
			want := with(t, appA, c.changes)
			a.patch(inA+"/applications/app_a", c.body).is(200, want)
			a.get(inA+"/applications/app_a").is(200, want)
			a.get(inA+"/applications").is(200, "["+appB+","+want+"]")
		})
	}
	t.Run("a cap where there was none", func(t *testing.T) {
		t.Parallel()
		a := serve(t)
		a.patch(inA+"/applications/app_b", `{"maxEndpoints":2}`).
			is(200, with(t, appB, `{"maxEndpoints": 2, "updatedAt": "2026-01-15T10:30:00.000Z"}`))
	})
}

// externalId cannot be changed, and saying it counts as saying nothing.
func TestUpdateApplicationIgnoresTheExternalID(t *testing.T) {
	t.Parallel()
	a := serveTolerant(t)
	a.srv.Advance(time.Second)
	for _, body := range []string{`{"externalId":"cust_new"}`, `{"externalId":null}`, `{"externalId":5}`, `{"id":"app_x","createdAt":"2020-01-01T00:00:00.000Z"}`} {
		a.patch(inA+"/applications/app_a", body).is(200, appA)
	}
	a.patch(inA+"/applications/app_b", `{"externalId":"cust_a","name":"Better"}`).
		is(200, with(t, appB, `{"name": "Better", "updatedAt": "2026-01-15T10:30:01.000Z"}`))
}

func TestUpdateApplicationRefuses(t *testing.T) {
	t.Parallel()
	a := serve(t)
	for name, c := range map[string]struct{ body, message string }{
		"an empty name":     {`{"name":""}`, "name must be between 1 and 255 characters"},
		"six metadata keys": {`{"metadata":{"a":"1","b":"2","c":"3","d":"4","e":"5","f":"6"}}`, "metadata exceeds max keys (5)"},
		"a negative cap":    {`{"maxEndpoints":-1}`, "maxEndpoints must be an integer of 0 or more, or null for no limit"},
		"half a change":     {`{"name":"Changed","maxEndpoints":-1}`, "maxEndpoints must be an integer of 0 or more, or null for no limit"},
	} {
		t.Run(name, func(t *testing.T) {
			a.in(t).patch(inA+"/applications/app_a", c.body).invalid(c.message)
		})
	}
	t.Run("and changes nothing", func(t *testing.T) {
		a.in(t).get(inA+"/applications/app_a").is(200, appA)
	})
}

func TestDeleteApplicationRemovesItsEndpoints(t *testing.T) {
	t.Parallel()
	a := serve(t)
	second := a.post(inA+"/applications/app_a/endpoints", `{"url":"https://acme.test/second"}`).text("id")
	a.delete(inA + "/applications/app_a").isDeleted()

	for _, path := range []string{"", "/endpoints"} {
		a.get(inA+"/applications/app_a"+path).refuses(404, "not_found", "Application not found")
	}
	a.delete(inA+"/applications/app_a").refuses(404, "not_found", "Application not found")
	a.patch(inA+"/applications/app_a", `{"name":"Back"}`).refuses(404, "not_found", "Application not found")
	a.post(inA+"/applications/app_a/endpoints", `{"url":"https://acme.test"}`).refuses(404, "not_found", "Application not found")
	a.post(inA+"/applications/app_a/portal", `{}`).refuses(404, "not_found", "Application not found")
	for _, endpoint := range []string{"ep_a", second} {
		a.get(inA+"/endpoints/"+endpoint).refuses(404, "not_found", "Endpoint not found")
	}
	a.get(inA+"/applications").is(200, "["+appB+"]")
	a.get(inA+"/applications/app_b/endpoints").is(200, "["+epB+"]")
	a.get(inA+"/endpoints").is(200, "["+epSlack+","+epWS+","+epB+"]")
}
