package mockserver_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nahook/nahook-go/mockserver"
)

// judged is a recorder that has failed once there is an error.
type judged struct{ recorder }

func (j *judged) Failed() bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, line := range j.lines {
		if !strings.HasPrefix(line, "log: ") {
			return true
		}
	}
	return false
}

// journalText is everything that the journal has.
func journalText(w *mockserver.Workspace) string {
	var b strings.Builder
	for _, e := range w.Requests() {
		fmt.Fprintln(&b, e, e.Host, e.Path, e.Query, e.Header, string(e.Body), e.ResponseHeader, string(e.ResponseBody), e.Failure, e.Fault, e.Problems)
	}
	return b.String()
}

// What is no JSON is in the journal as everything else is: once, and before its
// client has it.
func TestTheJournalHasPages(t *testing.T) {
	t.Parallel()
	a := serve(t)
	link := a.link()
	for _, a := range []api{a, a.overSocket()} {
		for _, c := range []struct{ path, operation string }{
			{link, "portal.page"}, {link + "/endpoints", "portal.page"}, {"/portal/assets/main.js", "portal.asset"}, {"/openapi.json", "openapi"},
		} {
			for range 10 {
				before := len(a.srv.Requests())
				r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, a.base+c.path, nil)
				require.NoError(t, err)
				res, err := a.http.Do(r)
				require.NoError(t, err)
				got := a.srv.Requests()[before:]
				require.NoError(t, res.Body.Close())
				require.Equal(t, 200, res.StatusCode)
				require.Len(t, got, 1)
				assert.Equal(t, c.operation, got[0].Operation)
				assert.Equal(t, 200, got[0].Status)
				assert.Equal(t, c.path, got[0].Path)
				assert.Equal(t, "ws_a", got[0].Workspace)
				assert.Nil(t, got[0].ResponseBody)
			}
		}
	}
}

// It is the token that says whose request it is, also when it has ended, or where
// there was none before.
func TestRequestsAreInTheJournalOfTheirToken(t *testing.T) {
	t.Parallel()
	a := serve(t)
	w := a.srv.StartWorkspace(t)
	app := a.as(w.ManagementToken()).post(in(w)+"/applications", `{"name":"A"}`).text("id")
	session := a.as(w.ManagementToken()).post(in(w)+"/applications/"+app+"/portal", `{}`)
	grant := a.as("").post(grantStart, "")
	w.ApproveDeviceGrant(grant.text("user_code"))
	page, _, _ := strings.Cut(strings.TrimPrefix(session.text("url"), a.base), "#")
	for _, c := range []struct {
		operation string
		status    int
		ask       func() response
	}{
		{"ingest.send", 403, func() response {
			return a.as(w.NewAPIKey(mockserver.APIKeyOptions{Disabled: true})).post(ingest+"/ep_x", `{"payload":{}}`)
		}},
		{"applications.list", 401, func() response {
			return a.as(w.NewManagementToken(mockserver.TokenOptions{ExpiresIn: -time.Second})).get(inA + "/applications")
		}},
		{"dashboard.endpoints.list", 401, func() response {
			return a.as(w.NewSessionToken(mockserver.TokenOptions{Revoked: true})).get(dashA + "/endpoints")
		}},
		{"portal.session.exchange", 200, func() response { return a.exchange(session.text("code")) }},
		{"cli.deviceGrant.poll", 200, func() response {
			return a.as("").post(grantPoll, `{"device_code":"`+grant.text("device_code")+`"}`)
		}},
		{"portal.page", 200, func() response { return a.visit(page) }},
	} {
		before, others := len(w.Requests()), len(a.srv.Requests())
		require.Equal(t, c.status, c.ask().status, c.operation)
		own := w.Requests()[before:]
		require.Len(t, own, 1, c.operation)
		assert.Equal(t, c.operation, own[0].Operation)
		assert.Equal(t, c.status, own[0].Status)
		assert.Equal(t, w.ID(), own[0].Workspace)
		assert.Len(t, a.srv.Requests(), others, c.operation)
	}
}

// Whoever puts a secret where it does not belong, misspells its name or wraps it up
// does not find it in the journal either.
func TestTheJournalHasNoSecretsInOddPlaces(t *testing.T) {
	t.Parallel()
	const secret = "s3cr3t"
	create, exchange := inA+"/endpoints", exchangePath
	for name, c := range map[string]struct {
		status               int
		method, path, body   string
		token, header, value string
		shown                string
	}{
		"in a URL":                         {status: 400, method: "POST", path: create, body: `{"url":"https://user:s3cr3t@a.test/x"}`, token: "nhm_a", shown: "a.test/x"},
		"in a URL with an empty user":      {status: 400, method: "POST", path: create, body: `{"url":"https://:s3cr3t@a.test/x"}`, token: "nhm_a", shown: "a.test/x"},
		"in the URL of a webhook":          {status: 400, method: "POST", path: create, body: `{"type":"slack","config":{"webhookUrl":"https://user:s3cr3t@a.test/x"}}`, token: "nhm_a", shown: "a.test/x"},
		"in an array":                      {status: 400, method: "POST", path: exchange, body: `{"code":["s3cr3t"]}`},
		"in an object":                     {status: 400, method: "POST", path: exchange, body: `{"code":{"is":"s3cr3t"},"other":"kept"}`, shown: `"other":"kept"`},
		"as a number":                      {status: 400, method: "POST", path: grantPoll, body: `{"device_code":5331337}`},
		"behind the body":                  {status: 400, method: "POST", path: exchange, body: `{"a":1} {"code":"s3cr3t"}`},
		"behind a body with a secret":      {status: 400, method: "POST", path: exchange, body: `{"code":"x"} "s3cr3t"`},
		"in half a body":                   {status: 400, method: "POST", path: exchange, body: `{"code":"s3cr3t`},
		"with another case":                {status: 400, method: "POST", path: exchange, body: `{"Code":"s3cr3t"}`},
		"with an escape":                   {status: 400, method: "POST", path: exchange, body: `{"c\u006fde":["s3cr3t"]}`},
		"twice":                            {status: 400, method: "POST", path: exchange, body: `{"code":"s3cr3t","code":["s3cr3t"]}`},
		"deeper":                           {status: 201, method: "POST", path: create, body: `{"url":"https://a.test","config":{"authPassword":"s3cr3t"}}`, token: "nhm_a", shown: "https://a.test"},
		"in the query":                     {status: 200, method: "GET", path: inA + "/applications?limit=1&code=s3cr3t&offset=0", token: "nhm_a", shown: "limit=1&code=[redacted]&offset=0"},
		"in the query, with another case":  {status: 200, method: "GET", path: inA + "/applications?Token=s3cr3t", token: "nhm_a", shown: "Token=[redacted]"},
		"in the query, with an escape":     {status: 200, method: "GET", path: inA + "/applications?t%6Fken=s3cr3t", token: "nhm_a"},
		"in the query, by its looks":       {status: 200, method: "GET", path: inA + "/applications?q=nhm_s3cr3t", token: "nhm_a"},
		"in the path":                      {status: 404, method: "DELETE", path: "/api/cli/tokens/nhc_us_s3cr3t", token: "nhs_a", shown: "/api/cli/tokens/[redacted]"},
		"in Referer":                       {status: 200, method: "GET", path: inA + "/applications", token: "nhm_a", header: "Referer", value: "https://u:s3cr3t@x/", shown: "@x/"},
		"in Cookie":                        {status: 200, method: "GET", path: inA + "/applications", token: "nhm_a", header: "Cookie", value: "session=s3cr3t"},
		"in Proxy-Authorization":           {status: 200, method: "GET", path: inA + "/applications", token: "nhm_a", header: "Proxy-Authorization", value: "Basic s3cr3t"},
		"in Authorization, without scheme": {status: 401, method: "GET", path: inA + "/applications", header: "Authorization", value: "s3cr3t"},
		"in Authorization, of a scheme":    {status: 401, method: "GET", path: inA + "/applications", header: "Authorization", value: "Custom s3cr3t"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := serveTolerant(t).as(c.token)
			edit := func(*http.Request) {}
			if c.header != "" {
				edit = header(c.header, c.value)
			}
			res, err := a.send(t.Context(), c.method, c.path, c.body, edit)
			require.NoError(t, err)
			require.Equal(t, c.status, res.status, res.body)
			require.Len(t, a.srv.Requests(), 1)
			text := journalText(a.srv.Workspace)
			assert.NotContains(t, text, secret)
			assert.NotContains(t, text, "5331337")
			assert.Contains(t, text, "[redacted]")
			assert.Contains(t, text, c.shown)
		})
	}
}

func TestATokenInThePathIsNotWrittenDown(t *testing.T) {
	t.Parallel()
	a := serve(t)
	a.as("nhs_a").delete("/api/cli/tokens/nhc_us_a")
	assert.NotContains(t, journalText(a.srv.Workspace), "nhc_us_a")
	require.Len(t, a.srv.Requests(mockserver.Path("/api/cli/tokens/[redacted]")), 1)
}

func TestAHeaderMayHaveOtherValuesToo(t *testing.T) {
	t.Parallel()
	a := serve(t)
	a.get(inA+"/applications", header("X-Trace", "1", "2"))
	for want, value := range map[int]string{1: "2", 0: "1, 2"} {
		require.Len(t, a.srv.Requests(mockserver.Header("X-Trace", value)), want, value)
	}
	require.Len(t, a.srv.Requests(mockserver.Header("X-Trace", "1")), 1)
}

func TestNumbersAreComparedExactly(t *testing.T) {
	t.Parallel()
	a := serve(t)
	a.as("nhk_us_a").post(ingest+"/ep_b", `{"payload":{"n":9007199254740993,"m":[{"n":3.0}],"e":3e2}}`)
	sent := func(path string, want any) int {
		return len(a.srv.Requests(mockserver.Operation("ingest.send"), mockserver.Field(path, want)))
	}
	require.Equal(t, 0, sent("payload.n", int64(9007199254740992)))
	require.Equal(t, 1, sent("payload.n", int64(9007199254740993)))
	require.Equal(t, 1, sent("payload.m.0.n", 3))
	require.Equal(t, 1, sent("payload.m.0", map[string]any{"n": 3.0}))
	require.Equal(t, 1, sent("payload.e", 300))
	require.Equal(t, 0, sent("payload.e", 30))
}

func TestMethodsAreUpperCase(t *testing.T) {
	t.Parallel()
	a := serve(t)
	a.get(inA + "/applications")
	a.srv.Expect(t, 1, mockserver.Method("get"))
	a.srv.Expect(t, 0, mockserver.Method("post"))
}

// What no request could ever match is a mistake, wherever it is said.
func TestMatchersThatMakeNoSense(t *testing.T) {
	t.Parallel()
	list, get := mockserver.Operation("applications.list"), mockserver.Operation("applications.get")
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for want, m := range map[string]mockserver.Matcher{
		"no request is of two operations, applications.list and applications.get":             mockserver.All(list, mockserver.Method("GET"), get),
		`Path("management/v1"): want a path that begins with a slash, without a query`:        mockserver.Path("management/v1"),
		`Path("/management/v1?a=b"): want a path that begins with a slash, without a query`:   mockserver.All(list, mockserver.Path("/management/v1?a=b")),
		`there is no operation "applications.lists"; Server.Operations lists all`:             mockserver.Operation("applications.lists"),
		`Field("a"): the value cannot be JSON: json: unsupported type: chan int`:              mockserver.All(mockserver.Field("a", make(chan int)), mockserver.Method("GET")),
		`Path(""): want a path that begins with a slash, without a query`:                     mockserver.Path(""),
		"no request is of two operations, applications.list and delivery.attempt":             mockserver.All(list, attempts),
		`Path("https://a.test/x"): want a path that begins with a slash, without a query`:     mockserver.All(mockserver.Method("GET"), mockserver.Path("https://a.test/x")),
		`no request is of two operations, applications.get and applications.list`:             mockserver.All(get, mockserver.All(get, list)),
		`Path("/a?"): want a path that begins with a slash, without a query`:                  mockserver.Path("/a?"),
		`no request is of two operations, applications.list and there.is.none`:                mockserver.All(list, mockserver.Operation("there.is.none")),
		`Field("b"): the value cannot be JSON: json: unsupported type: func()`:                mockserver.Field("b", func() {}),
		`Path("*"): want a path that begins with a slash, without a query`:                    mockserver.Path("*"),
		`there is no operation "delivery.attempts"; Server.Operations lists all`:              mockserver.Operation("delivery.attempts"),
		`no request is of two operations, delivery.attempt and applications.list`:             mockserver.All(attempts, list),
		`Path("applications?limit=1"): want a path that begins with a slash, without a query`: mockserver.Path("applications?limit=1"),
	} {
		r := &recorder{}
		srv := mockserver.Start(r)
		srv.Expect(r, 0, m)
		srv.Requests(m)
		srv.Inject(mockserver.Fault{Match: m, Do: mockserver.Status(503)})
		_, err := srv.WaitFor(ended, m)
		require.EqualError(t, err, "mockserver: WaitFor: "+want)
		r.finish()
		require.Equal(t, []string{"error: mockserver: Expect: " + want, "fatal: mockserver: Requests: " + want, "fatal: mockserver: Inject: " + want}, r.lines)
	}
	a := serve(t)
	a.get(inA + "/applications")
	a.srv.Expect(t, 1, list, list)
}

// All who wait are woken, and each has an exchange of its own.
func TestSeveralMayWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := serve(t)
		var waiting sync.WaitGroup
		for range 3 {
			waiting.Go(func() {
				e, err := a.srv.WaitFor(t.Context(), mockserver.Operation("applications.create"))
				if assert.NoError(t, err) {
					e.Body[0], e.ResponseBody[0] = 'x', 'x'
					e.Header.Set("X", "y")
				}
			})
		}
		synctest.Wait()
		a.get(inA + "/applications")
		a.post(inA+"/applications", `{"name":"A"}`)
		waiting.Wait()
		e, err := a.srv.WaitFor(t.Context(), mockserver.Operation("applications.create"))
		require.NoError(t, err)
		require.Equal(t, `{"name":"A"}`, string(e.Body))
		require.Equal(t, byte('{'), e.ResponseBody[0])
		require.Empty(t, e.Header.Get("X"))
	})
}

// Who has waited for an attempt finds what came of it.
func TestAnAttemptIsInTheJournalOnceItHasCounted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := over(t, mockserver.Start(t, mockserver.WithRealClock()))
		release := make(chan struct{})
		r := a.srv.ReceiverHandler(blocking(release))
		id := a.sendTo(a.srv.Workspace, a.endpointAt(a.srv.Workspace, r))
		synctest.Wait()
		assert.Len(t, r.Requests(), 1)
		assert.Empty(t, a.srv.Requests(attempts))
		close(release)
		_, err := a.srv.WaitFor(t.Context(), attempts)
		require.NoError(t, err)
		require.Equal(t, "delivered", a.get(in(a.srv.Workspace)+"/deliveries/"+id).text("status"))
	})
}

// The first arrival of a delivery that arrives twice is no more than the second is.
func TestADuplicateIsInTheJournalOnceTheDeliveryIsFinal(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := over(t, mockserver.Start(t, mockserver.WithRealClock()))
		release := make(chan struct{}, 1)
		release <- struct{}{}
		r := a.srv.ReceiverHandler(blocking(release))
		id := a.endpointAt(a.srv.Workspace, r)
		a.srv.Inject(mockserver.Fault{Match: attempts, Do: mockserver.DuplicateDelivery()})
		delivery := a.sendTo(a.srv.Workspace, id)
		synctest.Wait()
		assert.Len(t, r.Requests(), 2)
		assert.Empty(t, a.srv.Requests(attempts), "the second arrival is still with the receiver")
		release <- struct{}{}
		_, err := a.srv.WaitFor(t.Context(), attempts)
		require.NoError(t, err)
		require.Equal(t, "delivered", a.get(in(a.srv.Workspace)+"/deliveries/"+delivery).text("status"))
		synctest.Wait()
		both := a.srv.Requests(attempts, mockserver.Answered(200))
		require.Len(t, both, 2)
		require.Equal(t, both[0], both[1])
		require.Equal(t, "DuplicateDelivery()", both[0].Fault)
	})
}

func TestPathsOfAttempts(t *testing.T) {
	t.Parallel()
	a := serve(t, mockserver.WithAcceptedHosts("a.test"))
	for url, want := range map[string]string{
		"https://a.test": "/", "https://a.test?b=c": "/", "https://a.test/": "/", "https://a.test/a%2Fb/": "/a%2Fb/", "https://a.test/%61": "/%61",
	} {
		id := a.post(inA+"/endpoints", `{"url":"`+url+`"}`).text("id")
		delivery := a.sendTo(a.srv.Workspace, id)
		all := a.srv.Requests(attempts)
		last := all[len(all)-1]
		require.Equal(t, delivery, last.Delivery)
		assert.Equal(t, want, last.Path, url)
		assert.Equal(t, "a.test", last.Host, url)
		assert.Contains(t, last.String(), " https://a.test"+want)
	}
}

func TestWhatIsDroppedIsToldInBytes(t *testing.T) {
	t.Parallel()
	a := serve(t, mockserver.WithJournal(3, 1000))
	for range 4 {
		a.get(inA + "/applications")
	}
	r := &recorder{}
	a.srv.Expect(r, 4)
	require.Equal(t, []string{"error: mockserver: Expect: the journal has dropped 3 exchanges that could matter: WithJournal lets it keep more than 3, and more than 1000 bytes"}, r.lines)
}

// The newest exchange is held however large it is.
func TestTheJournalHoldsOneExchangeOfAnySize(t *testing.T) {
	t.Parallel()
	a := serve(t, mockserver.WithJournal(10, 1))
	for i := range 3 {
		a.post(inA+"/applications", fmt.Sprintf(`{"name":"A","externalId":"cust_%d%s"}`, i, strings.Repeat("x", 200)))
		require.Len(t, a.srv.Requests(), 1)
		require.Contains(t, string(a.srv.Requests()[0].Body), fmt.Sprintf("cust_%d", i))
	}
}

// Whatever an exchange is made of counts.
func TestTheSizeOfAnExchange(t *testing.T) {
	t.Parallel()
	const limit, large = 100 << 10, 30 << 10
	long := strings.Repeat("x", large)
	many := make([]string, 300)
	for i := range many {
		many[i] = strings.Repeat("y", 100)
	}
	for name, ask := range map[string]func(a api){
		"of the request's body":    func(a api) { a.as("nhk_us_a").post(ingest+"/ep_none", `{"payload":{"n":"`+long+`"}}`) },
		"of a header":              func(a api) { a.get(inA+"/applications/app_a", header("X-Long", long)) },
		"of a header's name":       func(a api) { a.get(inA+"/applications/app_a", header("X-"+long, "1")) },
		"of a header's many lines": func(a api) { a.get(inA+"/applications/app_a", header("X-Many", many...)) },
		"of the query":             func(a api) { a.get(inA + "/applications/app_a?q=" + long) },
		"of the path":              func(a api) { a.get(inA + "/applications/" + long) },
		"of the answer's body":     func(a api) { a.get(inA + "/applications?limit=100") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := serve(t, mockserver.WithJournal(1000, limit)).direct()
			for range 100 {
				require.Equal(t, 201, a.post(inA+"/applications", `{"name":"`+strings.Repeat("x", 200)+`"}`).status)
			}
			for range 20 {
				ask(a)
			}
			got := len(a.srv.Requests())
			require.LessOrEqual(t, got, 3)
			require.Positive(t, got)
			for range 1000 {
				a.get(inA + "/applications/app_a")
			}
			require.Greater(t, len(a.srv.Requests()), 30, "what was large has gone")
		})
	}
}

func TestAFailedTestShowsTheLast(t *testing.T) {
	t.Parallel()
	r := &judged{}
	srv := mockserver.Start(r, mockserver.WithStart(opening), mockserver.WithFixtures(mockserver.Fixtures{Workspaces: []mockserver.WorkspaceFixture{{ID: "ws_1"}}}))
	a := over(t, srv)
	for i := range 24 {
		a.get(fmt.Sprintf("/management/v1/workspaces/ws_1/applications/app_%d", i))
	}
	r.Errorf("it went wrong")
	r.finish()
	require.Len(t, r.lines, 2)
	lines := strings.Split(r.lines[1], "\n")
	require.Equal(t, "log: mockserver: workspace ws_1 at 2026-01-15T10:30:00.000Z: 0 applications, 0 endpoints, 0 event types; its last 20 exchanges:", lines[0])
	require.Len(t, lines, 21)
	for i, line := range lines[1:] {
		require.Contains(t, line, fmt.Sprintf(" GET /management/v1/workspaces/ws_1/applications/app_%d → 404", i+4))
	}
}

// Also a test that nothing but a problem fails shows what it has done.
func TestATestThatAProblemFailsShowsWhatItHasDone(t *testing.T) {
	t.Parallel()
	owner, own := &judged{}, &judged{}
	srv := mockserver.Start(owner)
	w := srv.StartWorkspace(own)
	for _, w := range []*mockserver.Workspace{srv.Workspace, w} {
		status, _ := send(t, srv.HTTPClient(), "POST", host, w, `{"name":"A","colour":"red"}`)
		require.Equal(t, 201, status)
	}
	own.finish()
	owner.finish()
	for w, r := range map[*mockserver.Workspace]*judged{srv.Workspace: owner, w: own} {
		require.Len(t, r.lines, 2)
		require.Equal(t, `error: mockserver: applications.create: the request has the unknown field "colour"`, r.lines[0])
		require.Contains(t, r.lines[1], "log: mockserver: workspace "+w.ID())
		require.Contains(t, r.lines[1], " applications.create POST "+in(w)+"/applications → 201")
	}
}

// What goes wrong with a workspace when its test is over is for the server's test.
func TestProblemsAfterATestAreTheServers(t *testing.T) {
	t.Parallel()
	owner, own := &recorder{}, &recorder{}
	srv := mockserver.Start(owner)
	w := srv.StartWorkspace(own)
	status, _ := send(t, srv.HTTPClient(), "POST", host, w, `{"name":"A","colour":"red"}`)
	require.Equal(t, 201, status)
	own.finish()
	want := []string{`error: mockserver: applications.create: the request has the unknown field "colour"`}
	require.Equal(t, want, own.lines)
	send(t, srv.HTTPClient(), "POST", host, w, `{"name":"A","shade":"red"}`)
	require.Equal(t, want, own.lines)
	owner.finish()
	require.Equal(t, []string{`error: mockserver: applications.create: the request has the unknown field "shade"`}, owner.lines)
}

// A server that many tests share does not keep what each of them has done.
func TestTheJournalEndsWithTheTest(t *testing.T) {
	t.Parallel()
	srv := mockserver.Start(t)
	r := &recorder{}
	w := srv.StartWorkspace(r)
	for range 3 {
		fetch(t, srv.HTTPClient(), host, w)
	}
	require.Len(t, w.Requests(), 3)
	fetch(t, srv.HTTPClient(), host, srv.Workspace)
	r.finish()
	require.Empty(t, r.lines)
	require.Empty(t, w.Requests())
	require.Len(t, srv.Requests(), 1)
}
