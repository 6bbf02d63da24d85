package mockserver_test

import (
	"context"
	"encoding/json"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/nahook/nahook-go/mockserver"
)

// number gives one member of the body, as it is spelt.
func (r response) number(name string) string {
	r.t.Helper()
	var members map[string]json.RawMessage
	require.NoError(r.t, json.Unmarshal([]byte(r.body), &members), r.body)
	return string(members[name])
}

func TestControlReadsTheJournal(t *testing.T) {
	t.Parallel()
	a := serve(t)
	c := a.control()
	c.get("/journal").is(200, `{"matched":0,"dropped":0,"exchanges":[]}`)
	a.post(inA+"/applications?x=1", `{"name":"Acme","externalId":"cust_a"}`, header("User-Agent", "test/1"), header("Accept-Encoding", "identity"))
	a.get(inA + "/applications/app_a")
	a.as("nhk_us_a").post("/api/ingest/ep_b", `{"payload":{"order":1}}`)
	a.as("nhm_b").get(inB + "/applications")

	c.get("/journal?operation=applications.create").is(200, `{"matched":1,"dropped":0,"exchanges":[{
		"at":"2026-01-15T10:30:00.000Z","workspace":"ws_a","operation":"applications.create",
		"method":"POST","host":"api.nahook.com","path":"/management/v1/workspaces/ws_a/applications","query":"x=1",
		"headers":{"Authorization":["Bearer [redacted]"],"Content-Type":["application/json"],"Content-Length":["37"],"Accept-Encoding":["identity"],"User-Agent":["test/1"]},
		"body":{"name":"Acme","externalId":"cust_a"},"status":409,
		"responseHeaders":`+c.get("/journal?operation=applications.create").responseHeaders()+`,
		"responseBody":{"error":{"code":"conflict","message":"An application with this externalId already exists"}}}]}`)
	for query, want := range map[string]string{
		"":                                     "4",
		"?method=get":                          "1",
		"?method=POST":                         "3",
		"?status=409":                          "1",
		"?status=0":                            "0",
		"?host=beta.test:8080":                 "1",
		"?operation=delivery.attempt":          "1",
		"?path=" + inA + "/applications":       "1",
		"?path=" + inA + "/applications/*":     "1",
		"?operation=ingest.send&status=202":    "1",
		"?workspace=ws_b":                      "1",
		"?workspace=ws_hobby":                  "0",
		"?limit=0":                             "4",
		"?limit=99":                            "4",
		"?operation=applications.get&wait=10s": "1",
		"?operation=applications.get&wait=0s":  "1",
		"?operation=endpoints.get&wait=0s":     "0",
	} {
		require.Equal(t, want, c.get("/journal"+query).number("matched"), query)
	}
	require.Equal(t, []string{"applications.get", "delivery.attempt", "ingest.send"}, c.get("/journal?limit=3").operations())
	require.Empty(t, c.get("/journal?limit=0").operations())
	for query, want := range map[string]string{
		"?operation=applications.make": `operation: there is no operation "applications.make"; GET /__mock/v1/operations lists all`,
		"?status=ok":                   "status: want a whole number of 0 or more",
		"?limit=-1":                    "limit: want a whole number of 0 or more",
		"?wait=long":                   `wait: want a duration such as "5m" or "1.5s"`,
		"?wait=":                       "wait is required",
		"?wait=61s":                    "wait: 1m1s is not between 0 and 1m0s",
		"?wait=-1s":                    "wait: -1s is not between 0 and 1m0s",
	} {
		c.get("/journal" + query).invalid(want)
	}
}

func (r response) exchanges() []map[string]json.RawMessage {
	r.t.Helper()
	var journal struct {
		Exchanges []map[string]json.RawMessage `json:"exchanges"`
	}
	require.NoError(r.t, json.Unmarshal([]byte(r.body), &journal), r.body)
	return journal.Exchanges
}

func (r response) responseHeaders() string {
	r.t.Helper()
	return string(r.exchanges()[0]["responseHeaders"])
}

func (r response) operations() []string {
	r.t.Helper()
	var names []string
	for _, e := range r.exchanges() {
		var name string
		require.NoError(r.t, json.Unmarshal(e["operation"], &name))
		names = append(names, name)
	}
	return names
}

// What is no JSON is text, and what is not there is null.
func TestControlShowsBodiesAsTheyAre(t *testing.T) {
	t.Parallel()
	a := serve(t)
	a.post(inA+"/applications", `{"name":`)
	a.delete(inA + "/applications/app_a")
	a.post(inA+"/applications", "{\"name\":\"\xff\"}")
	all := a.control().get("/journal").exchanges()
	require.Equal(t, `"{\"name\":\"\ufffd\"}"`, string(all[2]["body"]), "what is no text does not make the answer none")
	require.Equal(t, `"{\"name\":"`, string(all[0]["body"]))
	require.Equal(t, `null`, string(all[1]["body"]))
	require.Equal(t, `null`, string(all[1]["responseBody"]))
}

func TestControlSaysWhatTheJournalHasDropped(t *testing.T) {
	t.Parallel()
	a := serve(t, mockserver.WithJournal(1, 1<<20))
	for range 3 {
		a.get(inA + "/applications")
	}
	c := a.control()
	require.Equal(t, "2", c.get("/journal").number("dropped"))
	require.Equal(t, "0", c.get("/journal?operation=endpoints.get").number("dropped"))
	c.get("/journal?method=PUT&wait=1s").refuses(409, "conflict",
		"the journal has dropped 2 exchanges that could matter: WithJournal lets it keep more than 1, and more than 1048576 bytes")
}

func TestControlRefusesWhatNoExchangeCanBe(t *testing.T) {
	t.Parallel()
	c := serve(t).control()
	for query, want := range map[string]string{
		"path=management/v1":     "path: want one that begins with a slash, without a query",
		"path=a&wait=1m":         "path: want one that begins with a slash, without a query",
		"operation=applications": `operation: there is no operation "applications"; GET /__mock/v1/operations lists all`,
		"status=99":              "status: 99 is not between 100 and 999; 0 is no answer",
		"status=1000":            "status: 1000 is not between 100 and 999; 0 is no answer",
		"status=-1":              "status: want a whole number of 0 or more",
	} {
		c.get("/journal?" + query).invalid(want)
	}
	c.get("/journal?status=0").is(200, `{"matched":0,"dropped":0,"exchanges":[]}`)
}

// A request for the journal waits in machine time, and no longer than its client or
// the server.
func TestControlWaitsForExchanges(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := serve(t).direct()
		c := a.control()
		answer := make(chan response)
		wait := func(ctx context.Context, limit string) {
			res, _ := c.send(ctx, http.MethodGet, "/journal?operation=applications.get&wait="+limit, "")
			answer <- res
		}
		start := time.Now()
		go wait(t.Context(), "30s")
		res := <-answer
		require.Equal(t, `{"matched":0,"dropped":0,"exchanges":[]}`, res.body)
		require.Equal(t, 30*time.Second, time.Since(start))

		go wait(t.Context(), "1m")
		synctest.Wait()
		a.get(inA + "/applications/app_a")
		res = <-answer
		res.t = t
		require.Equal(t, "1", res.number("matched"))

		ctx, leave := context.WithCancel(t.Context())
		go wait(ctx, "1m")
		leave()
		<-answer

		start = time.Now()
		go func() {
			res, _ := c.send(t.Context(), http.MethodGet, "/journal?operation=applications.list&wait=1m", "")
			answer <- res
		}()
		synctest.Wait()
		require.NoError(t, a.srv.Close())
		<-answer
		require.Zero(t, time.Since(start))
	})
}

func TestControlListsProblemsAndOperations(t *testing.T) {
	t.Parallel()
	a := serveTolerant(t)
	c := a.control()
	c.get("/problems").is(200, `{"problems":[]}`)
	for range 2 {
		a.post(inA+"/applications", `{"name":"A","colour":"red"}`)
	}
	a.as("nhm_b").post(inB+"/applications", `{"name":"A","shade":"red"}`)
	const first = `{"workspace":"ws_a","operation":"applications.create","text":"the request has the unknown field \"colour\"","count":2}`
	const second = `{"workspace":"ws_b","operation":"applications.create","text":"the request has the unknown field \"shade\"","count":1}`
	c.get("/problems").is(200, `{"problems":[`+first+`,`+second+`]}`)
	c.get("/problems?workspace=ws_b").is(200, `{"problems":[`+second+`]}`)
	require.Contains(t, c.get("/operations").body, `{"operations":["applications.create","applications.createEndpoint",`)
	require.Contains(t, c.get("/operations").body, `"delivery.attempt"`)
}
