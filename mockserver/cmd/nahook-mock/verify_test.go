package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/nahook/nahook-go/mockserver"
	"github.com/nahook/nahook-go/mockserver/conformance"
)

// verified runs verify and gives its exit status and what it prints.
func verified(t *testing.T, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	status = run(t.Context(), append([]string{"verify"}, args...), &out, &errs)
	return status, out.String(), errs.String()
}

// The server of verify's own has what every case needs.
func TestVerifyPassesOnItsOwnServer(t *testing.T) {
	t.Parallel()
	status, stdout, stderr := verified(t)
	require.Equal(t, 0, status, stdout)
	require.Empty(t, stderr)
	require.Regexp(t, `^documented: [1-9]\d* passed, 0 failed, 0 not applicable
inferred: [1-9]\d* passed, 0 failed, 0 not applicable
own: [1-9]\d* passed, 0 failed, 0 not applicable
$`, stdout)
}

func TestVerifySelects(t *testing.T) {
	t.Parallel()
	status, stdout, _ := verified(t, "--run", `^applications\.create\.`, "--provenance", "own, inferred,own", "-v")
	require.Equal(t, 0, status)
	lines := strings.Split(strings.TrimSpace(stdout), "\n")
	for _, line := range lines[:len(lines)-2] {
		require.Regexp(t, `^ok    applications\.create\.\S+ \(own\): .+\.$`, line)
	}
	require.Regexp(t, `^own: [1-9]`, lines[len(lines)-2])
	require.Equal(t, "inferred: 0 passed, 0 failed, 0 not applicable", lines[len(lines)-1])
}

// serving gives the URL of a server like that of serve, and sets the environment
// to it.
func serving(t *testing.T, wrap func(http.Handler) http.Handler) string {
	t.Helper()
	srv, err := mockserver.New(mockserver.WithFixtures(testFixtures()))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, srv.Close()) })
	socket := httptest.NewServer(wrap(srv.Handler()))
	t.Cleanup(socket.Close)
	for name, value := range map[string]string{"WORKSPACE_ID": "ws_test", "MGMT_TOKEN": "nhm_test", "API_KEY": "nhk_us_test"} {
		t.Setenv("NAHOOK_TEST_"+name, value)
	}
	return socket.URL
}

func TestVerifyAgainstAService(t *testing.T) {
	url := serving(t, func(h http.Handler) http.Handler { return h })
	status, stdout, stderr := verified(t, "--against", url)
	require.Equal(t, 0, status, stdout)
	require.Empty(t, stderr)
	require.Contains(t, stdout, "n/a   auth.disabled-api-key (documented): the target has no disabled API key\n")
	require.NotContains(t, stdout, "FAIL")
}

func TestVerifyReportsFailures(t *testing.T) {
	url := serving(t, func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/endpoints") {
				w.WriteHeader(http.StatusServiceUnavailable)
				io.WriteString(w, "closed")
				return
			}
			h.ServeHTTP(w, r)
		})
	})
	status, stdout, stderr := verified(t, "--against", url, "--run", `^endpoints\.create\.(defaults|same-url)$`)
	require.Equal(t, 1, status)
	require.Equal(t, "nahook-mock: verify: 2 of 2 cases failed\n", stderr)
	require.Equal(t, `FAIL  endpoints.create.defaults (documented): A new endpoint is an active webhook without description, credentials and metadata, unless told otherwise.
      POST /management/v1/workspaces/ws_test/endpoints: want status 201; got 503 closed
FAIL  endpoints.create.same-url (documented): URLs need not be unique.
      POST /management/v1/workspaces/ws_test/endpoints: want status 201; got 503 closed
documented: 0 passed, 2 failed, 0 not applicable
inferred: 0 passed, 0 failed, 0 not applicable
own: 0 passed, 0 failed, 0 not applicable
`, stdout)

	status, stdout, _ = verified(t, "--against", url, "--run", `^endpoints\.create\.same-url$|^auth\.(query|disabled-api-key)$`, "--json")
	require.Equal(t, 1, status)
	var report reportJSON
	require.NoError(t, json.Unmarshal([]byte(stdout), &report))
	require.Equal(t, map[conformance.Provenance]countsJSON{"documented": {0, 1, 1}, "inferred": {}, "own": {1, 0, 0}}, report.Summary)
	require.Equal(t, resultJSON{"auth.query", "own", "A token in the query opens nothing.", "passed", ""}, report.Cases[0])
	require.Equal(t, resultJSON{
		"auth.disabled-api-key", "documented", `A disabled API key answers 403 token_disabled "API key is disabled".`,
		"not applicable", "not applicable: the target has no disabled API key",
	}, report.Cases[1])
	require.Equal(t, "POST /management/v1/workspaces/ws_test/endpoints: want status 201; got 503 closed", report.Cases[2].Error)
}

func TestVerifyIsInterrupted(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancel(t.Context())
	stop()
	var stdout, stderr bytes.Buffer
	require.Equal(t, 1, run(ctx, []string{"verify", "--run", "^auth.missing$"}, &stdout, &stderr))
	require.Equal(t, "nahook-mock: verify: interrupted after 0 of 1 cases\n", stderr.String())
}

func TestVerifyRefusesBadUse(t *testing.T) {
	for _, name := range []string{"WORKSPACE_ID", "MGMT_TOKEN", "API_KEY"} {
		t.Setenv("NAHOOK_TEST_"+name, "")
	}
	for want, args := range map[string][]string{
		"verify: flag provided but not defined: -token":                                             {"--token", "x"},
		`verify: unexpected argument "x"; flags start with --`:                                      {"x"},
		`verify: invalid value "sure" for flag -provenance: "sure" is none of documented, inferred`: {"--provenance", "sure"},
		`verify: invalid value "(" for flag -run: error parsing regexp`:                             {"--run", "("},
		"verify: no case has such an id and such a provenance":                                      {"--run", "^nothing$"},
		"verify: conformance: the environment lacks NAHOOK_TEST_WORKSPACE_ID, NAHOOK_TEST_MGMT_TOK": {"--against", "http://x.test"},
	} {
		status, stdout, stderr := verified(t, args...)
		require.Equal(t, 2, status, args)
		require.Empty(t, stdout)
		require.Contains(t, stderr, "nahook-mock: "+want)
		require.Equal(t, 1, strings.Count(stderr, "\n"), stderr)
	}
	status, stdout, stderr := verified(t, "-h")
	require.Equal(t, 0, status)
	require.Contains(t, stdout, "--against URL")
	require.Empty(t, stderr)
}
