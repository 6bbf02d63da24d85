package mockserver_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/nahook/nahook-go/mockserver"
)

func TestControlMintsTokens(t *testing.T) {
	t.Parallel()
	a := serve(t)
	c := a.control()
	mint := func(body string) api {
		res := c.post("/tokens", body)
		res.is(201, `{"token":"$token"}`)
		return a.as(res.text("token"))
	}
	require.Equal(t, 200, mint(`{"kind":"management"}`).get(inA+"/applications").status)
	mint(`{"kind":"management","disabled":true}`).get(inA+"/applications").refuses(403, "token_disabled", "Management token is disabled")
	mint(`{"kind":"management","revoked":true}`).get(inA+"/applications").refuses(401, "token_revoked", "Management token has been revoked")
	mint(`{"kind":"management","expiresIn":"-1s"}`).get(inA+"/applications").refuses(401, "token_expired", "Management token has expired")
	brief := mint(`{"kind":"session","expiresIn":"1m"}`)
	require.Equal(t, 200, brief.get("/api/workspaces/ws_a/applications").status)
	a.srv.Advance(time.Minute)
	brief.get("/api/workspaces/ws_a/applications").refuses(401, "token_expired", "Session token has expired")
	require.Equal(t, 202, mint(`{"kind":"apiKey","environment":"staging"}`).post("/api/ingest/ep_ws", `{"payload":{}}`).status)
	mint(`{"kind":"apiKey","disabled":true}`).post("/api/ingest/ep_b", `{"payload":{}}`).refuses(403, "token_disabled", "API key is disabled")
	for body, want := range map[string]string{
		`{}`:                                     `kind: "" is none of management, session and apiKey`,
		`{"kind":"cli"}`:                         `kind: "cli" is none of management, session and apiKey`,
		`{"kind":"apiKey","environment":"qa"}`:   `environment: there is none with the slug "qa"`,
		`{"kind":"apiKey","revoked":true}`:       "an API key is disabled or not; it is never revoked, and does not expire",
		`{"kind":"apiKey","expiresIn":"1h"}`:     "an API key is disabled or not; it is never revoked, and does not expire",
		`{"kind":"session","environment":"qa"}`:  "environment: only an API key has one",
		`{"kind":"session","expiresIn":"never"}`: `expiresIn: want a duration such as "5m" or "1.5s"`,
		`{"kind":"session","disabled":1}`:        "disabled: want true or false",
		`{"kind":"session","expiresIn":"0s"}`:    "expiresIn: 0s is no time; a negative one makes a token that has expired",
	} {
		c.post("/tokens", body).invalid(want)
	}
}

func TestControlRotatesSecrets(t *testing.T) {
	t.Parallel()
	a := serve(t)
	c := a.control()
	receiver := a.srv.Receiver()
	p := a.pipeTo(receiver)
	rotated := c.post("/endpoints/"+p.endpoint+"/rotate-secret", `{"grace":"1h"}`)
	rotated.is(200, `{"secret":"$secret"}`)
	require.NotEqual(t, p.secret, rotated.text("secret"))
	p.send(`{}`)
	require.Regexp(t, `^v1,\S+ v1,\S+$`, receiver.Requests()[0].Header.Get("Webhook-Signature"))
	require.Equal(t, 200, c.post("/endpoints/"+p.endpoint+"/rotate-secret", "").status)
	p.send(`{}`)
	require.Regexp(t, `^v1,\S+$`, receiver.Requests()[1].Header.Get("Webhook-Signature"))
	c.post("/endpoints/ep_c/rotate-secret", "").refuses(404, "not_found", `There is no endpoint "ep_c"`)
	require.Equal(t, 200, c.post("/endpoints/ep_c/rotate-secret?workspace=ws_b", "").status)
	c.post("/endpoints/ep_a/rotate-secret", `{"grace":"-1h"}`).invalid("the grace period -1h0m0s is negative")
	c.post("/endpoints/ep_a/rotate-secret", `{"grace":"long"}`).invalid(`grace: want a duration such as "5m" or "1.5s"`)
}

func TestControlDecidesDeviceGrants(t *testing.T) {
	t.Parallel()
	g := startGrant(t)
	c := g.control()
	c.post("/device-grants/"+g.user+"?workspace=ws_b", "").is(200, `{"approved":true}`)
	token := g.poll().text("access_token")
	g.as(token).delete("/api/cli/tokens/clitok_b").isDeleted() // so it is one of ws_b
	c.post("/device-grants/"+g.user, `{}`).refuses(404, "not_found", `no device grant with the user code "`+g.user+`" waits for a decision`)

	g = startGrant(t)
	c = g.control()
	c.post("/device-grants/"+g.user, `{"approve":"no"}`).invalid("approve: want true or false")
	c.post("/device-grants/"+g.user, `{"approve":false}`).is(200, `{"approved":false}`)
	g.poll().refuses(400, "access_denied", "The request was denied")
}

func TestControlMakesReceivers(t *testing.T) {
	t.Parallel()
	a := serve(t)
	c := a.control()
	res := c.post("/receivers", `{"replies":[{"status":503,"headers":{"retry-after":"60"},"body":"busy","delay":"20ms"},{"reset":true},{"hang":true},{"delay":"16s"},{}]}`)
	res.is(201, `{"url":"$url"}`)
	endpoint := a.post(inA+"/endpoints", `{"url":"`+res.text("url")+`"}`).text("id")
	delivery := a.as("nhk_us_a").post("/api/ingest/"+endpoint, `{"payload":{}}`).text("deliveryId")
	require.Contains(t, a.get(inA+"/deliveries/"+delivery+"/attempts").body, `"responseStatusCode":503,"responseTimeMs":20,`)
	c.post("/advance", `{"by":"5s"}`)
	require.Equal(t, "1", c.get("/journal?operation=delivery.attempt&limit=0").number("matched"), "it said when to come again")
	c.post("/drain", "")
	require.Equal(t, "delivered", a.get(inA+"/deliveries/"+delivery).text("status"))
	require.Equal(t, "5", c.get("/journal?operation=delivery.attempt&limit=0").number("matched"))
	require.Equal(t, 201, c.post("/receivers", "").status, "without replies it takes everything")
	for body, want := range map[string]string{
		`{"replies":[{},{"status":99}]}`:    "replies[1]: the status 99 is not between 200 and 599; 0 stands for 200",
		`{"replies":[{"delay":"-1s"}]}`:     "replies[0]: the delay -1s is negative",
		`{"replies":[{"delay":"long"}]}`:    `replies[0]: delay: want a duration such as "5m" or "1.5s"`,
		`{"replies":[{"header":{}}]}`:       `replies[0]: unknown key "header"; there are body, delay, hang, headers, reset, status`,
		`{"replies":[{"headers":{"a":1}}]}`: `replies[0].headers.a: want a string`,
		`{"replies":{}}`:                    "replies: want an array",
	} {
		c.post("/receivers", body).invalid(want)
	}
}

// Each effect of the Go API has its JSON.
func TestControlInjectsFaults(t *testing.T) {
	t.Parallel()
	for do, want := range map[string]string{
		`{"effect":"status","code":503}`:             "Status(503)",
		`{"effect":"rateLimit","retryAfter":"1.5s"}`: "RateLimit(1.5s)",
		`{"effect":"latency","for":"1ms"}`:           "Latency(1ms)",
		`{"effect":"reset"}`:                         "Reset()",
		`{"effect":"emptyReply"}`:                    "EmptyReply()",
		`{"effect":"truncate","bytes":0}`:            "Truncate(0)",
		`{"effect":"garbage"}`:                       "Garbage()",
		`{"effect":"htmlPage"}`:                      "HTMLPage()",
		`{"effect":"framework400"}`:                  "Framework400()",
	} {
		a := serve(t)
		a.control().post("/faults", `{"match":{"operation":"applications.list"},"do":`+do+`}`).is(201, `{"fault":"`+want+` for operation applications.list"}`)
		_, _ = a.send(t.Context(), http.MethodGet, inA+"/applications", "")
		require.Equal(t, want, a.srv.Requests(mockserver.Operation("applications.list"))[0].Fault)
	}
	for _, do := range []string{"wrongSignature", "staleTimestamp", "duplicateDelivery"} {
		a := serve(t)
		a.control().post("/faults", `{"match":{"operation":"delivery.attempt"},"do":{"effect":"`+do+`"}}`)
		a.pipeTo(a.srv.Receiver()).send(`{}`)
		require.NotEmpty(t, a.srv.Requests(attempts)[0].Fault)
	}
	a := serve(t)
	a.control().post("/faults", `{"do":{"effect":"staleCursor"}}`).is(201, `{"fault":"StaleCursor() for any request"}`)
	a.get(inA+"/endpoints/ep_b/deliveries?cursor=x").refuses(400, "invalid_cursor", "Invalid cursor")
	require.Equal(t, "StaleCursor()", a.srv.Requests()[0].Fault)
}

func TestControlFaultsHitWhatTheyMatch(t *testing.T) {
	t.Parallel()
	a := serve(t)
	c := a.control()
	c.post("/faults", `{"match":{"operation":"applications.create","method":"post","host":"api.nahook.com","path":"/management/v1/workspaces/*/applications",
		"headers":{"X-Trace":"1"},"fields":{"metadata.plan":"free","maxEndpoints":3}},"times":2,"after":1,"afterCommit":true,"do":{"effect":"status","code":500}}`).
		is(201, `{"fault":"Status(500) after commit for operation applications.create, method POST, host api.nahook.com, path /management/v1/workspaces/*/applications, header X-Trace \"1\", field metadata.plan \"free\", field maxEndpoints 3"}`)
	const matching = `{"name":"A","metadata":{"plan":"free"},"maxEndpoints":3}`
	traced := header("X-Trace", "1")
	for _, want := range []int{201, 500, 500, 201} {
		require.Equal(t, 201, a.post(inA+"/applications", matching).status)
		require.Equal(t, 201, a.post(inA+"/applications", `{"name":"A","metadata":{"plan":"free"},"maxEndpoints":4}`, traced).status)
		require.Equal(t, want, a.post(inA+"/applications", matching, traced).status)
	}
	require.Len(t, a.get(inA+"/applications").ids(), 2+12, "all of them were created")
	c.post("/faults?workspace=ws_b", `{"do":{"effect":"status","code":418}}`)
	require.Equal(t, 200, a.get(inA+"/applications").status)
	require.Equal(t, 418, a.as("nhm_b").get(inB+"/applications").status)
}

func TestControlFaultMistakes(t *testing.T) {
	t.Parallel()
	c := serve(t).control()
	for body, want := range map[string]string{
		`{}`:                                     "do is required",
		`{"do":{}}`:                              `do.effect: there is no effect ""; there are duplicateDelivery, emptyReply, framework400, garbage, htmlPage, latency, rateLimit, reset, staleCursor, staleTimestamp, status, truncate, wrongSignature`,
		`{"do":{"effect":"status"}}`:             `do.code is required for the effect "status"`,
		`{"do":{"effect":"status","code":200}}`:  "do: Status(200): the status is not between 400 and 599",
		`{"do":{"effect":"status","code":5.5}}`:  "do.code: want an integer",
		`{"do":{"effect":"reset","code":500}}`:   `do.code: the effect "reset" has none`,
		`{"do":{"effect":"latency","for":"1"}}`:  `do.for: want a duration such as "5m" or "1.5s"`,
		`{"do":{"effect":"latency","for":"0s"}}`: "do: Latency(0s): the time is not positive",
		`{"do":{"effect":"latency","bytes":1}}`:  `do.for is required for the effect "latency"`,
		`{"do":{"effect":"reset","because":1}}`:  `do: unknown key "because"; there are bytes, code, effect, for, retryAfter`,
		`{"do":{"effect":"wrongSignature"}}`:     `do: the effect "wrongSignature" is for attempts to deliver: match the operation "delivery.attempt"`,
		`{"times":-1,"do":{"effect":"reset"}}`:   "times: -1 is negative",
		`{"after":-1,"do":{"effect":"reset"}}`:   "after: -1 is negative",
		`{"match":{"operation":"delivery.attempt"},"do":{"effect":"staleCursor"}}`: `do: the effect "staleCursor" is for requests to the API`,
		`{"match":{"operation":"applications.make"},"do":{"effect":"reset"}}`:      `match.operation: there is no operation "applications.make"; GET /__mock/v1/operations lists all`,
		`{"match":{"fields":["name"]},"do":{"effect":"reset"}}`:                    "match.fields: want an object",
		`{"match":{"fields":{"a":1,"a":2}},"do":{"effect":"reset"}}`:               `match.fields: the key "a" is given twice`,
		`{"match":{"path":"a"},"do":{"effect":"reset"}}`:                           "match.path: want one that begins with a slash, without a query",
		`{"match":{"status":500},"do":{"effect":"reset"}}`:                         `match: unknown key "status"; there are fields, headers, host, method, operation, path`,
	} {
		c.post("/faults", body).invalid(want)
	}
}
