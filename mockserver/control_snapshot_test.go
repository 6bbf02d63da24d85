package mockserver_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/nahook/nahook-go/mockserver"
)

// snapshot is what the control API gives. It is a file that a server can start with.
func (a api) snapshot(query string) string {
	a.t.Helper()
	res, err := a.control().send(a.t.Context(), "GET", "/snapshot"+query, "") // not get: secrets may be in it
	require.NoError(a.t, err)
	require.Equal(a.t, 200, res.status, res.body)
	_, err = mockserver.ParseFixtures([]byte(res.body))
	require.NoError(a.t, err, res.body)
	return res.body
}

func TestControlTakesSnapshots(t *testing.T) {
	t.Parallel()
	a := serve(t)
	c := a.control()
	open := a.snapshot("")
	for _, secret := range []string{"nhm_", "nhk_", "nhs_", "nhc_", "whsec_", password} {
		require.NotContains(t, open, secret)
	}
	require.Equal(t, open, a.snapshot("?workspace=ws_a&secrets=false"))
	require.Contains(t, a.snapshot("?workspace=ws_b"), `"id":"app_c"`)
	closed := a.snapshot("?secrets=true")
	for _, secret := range []string{"nhm_a", "nhk_us_a", "nhs_a", "nhc_us_a", "whsec_", password} {
		require.Contains(t, closed, secret)
	}
	c.get("/snapshot?secrets=1").invalid("secrets: want true or false")

	before := a.get(inA + "/applications").body
	a.delete(inA + "/applications/app_a").isDeleted()
	res := c.put("/snapshot", closed)
	res.is(200, `{"id":"ws_a","name":"","now":"2026-01-15T10:30:00.000Z","managementToken":"nhm_a","apiKey":"nhk_us_a","sessionToken":"nhs_a"}`)
	require.Equal(t, before, a.get(inA+"/applications").body)
	require.Equal(t, closed, a.snapshot("?secrets=true"))

	roomy := strings.Replace(closed, "[", "["+strings.Repeat(" ", 2<<20), 1)
	require.Equal(t, 200, c.put("/snapshot", roomy).status, "it may be larger than other bodies")

	res = c.put("/snapshot", open)
	require.NotEqual(t, "nhm_a", res.text("managementToken"), "without secrets they are made anew")
	require.Equal(t, before, a.as(res.text("managementToken")).get(inA+"/applications").body)
	a.get(inA+"/applications").refuses(401, "unauthorized", "Invalid token")
}

func TestControlRefusesSnapshots(t *testing.T) {
	t.Parallel()
	a := serve(t)
	c := a.control()
	before := a.snapshot("?secrets=true")
	for body, want := range map[string]string{
		``:                                      "workspaces: want exactly one",
		`{"workspaces":[]}`:                     "workspaces: want exactly one",
		`{"workspaces":[{},{}]}`:                "workspaces: want exactly one",
		`{"workspaces":[{"id":"ws_b"}]}`:        `workspaces[0]: the fixture is one of the workspace "ws_b", and this is "ws_a"`,
		`{"workspaces":[{"apps":[]}]}`:          `workspaces[0]: unknown key "apps"; there are `,
		`{"workspaces":[{"plan":"free"}]}`:      `workspaces[0]: plan: "free" does not exist; use "hobby" or "pro"`,
		`{"workspaces":[{"endpoints":[{}]}]}`:   "workspaces[0]: endpoints[0]: url is required",
		`{"workspaces":[{"applications":[1]}]}`: "workspaces[0].applications[0]: want an object",
		`{"workspaces":[{"managementTokens":[{"token":"nhm_b"}]}]}`: `workspaces[0]: Management token "`,
	} {
		res := c.put("/snapshot", body)
		require.Equal(t, 400, res.status, body)
		var refusal struct{ Error struct{ Message string } }
		require.NoError(t, json.Unmarshal([]byte(res.body), &refusal))
		require.True(t, strings.HasPrefix(refusal.Error.Message, want), refusal.Error.Message)
	}
	require.Equal(t, before, a.snapshot("?secrets=true"), "nothing has changed")
}
