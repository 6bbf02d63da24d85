package openapi_test

import (
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/nahook/nahook-go/mockserver"
)

// The document says neither less nor more than what the server does: every
// answer fits it, and every outcome that it lists is seen.
func TestEveryAnswerIsDocumentedAndEveryDocumentedAnswerSeen(t *testing.T) {
	t.Parallel()
	srv, r := serve(t)
	runConformance(t, srv, r)
	srv.Advance(time.Minute) // the suite's wrong codes are forgotten
	c := caller{t, &http.Client{Transport: r}}
	c.readSeeded()
	c.reachLimits()
	c.refuseAll(srv, r.document.operations)
	require.Empty(t, r.problems)
	require.Empty(t, r.missing())
	refuseMutants(t, r)
}

// caller sends requests that the conformance suite has no reason for.
type caller struct {
	t    *testing.T
	http *http.Client
}

type headers map[string]string

// send gives the status of the answer, and its body.
func (c caller) send(method, path, token, body string, h headers) (int, []byte) {
	c.t.Helper()
	request, err := http.NewRequestWithContext(c.t.Context(), method, "https://api.nahook.com"+path, strings.NewReader(body))
	require.NoError(c.t, err)
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	for name, value := range h {
		request.Header.Set(name, value)
	}
	res, err := c.http.Do(request)
	require.NoError(c.t, err)
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	require.NoError(c.t, err)
	return res.StatusCode, answer
}

// must wants one status, and gives the body.
func (c caller) must(status int, method, path, token, body string) []byte {
	c.t.Helper()
	got, answer := c.send(method, path, token, body, nil)
	require.Equal(c.t, status, got, "%s %s: %s", method, path, answer)
	return answer
}

// code makes the code of a portal session.
func (c caller) code(workspace, token, application, body string) string {
	c.t.Helper()
	var link struct{ Code string }
	path := "/management/v1/workspaces/" + workspace + "/applications/" + application + "/portal"
	require.NoError(c.t, json.Unmarshal(c.must(201, http.MethodPost, path, token, body), &link))
	return link.Code
}

// portal gives the token of an administrator.
func (c caller) portal(workspace, token, application, body string) string {
	c.t.Helper()
	code := c.code(workspace, token, application, body)
	var session struct{ Token string }
	require.NoError(c.t, json.Unmarshal(c.must(200, http.MethodPost, "/portal/v1/session/exchange", "", `{"code":"`+code+`"}`), &session))
	return session.Token
}

const administrator = `{"role":"admin"}`

// readSeeded reads rows in states that no request leads to.
func (c caller) readSeeded() {
	c.t.Helper()
	const main, hobby = "/management/v1/workspaces/ws_main", "/management/v1/workspaces/ws_hobby"
	token := c.portal("ws_main", "nhm_main", "app_main", administrator)
	for _, id := range []string{"del_shown", "del_processing", "del_empty", "del_broken", "del_waiting"} {
		for _, rest := range []string{"", "?include=payload", "/attempts"} {
			c.must(200, http.MethodGet, main+"/deliveries/"+id+rest, "nhm_main", "")
			c.must(200, http.MethodGet, "/portal/v1/deliveries/"+id+rest, token, "")
		}
	}
	c.must(200, http.MethodGet, hobby+"/deliveries/del_hidden?include=payload", "nhm_hobby", "")
	for _, path := range []string{"/endpoints", "/endpoints/ep_slack", "/endpoints/ep_acme", "/applications", "/applications/app_main/endpoints", "/audit-logs", "/endpoints/ep_acme/deliveries?limit=2"} {
		c.must(200, http.MethodGet, main+path, "nhm_main", "")
	}
	for _, path := range []string{"/session", "/endpoints", "/endpoints/ep_acme", "/event-types", "/endpoints/ep_acme/deliveries?limit=2"} {
		c.must(200, http.MethodGet, "/portal/v1"+path, token, "")
	}
}

// reachLimits meets the limits that are in nobody's way elsewhere.
func (c caller) reachLimits() {
	c.t.Helper()
	const hook, full = `{"url":"https://example.test/"}`, "/management/v1/workspaces/ws_full"
	c.must(403, http.MethodPost, full+"/endpoints", "nhm_full", hook)
	for _, application := range []string{"app_full", "app_none"} {
		c.must(403, http.MethodPost, full+"/applications/"+application+"/endpoints", "nhm_full", hook)
		c.must(403, http.MethodPost, "/portal/v1/endpoints", c.portal("ws_full", "nhm_full", application, administrator), hook)
	}
}

// credentials are who sends a request: a token for each family, and a workspace
// for its path.
type credentials struct{ workspace, management, ingestion, portal string }

// refuseAll gives every operation every reason to refuse a request that does not
// depend on what it does.
func (c caller) refuseAll(srv *mockserver.Server, operations []*operation) {
	c.t.Helper()
	expired := c.portal("ws_main", "nhm_main", "app_main", `{"expiresInMinutes":1}`)
	srv.Advance(time.Minute)
	live := c.portal("ws_main", "nhm_main", "app_main", administrator)
	downgraded := c.portal("ws_downgraded", "nhm_downgraded", "app_downgraded", administrator)
	unused := c.code("ws_downgraded", "nhm_downgraded", "app_downgraded", administrator)
	workspace(srv, "ws_downgraded").SetPlan(mockserver.PlanHobby)
	c.must(403, http.MethodPost, "/portal/v1/session/exchange", "", `{"code":"`+unused+`"}`)

	refused := []credentials{
		{"ws_main", "", "", ""},
		{"ws_main", "nhm_expired", "nhk_us_unknown", expired},
		{"ws_main", "nhm_disabled", "nhk_us_disabled", "nhp_unknown"},
		{"ws_hobby", "nhm_hobby", "", downgraded},
		{"ws_spent", "nhm_spent", "nhk_us_spent", c.portal("ws_spent", "nhm_spent", "app_spent", administrator)},
		{"nowhere", "nhm_main", "nhk_us_main", live},
	}
	main := credentials{"ws_main", "nhm_main", "nhk_us_main", live}
	for _, o := range operations {
		for _, who := range refused {
			if o.id != "portal.session.delete" || who.portal != live {
				c.request(o, who, "", "{}", nil)
			}
		}
		c.refuse(o, main)
		srv.Inject(mockserver.Fault{Match: mockserver.Operation(o.id), Do: mockserver.Status(http.StatusInternalServerError)})
		c.request(o, main, "", "{}", nil)
	}
	for range 31 { // one more than an address may be wrong about a code
		c.send(http.MethodPost, "/portal/v1/session/exchange", "", `{"code":"wrong"}`, nil)
	}
}

// refuse sends what no operation takes, of those that could take it.
func (c caller) refuse(o *operation, who credentials) {
	c.t.Helper()
	if o.method != http.MethodGet && strings.HasPrefix(o.path, "/portal/") {
		c.request(o, who, "", "{}", headers{"Sec-Fetch-Site": "cross-site"})
	}
	if o.request != nil {
		c.request(o, who, "", "{", nil)
		c.request(o, who, "", "name=A", headers{"Content-Type": "text/plain"})
		c.request(o, who, "", strings.Repeat(" ", largest(o)+1), nil)
	}
	if o.method == http.MethodGet {
		c.request(o, who, "?limit=0&page=0&include=%zz", "", nil)
		c.request(o, who, "?cursor=made-up", "", nil)
	}
}

// largest is how many bytes a body may have.
func largest(o *operation) int {
	if strings.HasSuffix(o.id, "Batch") {
		return 8 << 20
	}
	return 1 << 20
}

// request fills the operation's path with ids that nobody has.
func (c caller) request(o *operation, who credentials, query, body string, h headers) {
	c.t.Helper()
	path := placeholder.ReplaceAllString(strings.ReplaceAll(o.path, "{workspace}", who.workspace), "nobody")
	token := who.portal
	switch {
	case o.public:
		token = ""
	case strings.HasPrefix(o.path, "/management/"):
		token = who.management
	case strings.HasPrefix(o.path, "/api/ingest/"):
		token = who.ingestion
	}
	if o.request == nil {
		body = ""
	}
	c.send(o.method, path+query, token, body, h)
}

func workspace(srv *mockserver.Server, id string) *mockserver.Workspace {
	all := srv.Workspaces()
	return all[slices.IndexFunc(all, func(w *mockserver.Workspace) bool { return w.ID() == id })]
}
