package mockserver_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// bodied are the operations that read a body, by the request that they accept.
func bodied() []operation {
	var operations []operation
	for _, op := range management {
		if op.body != "" {
			operations = append(operations, op)
		}
	}
	return operations
}

func TestEveryBodyIsReadAlike(t *testing.T) {
	t.Parallel()
	a := serve(t)
	for _, op := range bodied() {
		t.Run(op.name, func(t *testing.T) {
			t.Parallel()
			do := func(body string, edits ...func(*http.Request)) response {
				t.Helper()
				return a.in(t).do(op.method, inA+op.path, body, edits...)
			}
			text := header("Content-Type", "text/plain")
			do("").invalid("Request body must be valid JSON")
			do("", text).invalid("Request body must be valid JSON")
			do("{").invalid("Request body must be valid JSON")
			do("[]").invalid("Request body must be a JSON object")
			do(op.body + op.body).invalid("Request body must be valid JSON")
			do(op.body, text).refuses(415, "unsupported_media_type", "Content-Type must be application/json")
			do(padded(op.body, 1<<20+1)).refuses(413, "payload_too_large", "Request body must be at most 1048576 bytes")
		})
	}
}

func TestMalformedBodies(t *testing.T) {
	t.Parallel()
	a := serve(t)
	for name, body := range map[string]string{
		"white space":              " \n",
		"not closed":               `{"name":"A"`,
		"text":                     "name=A",
		"single quotes":            "{'name':'A'}",
		"a bare name":              `{name:"A"}`,
		"a comma too much":         `{"name":"A",}`,
		"a comment":                `{"name":"A"} // the customer`,
		"a second object":          `{"name":"A"}{}`,
		"a word behind":            `{"name":"A"} x`,
		"a closing brace behind":   `{"name":"A"}}`,
		"a NUL behind":             "{\"name\":\"A\"}\x00",
		"a byte order mark":        "\ufeff" + `{"name":"A"}`,
		"a leading zero":           `{"name":"A","maxEndpoints":01}`,
		"a plus sign":              `{"name":"A","maxEndpoints":+1}`,
		"not a number":             `{"name":"A","maxEndpoints":NaN}`,
		"a line break in a text":   "{\"name\":\"A\nB\"}",
		"an unknown escape":        `{"name":"\x41"}`,
		"a Latin-1 text":           "{\"name\":\"caf\xe9\"}",
		"a Latin-1 field name":     "{\"name\":\"A\",\"caf\xe9\":1}",
		"a truncated rune":         "{\"name\":\"\xe2\x82\"}",
		"a surrogate in UTF-8":     "{\"name\":\"\xed\xa0\x80\"}",
		"invalid UTF-8 behind":     "{\"name\":\"A\"}\xff",
		"an overlong slash":        "{\"name\":\"\xc0\xaf\"}",
		"a gzip header":            "\x1f\x8b\x08",
		"nested beyond all reason": `{"name":"A","metadata":` + strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000) + "}",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a.in(t).post(inA+"/applications", body).invalid("Request body must be valid JSON")
		})
	}
	for _, body := range []string{"[]", `[{"name":"A"}]`, "null", `"name"`, "3", "true", " null "} {
		t.Run("no object: "+body, func(t *testing.T) {
			t.Parallel()
			a.in(t).post(inA+"/applications", body).invalid("Request body must be a JSON object")
		})
	}
}

func TestWellFormedBodies(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"white space around":             " \r\n\t{ \"name\" : \"Acme\" , \"maxEndpoints\" : 3 } \n",
		"of a duplicate the last wins":   `{"name":"Other","name":"Acme","maxEndpoints":4,"maxEndpoints":3}`,
		"a wrong duplicate loses":        `{"name":5,"name":"Acme","maxEndpoints":"4","maxEndpoints":3}`,
		"a null duplicate loses":         `{"name":null,"name":"Acme","maxEndpoints":3}`,
		"escapes in names and texts":     `{"na\u006de":"A\u0063me","maxEndpoints":3}`,
		"null equals absence":            `{"name":"Acme","maxEndpoints":3,"externalId":null,"metadata":null}`,
		"the defaults are what they are": `{"name":"Acme","maxEndpoints":3,"showEventTypes":true,"metadata":{}}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			serve(t).post(inA+"/applications", body).is(201, `{"id": "$id", "externalId": null, "name": "Acme", "metadata": {},
				"maxEndpoints": 3, "showEventTypes": true, "createdAt": "2026-01-15T10:30:00.000Z", "updatedAt": "2026-01-15T10:30:00.000Z"}`)
		})
	}
	t.Run("a duplicate in a nested object", func(t *testing.T) {
		t.Parallel()
		a := serve(t)
		a.patch(inA+"/applications/app_a", `{"metadata":{"lost":"1"},"metadata":{"a":"1","a":"2"}}`).
			is(200, with(t, appA, `{"metadata": {"a": "2"}, "updatedAt": "2026-01-15T10:30:00.000Z"}`))
	})
	t.Run("a last duplicate that is wrong", func(t *testing.T) {
		t.Parallel()
		a := serve(t)
		a.post(inA+"/applications", `{"name":"A","name":5}`).invalid("name must be a string")
		a.post(inA+"/applications", `{"name":"A","name":null}`).invalid("name must be a string")
	})
}

func TestFieldNamesAreCaseSensitive(t *testing.T) {
	t.Parallel()
	a := serveTolerant(t)
	a.post(inA+"/applications", `{"Name":"A"}`).invalid("name is required")
	a.post(inA+"/endpoints", `{"URL":"https://a.test"}`).invalid("url is required")
	a.post(inA+"/endpoints", `{"type":"slack","config":{"webhookURL":"https://a.test"}}`).invalid("config.webhookUrl is required")
	a.patch(inA+"/applications/app_a", `{"NAME":"A","maxendpoints":1,"ShowEventTypes":true,"Metadata":{}}`).is(200, appA)
	a.post(inA+"/event-types", `{"Name":"a.b"}`).invalid("name is required")
	a.post(inA+"/endpoints/ep_a/subscriptions", `{"eventTypeIDs":["evt_b"]}`).invalid("eventTypeIds is required")
	a.post(inA+"/environments", `{"name":"QA","Slug":"qa"}`).invalid("slug is required")
	a.put(inA+"/environments/env_a/event-types/evt_a/visibility", `{"Published":true}`).invalid("published is required")
	a.patch(inA+"/endpoints/ep_a", `{"isactive":true,"Description":"x","auth_username":"x"}`).is(200, epA)
}

func TestContentTypes(t *testing.T) {
	t.Parallel()
	a := serve(t)
	for _, accepted := range []string{
		"application/json", "application/json; charset=utf-8", `application/json;charset="UTF-8"`, "Application/JSON", " application/json ", "application/json;",
	} {
		t.Run("accepted: "+accepted, func(t *testing.T) {
			t.Parallel()
			a.in(t).post(inA+"/applications/app_a/portal", `{"role":"owner"}`, header("Content-Type", accepted)).
				invalid("role must be one of admin, editor, viewer")
		})
	}
	for _, refused := range []string{
		"", "text/plain", "text/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/octet-stream",
		"application/jsonp", "application/json5", "application/vnd.api+json", "application/merge-patch+json", "json", "*/*",
		"application/json, text/plain", "application / json", "text/plain; application/json", "application/json; charset",
	} {
		t.Run("refused: "+refused, func(t *testing.T) {
			t.Parallel()
			edit := header("Content-Type", refused)
			if refused == "" {
				edit = header("Content-Type")
			}
			a.in(t).post(inA+"/applications/app_a/portal", `{}`, edit).
				refuses(415, "unsupported_media_type", "Content-Type must be application/json")
		})
	}
}

func padded(body string, size int) string { return body + strings.Repeat(" ", size-len(body)) }

func TestBodySize(t *testing.T) {
	t.Parallel()
	a := serve(t)
	const path, tooLarge = inA + "/applications/app_a", "Request body must be at most 1048576 bytes"
	changed := with(t, appA, `{"name": "Big", "updatedAt": "2026-01-15T10:30:00.000Z"}`)
	a.patch(path, padded(`{"name":"Big"}`, 1<<20)).is(200, changed)
	a.patch(path, padded(`{"name":"Bigger"}`, 1<<20+1)).refuses(413, "payload_too_large", tooLarge)
	a.patch(path, padded(`{"name":"Bigger"}`, 8<<20)).refuses(413, "payload_too_large", tooLarge)

	unknownLength := func(r *http.Request) {
		r.ContentLength = -1
		r.Body = io.NopCloser(io.MultiReader(r.Body)) // hides the length
	}
	a.patch(path, padded(`{"name":"Big"}`, 1<<20), unknownLength).is(200, changed)
	a.patch(path, padded(`{"name":"Bigger"}`, 1<<20+1), unknownLength).refuses(413, "payload_too_large", tooLarge)
	a.get(path).is(200, changed)
}

func TestReadsNeedNoBodyAndNoContentType(t *testing.T) {
	t.Parallel()
	a := serve(t)
	a.get(inA+"/applications/app_a", header("Content-Type", "text/plain")).is(200, appA)
	a.get(inA+"/applications/app_a", header("Accept", "text/html")).is(200, appA)
	a.delete(inA+"/applications/app_a", header("Content-Type", "text/plain")).isDeleted()
}

// Integers are spelt with digits alone and fit into 32 bits.
func TestIntegers(t *testing.T) {
	t.Parallel()
	a := serve(t)
	for spelling, stored := range map[string]string{"0": "0", "1": "1", "-0": "0", "2147483647": "2147483647", "null": "null"} {
		t.Run("accepted: "+spelling, func(t *testing.T) {
			t.Parallel()
			res := a.in(t).post(inA+"/applications", `{"name":"A","maxEndpoints":`+spelling+`}`)
			require.Equal(t, 201, res.status)
			require.Contains(t, res.body, `"maxEndpoints":`+stored+`,`)
		})
	}
	for _, spelling := range []string{
		"3.0", "1.5", "1e1", "1E1", "10e-1", `"3"`, `""`, "true", "[]", "[3]", "{}",
	} {
		t.Run("no integer: "+spelling, func(t *testing.T) {
			t.Parallel()
			a := a.in(t)
			a.post(inA+"/applications", `{"name":"A","maxEndpoints":`+spelling+`}`).invalid("maxEndpoints must be an integer")
			a.patch(inA+"/applications/app_a", `{"maxEndpoints":`+spelling+`}`).invalid("maxEndpoints must be an integer")
			a.post(inA+"/applications/app_a/portal", `{"expiresInMinutes":`+spelling+`}`).invalid("expiresInMinutes must be an integer")
		})
	}
	for _, spelling := range []string{"2147483648", "4294967296", "18446744073709551617"} {
		a.post(inA+"/applications", `{"name":"A","maxEndpoints":`+spelling+`}`).invalid("maxEndpoints must be at most 2147483647")
		a.post(inA+"/applications/app_a/portal", `{"expiresInMinutes":`+spelling+`}`).invalid("expiresInMinutes must be at most 2147483647")
	}
	for _, spelling := range []string{"-1", "-2147483648", "-18446744073709551617"} {
		a.post(inA+"/applications", `{"name":"A","maxEndpoints":`+spelling+`}`).invalid("maxEndpoints must be an integer of 0 or more, or null for no limit")
	}
	a.patch(inA+"/applications/app_a", `{"maxEndpoints":-2147483647}`).invalid("maxEndpoints must be an integer of 0 or more, or null for no limit")
	a.get(inA+"/applications/app_a").is(200, appA)
}

// Every field refuses the kinds of value that it does not hold, null included
// where null means nothing.
func TestKindsOfValues(t *testing.T) {
	t.Parallel()
	a := serve(t)
	const application, endpoint = inA + "/applications/app_a", inA + "/endpoints/ep_a"
	for _, field := range []struct {
		method, path, format, message string
		wrong                         []string
	}{
		{"POST", inA + "/applications", `{"name":%}`, "name must be a string", []string{"null", "3", "true", "[]", "{}"}},
		{"POST", inA + "/applications", `{"name":"A","externalId":%}`, "externalId must be a string", []string{"3", "true", "[]", "{}"}},
		{"POST", inA + "/applications", `{"name":"A","metadata":%}`, "metadata must be an object", []string{"3", `"a"`, "[]", "true"}},
		{"POST", inA + "/applications", `{"name":"A","metadata":{"a":"1","k":%}}`, "metadata.k must be a string", []string{"null", "3", "true", "[]", "{}"}},
		{"POST", inA + "/applications", `{"name":"A","showEventTypes":%}`, "showEventTypes must be true or false", []string{"null", "0", `"true"`, "[]", "{}"}},
		{"PATCH", application, `{"name":%}`, "name must be a string", []string{"null", "3", "{}"}},
		{"PATCH", application, `{"metadata":%}`, "metadata must be an object", []string{"3", `""`, "[]", "false"}},
		{"PATCH", application, `{"metadata":{"k":%}}`, "metadata.k must be a string", []string{"null", "3", "{}"}},
		{"PATCH", application, `{"showEventTypes":%}`, "showEventTypes must be true or false", []string{"null", "1", `"false"`}},
		{"POST", inA + "/endpoints", `{"url":%}`, "url must be a string", []string{"null", "3", "true", "[]", "{}"}},
		{"POST", inA + "/endpoints", `{"url":"https://a.test","type":%}`, "type must be a string", []string{"3", "true", "[]"}},
		{"POST", inA + "/endpoints", `{"url":"https://a.test","environmentId":%}`, "environmentId must be a string", []string{"3", "true", "{}"}},
		{"POST", inA + "/endpoints", `{"url":"https://a.test","description":%}`, "description must be a string", []string{"3", "true", "{}"}},
		{"POST", inA + "/endpoints", `{"url":"https://a.test","authUsername":%}`, "authUsername must be a string", []string{"3", "true", "{}"}},
		{"POST", inA + "/endpoints", `{"url":"https://a.test","authPassword":%}`, "authPassword must be a string", []string{"3", "true", "{}"}},
		{"POST", inA + "/endpoints", `{"url":"https://a.test","metadata":%}`, "metadata must be an object", []string{"3", `"a"`, "[]"}},
		{"POST", inA + "/endpoints", `{"url":"https://a.test","metadata":{"k":%}}`, "metadata.k must be a string", []string{"null", "3", "[]"}},
		{"POST", inA + "/endpoints", `{"type":"slack","config":%}`, "config must be an object", []string{"3", `"a"`, "[]"}},
		{"POST", inA + "/endpoints", `{"type":"slack","config":{"webhookUrl":%}}`, "config.webhookUrl must be a string", []string{"null", "3", "{}"}},
		{"PATCH", endpoint, `{"url":%}`, "url must be a string", []string{"null", "3", "[]"}},
		{"PATCH", endpoint, `{"description":%}`, "description must be a string", []string{"3", "false"}},
		{"PATCH", endpoint, `{"authUsername":%}`, "authUsername must be a string", []string{"3", "false"}},
		{"PATCH", endpoint, `{"authPassword":%}`, "authPassword must be a string", []string{"3", "false"}},
		{"PATCH", endpoint, `{"isActive":%}`, "isActive must be true or false", []string{"null", "1", `"true"`}},
		{"PATCH", endpoint, `{"metadata":%}`, "metadata must be an object", []string{"3", "[]"}},
		{"PATCH", endpoint, `{"metadata":{"k":%}}`, "metadata.k must be a string", []string{"null", "3"}},
		{"PATCH", endpoint, `{"config":%}`, "config must be an object", []string{"3", "[]"}},
		{"PATCH", endpoint, `{"config":{"webhookUrl":%}}`, "config.webhookUrl must be a string", []string{"null", "3"}},
		{"POST", inA + "/event-types", `{"name":%}`, "name must be a string", []string{"null", "3", "true", "[]", "{}"}},
		{"POST", inA + "/event-types", `{"name":"a.b","description":%}`, "description must be a string", []string{"3", "true", "[]", "{}"}},
		{"PATCH", inA + "/event-types/evt_a", `{"description":%}`, "description must be a string", []string{"3", "false", "[]"}},
		{"POST", endpoint + "/subscriptions", `{"eventTypeIds":%}`, "eventTypeIds must be an array of strings", []string{"null", "3", "true", `"evt_a"`, "{}"}},
		{"POST", endpoint + "/subscriptions", `{"eventTypeIds":["evt_b",%]}`, "eventTypeIds must be an array of strings", []string{"null", "3", "[]", "{}"}},
		{"POST", inA + "/environments", `{"slug":"qa","name":%}`, "name must be a string", []string{"null", "3", "true", "[]", "{}"}},
		{"POST", inA + "/environments", `{"name":"QA","slug":%}`, "slug must be a string", []string{"null", "3", "true", "[]", "{}"}},
		{"PATCH", inA + "/environments/env_a", `{"name":%}`, "name must be a string", []string{"null", "3", "{}"}},
		{"PUT", inA + "/environments/env_a/event-types/evt_a/visibility", `{"published":%}`, "published must be true or false",
			[]string{"null", "0", "1", `"true"`, `""`, "[]", "{}"}},
		{"POST", application + "/portal", `{"role":%}`, "role must be a string", []string{"3", "true", "[]"}},
		{"POST", application + "/portal", `{"metadata":%}`, "metadata must be an object", []string{"3", `"a"`, "[]"}},
		{"POST", application + "/portal", `{"metadata":{"k":%}}`, "metadata.k must be a string", []string{"null", "3", `{"nested":"x"}`}},
	} {
		t.Run(field.method+" "+field.format, func(t *testing.T) {
			for _, value := range field.wrong {
				a.in(t).do(field.method, field.path, strings.ReplaceAll(field.format, "%", value)).invalid(field.message)
			}
		})
	}
	t.Run("nothing is applied", func(t *testing.T) {
		a := a.in(t)
		a.patch(application, `{"name":"Changed","metadata":{"k":3}}`).invalid("metadata.k must be a string")
		a.get(application).is(200, appA)
		a.get(inA+"/event-types").is(200, "["+evtB+","+evtA+"]")
		a.get(inA+"/environments").is(200, "["+envA+","+envStaging+"]")
		a.subscriptionsOf("ep_a", toA)
		a.showsIn("env_a", bPublished, aHidden)
	})
}

// Lengths count code points, and nothing is trimmed.
func TestLengths(t *testing.T) {
	t.Parallel()
	for _, field := range []struct {
		name, method, path, format, message string
		most                                int
	}{
		{"name", "POST", "/applications", `{"name":"%"}`, "name must be between 1 and 255 characters", 255},
		{"name", "PATCH", "/applications/app_a", `{"name":"%"}`, "name must be between 1 and 255 characters", 255},
		{"externalId", "POST", "/applications", `{"name":"A","externalId":"%"}`, "externalId must be between 1 and 255 characters", 255},
		{"description", "POST", "/endpoints", `{"url":"https://a.test","description":"%"}`, "description must be at most 500 characters", 500},
		{"description", "PATCH", "/endpoints/ep_a", `{"description":"%"}`, "description must be at most 500 characters", 500},
		{"description", "POST", "/event-types", `{"name":"a.b","description":"%"}`, "description must be at most 500 characters", 500},
		{"description", "PATCH", "/event-types/evt_a", `{"description":"%"}`, "description must be at most 500 characters", 500},
		{"name", "POST", "/environments", `{"slug":"qa","name":"%"}`, "name must be between 1 and 50 characters", 50},
		{"name", "PATCH", "/environments/env_a", `{"name":"%"}`, "name must be between 1 and 50 characters", 50},
	} {
		for kind, unit := range map[string]string{"letters": "a", "two bytes each": "é", "four bytes each": "😀", "spaces": " ", "escapes": `\u00e9`, "surrogate pairs": `\ud83d\ude00`} {
			t.Run(field.method+" "+field.name+" of "+kind, func(t *testing.T) {
				t.Parallel()
				a := serve(t)
				longest := strings.ReplaceAll(field.format, "%", strings.Repeat(unit, field.most))
				res := a.do(field.method, inA+field.path, longest)
				require.Less(t, res.status, 300, res.body)
				stored := strings.NewReplacer(`\u00e9`, "é", `\ud83d\ude00`, "😀").Replace(unit)
				require.Equal(t, strings.Repeat(stored, field.most), res.text(field.name))

				tooLong := strings.ReplaceAll(field.format, "%", strings.Repeat(unit, field.most+1))
				a.do(field.method, inA+field.path, tooLong).invalid(field.message)
			})
		}
	}
}

// An escape that is half a character stands for nothing that could be stored.
func TestLoneSurrogates(t *testing.T) {
	t.Parallel()
	a := serve(t)
	for _, text := range []string{`\ud800`, `\uDFFF`, `\ud800\ud800`, `\udc00\ud800`, `a\ud83dz`, `\ud83d\n`, `\\\ud800`} {
		a.post(inA+"/applications", `{"name":"`+text+`"}`).invalid("Request body must be valid JSON")
	}
	for text, name := range map[string]string{`\ud83d\ude00`: "😀", `\\ud800`: `\\ud800`, `\uD83D\uDE00\u00e9`: "😀é", `\n\t\"\\`: `\n\t\"\\`} {
		res := a.post(inA+"/applications", `{"name":"`+text+`"}`)
		require.Equal(t, 201, res.status, text)
		require.Contains(t, res.body, `"name":"`+name+`"`)
	}
}
