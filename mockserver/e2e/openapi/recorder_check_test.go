package openapi_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A recorder that found everything right would prove nothing.
func TestTheRecorderFindsWhatIsWrong(t *testing.T) {
	t.Parallel()
	const (
		application = `{"id":"app_1","externalId":null,"name":"Acme","metadata":{},"maxEndpoints":3,"showEventTypes":true,` +
			`"createdAt":"2026-01-15T10:30:00.000Z","updatedAt":"2026-01-15T10:30:00.000Z"}`
		create = "POST /management/v1/workspaces/ws/applications"
		remove = "DELETE /management/v1/workspaces/ws/applications/app_1"
	)
	answers := func(status int, headers, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			for header := range strings.SplitSeq(headers, "\n") {
				name, value, _ := strings.Cut(header, ": ")
				w.Header().Set(name, value)
			}
			w.WriteHeader(status)
			w.Write([]byte(body))
		}
	}
	d := load(t)
	const id = "X-Request-Id: req_1"
	const typed = id + "\nContent-Type: application/json; charset=utf-8"
	changed := func(old, replaced string) string {
		body := strings.Replace(application, old, replaced, 1)
		require.NotEqual(t, application, body)
		return body
	}
	refusal := func(code string) string { return `{"error":{"code":"` + code + `","message":"No"}}` }
	for name, c := range map[string]struct {
		request, sent string
		answer        http.HandlerFunc
		want          string // in the one problem; none for an answer that is right
	}{
		"right":                   {create, `{"name":"Acme"}`, answers(201, typed, application), ""},
		"a right refusal":         {create, `{}`, answers(409, typed, refusal("conflict")), ""},
		"gone":                    {remove, ``, answers(204, id, ""), ""},
		"of no operation":         {"POST /management/v1/workspaces/ws", ``, answers(418, "X: y", ""), ""},
		"a body that is refused":  {create, `{"name":5}`, answers(400, typed, refusal("validation_error")), ""},
		"an unknown field":        {create, `{"name":"Acme","colour":"red"}`, answers(201, typed, application), ""},
		"a member is missing":     {create, `{"name":"Acme"}`, answers(201, typed, changed(`"name":"Acme",`, "")), "missing property 'name'"},
		"a member more":           {create, `{"name":"Acme"}`, answers(201, typed, changed(`{"id"`, `{"colour":"red","id"`)), "'colour' not allowed"},
		"another type":            {create, `{"name":"Acme"}`, answers(201, typed, changed(`:3`, `:"3"`)), "got string, want"},
		"a fraction":              {create, `{"name":"Acme"}`, answers(201, typed, changed(`:3`, `:3.5`)), "got number, want"},
		"null":                    {create, `{"name":"Acme"}`, answers(201, typed, changed(`"Acme"`, `null`)), "got null, want string"},
		"another timestamp":       {create, `{"name":"Acme"}`, answers(201, typed, changed(`00.000Z`, `00Z`)), "does not match pattern"},
		"a day that is none":      {create, `{"name":"Acme"}`, answers(201, typed, changed(`01-15`, `02-30`)), "date-time"},
		"an undocumented status":  {create, `{"name":"Acme"}`, answers(200, typed, application), "the status 200 is not documented"},
		"an undocumented code":    {create, `{}`, answers(409, typed, refusal("not_found")), "value must be 'conflict'"},
		"another envelope":        {create, `{}`, answers(400, typed, `{"statusCode":400,"error":"Bad Request","message":"No"}`), "want object"},
		"no JSON":                 {create, `{"name":"Acme"}`, answers(201, typed, "created"), "invalid character"},
		"an empty body":           {create, `{"name":"Acme"}`, answers(201, typed, ""), "EOF"},
		"another media type":      {create, `{"name":"Acme"}`, answers(201, id+"\nContent-Type: text/plain", application), `the content type is "text/plain"`},
		"no request id":           {create, `{"name":"Acme"}`, answers(201, "Content-Type: application/json", application), "X-Request-Id is there 0 times"},
		"no time to wait":         {create, `{}`, answers(429, typed, refusal("rate_limited")), "Retry-After is there 0 times"},
		"a wait of no number":     {create, `{}`, answers(429, typed+"\nRetry-After: soon", refusal("rate_limited")), "Retry-After"},
		"a wait of half a second": {create, `{}`, answers(429, typed+"\nRetry-After: 0.5", refusal("rate_limited")), "want integer"},
		"gone with a body":        {remove, ``, answers(204, typed, ""), "there is a body, or the type of one"},
		"a request that is wrong": {create, `{"name":""}`, answers(201, typed, application), "minLength"},
		"a body for nothing":      {remove, `{}`, answers(204, id, ""), "a body was accepted that is not documented"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRecorder(d, handler{c.answer})
			method, path, _ := strings.Cut(c.request, " ")
			request, err := http.NewRequestWithContext(t.Context(), method, "https://api.nahook.com"+path, strings.NewReader(c.sent))
			require.NoError(t, err)
			res, err := r.RoundTrip(request)
			require.NoError(t, err)
			res.Body.Close()
			if c.want == "" {
				require.Empty(t, r.problems)
				return
			}
			require.Len(t, r.problems, 1)
			require.Contains(t, r.problems[0], c.want)
			require.Empty(t, r.seen, "what is wrong counts for nothing")
		})
	}
}

type handler struct{ http.Handler }

func (h handler) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result(), nil
}

func TestMissingListsWhatNobodyHasSeen(t *testing.T) {
	t.Parallel()
	_, r := serve(t)
	c := caller{t, &http.Client{Transport: r}}
	before := r.missing()
	require.Contains(t, before, "endpoints.list 200 ")
	require.Contains(t, before, "applications.createEndpoint 403 application_endpoint_limit_reached")
	c.must(200, http.MethodGet, "/management/v1/workspaces/ws_main/endpoints", "nhm_main", "")
	require.Len(t, r.missing(), len(before)-1)
	require.NotContains(t, r.missing(), "endpoints.list 200 ")
}
