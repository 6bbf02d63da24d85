package mockserver_test

import (
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const created = `"createdAt": "2026-01-15T10:30:00.000Z", "updatedAt": "2026-01-15T10:30:00.000Z"`

func TestCreateEndpoint(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ body, want string }{
		"with the URL alone": {
			`{"url":"https://acme.test/hooks"}`,
			`{"id": "$id", "secret": "$secret", "url": "https://acme.test/hooks", "description": null, "authUsername": null, "hasAuth": false,
				"isActive": true, "type": "webhook", "config": {}, "metadata": {}, ` + created + `}`,
		},
		"with every field": {
			`{"url":"https://acme.test/hooks","type":"webhook","description":"Orders","authUsername":"acme","authPassword":"` + password + `",
				"metadata":{"team":"billing"},"config":{"webhookUrl":"https://hooks.test/x"},"environmentId":"env_a_staging"}`,
			`{"id": "$id", "secret": "$secret", "url": "https://acme.test/hooks", "description": "Orders", "authUsername": "acme", "hasAuth": true,
				"isActive": true, "type": "webhook", "config": {"webhookUrl": "https://hooks.test/x"}, "metadata": {"team": "billing"}, ` + created + `}`,
		},
		"with nulls": {
			`{"url":"https://acme.test/hooks","type":null,"description":null,"authUsername":null,"authPassword":null,"metadata":null,"config":null,"environmentId":null}`,
			`{"id": "$id", "secret": "$secret", "url": "https://acme.test/hooks", "description": null, "authUsername": null, "hasAuth": false,
				"isActive": true, "type": "webhook", "config": {}, "metadata": {}, ` + created + `}`,
		},
		"with empty texts": {
			`{"url":"https://acme.test/hooks","description":"","authUsername":"","authPassword":"","config":{}}`,
			`{"id": "$id", "secret": "$secret", "url": "https://acme.test/hooks", "description": null, "authUsername": null, "hasAuth": false,
				"isActive": true, "type": "webhook", "config": {}, "metadata": {}, ` + created + `}`,
		},
		"in the default environment by id": {
			`{"url":"https://acme.test/a?b=<c>&d","environmentId":"env_a"}`,
			`{"id": "$id", "secret": "$secret", "url": "https://acme.test/a?b=<c>&d", "description": null, "authUsername": null, "hasAuth": false,
				"isActive": true, "type": "webhook", "config": {}, "metadata": {}, ` + created + `}`,
		},
		"of Slack": {
			`{"type":"slack","config":{"webhookUrl":"https://hooks.slack.com/services/T1/B1/X1"},"description":"#ops"}`,
			`{"id": "$id", "secret": "$secret", "url": "", "description": "#ops", "authUsername": null, "hasAuth": false,
				"isActive": true, "type": "slack", "config": {"webhookUrl": "https://hooks.slack.com/services/T1/B1/X1"}, "metadata": {}, ` + created + `}`,
		},
		"of Slack with an empty URL": {
			`{"type":"slack","url":"","config":{"webhookUrl":"https://hooks.slack.com/services/T1/B1/X1"}}`,
			`{"id": "$id", "secret": "$secret", "url": "", "description": null, "authUsername": null, "hasAuth": false,
				"isActive": true, "type": "slack", "config": {"webhookUrl": "https://hooks.slack.com/services/T1/B1/X1"}, "metadata": {}, ` + created + `}`,
		},
	} {
		for place, path := range map[string]string{"the workspace": "/endpoints", "an application": "/applications/app_b/endpoints"} {
			t.Run(name+" in "+place, func(t *testing.T) {
				t.Parallel()
				a := serve(t)
				res := a.post(inA+path, c.body)
				res.is(201, c.want)
				id := res.text("id")
				require.Regexp(t, `^ep_\w+$`, id)
				a.get(inA+"/endpoints/"+id).is(200, res.body)
				require.Equal(t, id, a.get(inA + path).ids()[0])
			})
		}
	}
}

func TestCreateEndpointRefuses(t *testing.T) {
	t.Parallel()
	a := serve(t)
	for name, c := range map[string]struct{ body, message string }{
		"nothing":                     {`{}`, "url is required"},
		"an empty URL":                {`{"url":""}`, "url is required"},
		"only a Slack configuration":  {`{"config":{"webhookUrl":"https://hooks.slack.com/x"}}`, "url is required"},
		"an unknown type":             {`{"url":"https://a.test","type":"email"}`, `type must be "webhook" or "slack"`},
		"a type in upper case":        {`{"url":"https://a.test","type":"Webhook"}`, `type must be "webhook" or "slack"`},
		"an empty type":               {`{"url":"https://a.test","type":""}`, `type must be "webhook" or "slack"`},
		"Slack without configuration": {`{"type":"slack"}`, "config.webhookUrl is required"},
		"Slack with a null":           {`{"type":"slack","config":null}`, "config.webhookUrl is required"},
		"Slack with {}":               {`{"type":"slack","config":{}}`, "config.webhookUrl is required"},
		"Slack with an empty URL":     {`{"type":"slack","config":{"webhookUrl":""}}`, "config.webhookUrl is required"},
		"Slack with url instead":      {`{"type":"slack","url":"https://hooks.slack.com/x"}`, "config.webhookUrl is required"},
		"Slack with both": {`{"type":"slack","url":"https://a.test","config":{"webhookUrl":"https://hooks.slack.com/x"}}`,
			"url is not used by slack endpoints: set config.webhookUrl"},
		"six metadata keys": {`{"url":"https://a.test","metadata":{"a":"1","b":"2","c":"3","d":"4","e":"5","f":"6"}}`, "metadata exceeds max keys (5)"},
	} {
		t.Run(name, func(t *testing.T) {
			a.in(t).post(inA+"/endpoints", c.body).invalid(c.message)
			a.in(t).post(inA+"/applications/app_a/endpoints", c.body).invalid(c.message)
		})
	}
	t.Run("and stores nothing", func(t *testing.T) {
		require.Len(t, a.in(t).get(inA+"/endpoints").ids(), 4)
	})
}

func TestURLsNeedNotBeUnique(t *testing.T) {
	t.Parallel()
	a := serve(t)
	for range 2 {
		require.Equal(t, 201, a.post(inA+"/endpoints", `{"url":"https://own.test/hooks"}`).status)
		require.Equal(t, 201, a.post(inA+"/applications/app_a/endpoints", `{"url":"https://own.test/hooks"}`).status)
	}
}

func TestEnvironmentOfAnEndpoint(t *testing.T) {
	t.Parallel()
	a := serve(t)
	for _, environment := range []string{"env_missing", "env_b", "production", "ENV_A", ""} {
		for _, path := range []string{"/endpoints", "/applications/app_a/endpoints"} {
			a.post(inA+path, `{"url":"https://a.test","environmentId":"`+environment+`"}`).
				refuses(404, "not_found", "Environment not found")
		}
	}
	require.Len(t, a.get(inA+"/endpoints").ids(), 4)
}

// Only create and get show the signing secret; every other answer is searched
// for one by the helpers.
func TestSecretIsShownOnCreateAndGet(t *testing.T) {
	t.Parallel()
	a := serve(t)
	a.get(inA+"/endpoints/ep_a").is(200, with(t, epA, `{"secret": "whsec_dGVzdF93ZWJob29rX3NpZ25pbmdfa2V5XzMyYnl0ZXMh"}`))
	a.get(inA+"/endpoints/ep_slack").is(200, with(t, epSlack, `{"secret": "whsec_c2xhY2tfd2ViaG9va19zaWduaW5nX2tleV8zMmJ5dGVz"}`))

	secrets := map[string]bool{}
	for range 20 {
		res := a.post(inA+"/endpoints", `{"url":"https://a.test"}`)
		encoded, ok := strings.CutPrefix(res.text("secret"), "whsec_")
		require.True(t, ok)
		key, err := base64.StdEncoding.DecodeString(encoded)
		require.NoError(t, err)
		require.Len(t, key, 32)
		secrets[encoded] = true
		a.get(inA+"/endpoints/"+res.text("id")).is(200, res.body)
		require.NotContains(t, a.patch(inA+"/endpoints/"+res.text("id"), `{"description":"x"}`).body, `"secret"`)
	}
	require.Len(t, secrets, 20)
	for _, list := range []string{"/endpoints", "/applications/app_a/endpoints"} {
		require.NotContains(t, a.get(inA+list).body, `"secret"`)
	}
}

func TestUpdateEndpoint(t *testing.T) {
	t.Parallel()
	const later = `"updatedAt": "2026-01-15T10:30:01.001Z"`
	for name, c := range map[string]struct{ id, before, body, changes string }{
		"the URL":                   {"ep_a", epA, `{"url":"http://acme.test:81/v2"}`, `{"url": "http://acme.test:81/v2", ` + later + `}`},
		"the description":           {"ep_a", epA, `{"description":"Moved "}`, `{"description": "Moved ", ` + later + `}`},
		"no description by \"\"":    {"ep_a", epA, `{"description":""}`, `{"description": null, ` + later + `}`},
		"no description by null":    {"ep_a", epA, `{"description":null}`, `{"description": null, ` + later + `}`},
		"metadata as a whole":       {"ep_a", epA, `{"metadata":{"other":"1"}}`, `{"metadata": {"other": "1"}, ` + later + `}`},
		"no metadata":               {"ep_a", epA, `{"metadata":{}}`, `{"metadata": {}, ` + later + `}`},
		"switched on":               {"ep_a", epA, `{"isActive":true}`, `{"isActive": true, ` + later + `}`},
		"switched off":              {"ep_b", epB, `{"isActive":false}`, `{"isActive": false, ` + later + `}`},
		"a configuration":           {"ep_b", epB, `{"config":{"webhookUrl":"https://h.test/x"}}`, `{"config": {"webhookUrl": "https://h.test/x"}, ` + later + `}`},
		"an empty configuration":    {"ep_b", epB, `{"config":{}}`, `{` + later + `}`},
		"the Slack address":         {"ep_slack", epSlack, `{"config":{"webhookUrl":"https://h.test/x"}}`, `{"config": {"webhookUrl": "https://h.test/x"}, ` + later + `}`},
		"the same value":            {"ep_a", epA, `{"isActive":false}`, `{` + later + `}`},
		"nothing":                   {"ep_a", epA, `{}`, `{}`},
		"nothing of Slack":          {"ep_slack", epSlack, `{}`, `{}`},
		"nulls where they are none": {"ep_a", epA, `{"metadata":null,"config":null}`, `{}`},
		"everything": {
			"ep_b", epB,
			`{"url":"https://b.test","description":"B","metadata":{"k":"v"},"isActive":false,"config":{"webhookUrl":"https://h.test/x"},"authUsername":"b","authPassword":"` + password + `"}`,
			`{"url": "https://b.test", "description": "B", "metadata": {"k": "v"}, "isActive": false, "config": {"webhookUrl": "https://h.test/x"},
				"authUsername": "b", "hasAuth": true, ` + later + `}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := serve(t)
			a.srv.Advance(1001 * time.Millisecond)
			secret := a.get(inA + "/endpoints/" + c.id).text("secret")
			want := with(t, c.before, c.changes)
			a.patch(inA+"/endpoints/"+c.id, c.body).is(200, want)
			a.get(inA+"/endpoints/"+c.id).is(200, with(t, want, `{"secret": "`+secret+`"}`))
		})
	}
	t.Run("a configuration can be cleared", func(t *testing.T) {
		t.Parallel()
		for _, empty := range []string{`{"config":{}}`, `{"config":{"webhookUrl":""}}`} {
			a := serve(t)
			a.patch(inA+"/endpoints/ep_b", `{"config":{"webhookUrl":"https://h.test/x"}}`)
			a.patch(inA+"/endpoints/ep_b", empty).is(200, with(t, epB, `{"updatedAt": "2026-01-15T10:30:00.000Z"}`))
		}
	})
}

// type and environmentId cannot be changed, and saying them counts as saying
// nothing, as for any other field that an update does not have.
func TestUpdateEndpointIgnoresWhatIsImmutable(t *testing.T) {
	t.Parallel()
	a := serveTolerant(t)
	a.srv.Advance(time.Second)
	for _, body := range []string{
		`{"type":"slack"}`, `{"type":"email"}`, `{"type":null}`, `{"environmentId":"env_a_staging"}`, `{"environmentId":"env_missing"}`,
		`{"applicationId":"app_b"}`, `{"secret":"whsec_x","id":"ep_x","hasAuth":false,"createdAt":"2020-01-01T00:00:00.000Z"}`,
	} {
		a.patch(inA+"/endpoints/ep_a", body).is(200, epA)
	}
	a.get(inA+"/endpoints/ep_a").is(200, with(t, epA, `{"secret": "whsec_dGVzdF93ZWJob29rX3NpZ25pbmdfa2V5XzMyYnl0ZXMh"}`))
	a.get(inA+"/applications/app_a/endpoints").is(200, "["+epA+"]")
	a.patch(inA+"/endpoints/ep_b", `{"type":"slack","isActive":false}`).
		is(200, with(t, epB, `{"isActive": false, "updatedAt": "2026-01-15T10:30:01.000Z"}`))
}

// Nobody can bring along an id, a secret or an owner.
func TestCreateEndpointIgnoresWhatTheServerDecides(t *testing.T) {
	t.Parallel()
	a := serveTolerant(t)
	res := a.post(inA+"/applications/app_a/endpoints", `{"url":"https://a.test","id":"ep_mine","secret":"whsec_mine","applicationId":"app_b",
		"workspaceId":"ws_b","isActive":false,"hasAuth":true,"createdAt":"2020-01-01T00:00:00.000Z"}`)
	res.is(201, `{"id": "$id", "secret": "$secret", "url": "https://a.test", "description": null, "authUsername": null, "hasAuth": false,
		"isActive": true, "type": "webhook", "config": {}, "metadata": {}, `+created+`}`)
	require.NotEqual(t, "ep_mine", res.text("id"))
	require.NotEqual(t, "whsec_mine", res.text("secret"))
	require.Equal(t, []string{res.text("id"), "ep_a"}, a.get(inA+"/applications/app_a/endpoints").ids())
	require.Equal(t, []string{"ep_b"}, a.get(inA+"/applications/app_b/endpoints").ids())
}

func TestUpdateEndpointRefuses(t *testing.T) {
	t.Parallel()
	a := serve(t)
	for name, c := range map[string]struct{ id, body, message string }{
		"an empty URL":                       {"ep_a", `{"url":""}`, "url is required"},
		"six metadata keys":                  {"ep_a", `{"metadata":{"a":"1","b":"2","c":"3","d":"4","e":"5","f":"6"}}`, "metadata exceeds max keys (5)"},
		"a URL for Slack":                    {"ep_slack", `{"url":"https://a.test"}`, "url is not used by slack endpoints: set config.webhookUrl"},
		"Slack without an address":           {"ep_slack", `{"config":{}}`, "config.webhookUrl is required"},
		"Slack with an empty address":        {"ep_slack", `{"config":{"webhookUrl":""}}`, "config.webhookUrl is required"},
		"half a change, the other half fine": {"ep_a", `{"description":"changed","url":"ftp://a.test"}`, "url must start with http:// or https://"},
	} {
		t.Run(name, func(t *testing.T) {
			a.in(t).patch(inA+"/endpoints/"+c.id, c.body).invalid(c.message)
		})
	}
	t.Run("and changes nothing", func(t *testing.T) {
		a.in(t).get(inA+"/endpoints").is(200, "["+epSlack+","+epWS+","+epB+","+epA+"]")
	})
}

func TestDeleteEndpoint(t *testing.T) {
	t.Parallel()
	a := serve(t)
	a.delete(inA + "/endpoints/ep_a").isDeleted()
	a.get(inA+"/endpoints/ep_a").refuses(404, "not_found", "Endpoint not found")
	a.patch(inA+"/endpoints/ep_a", `{"isActive":true}`).refuses(404, "not_found", "Endpoint not found")
	a.delete(inA+"/endpoints/ep_a").refuses(404, "not_found", "Endpoint not found")
	require.Equal(t, "[]", a.get(inA+"/applications/app_a/endpoints").body)
	a.get(inA+"/applications/app_a").is(200, appA)
	a.delete(inA + "/endpoints/ep_ws").isDeleted()
	a.get(inA+"/endpoints").is(200, "["+epSlack+","+epB+"]")
}
