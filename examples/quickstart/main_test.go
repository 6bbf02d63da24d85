package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/nahook/nahook-go/mockserver"
)

// story runs the example and gives what it prints.
func story(t *testing.T) string {
	t.Helper()
	var out bytes.Buffer
	mgmt, workspace, disconnect, err := connect(&out)
	require.NoError(t, err)
	defer disconnect()
	require.NoError(t, run(t.Context(), &out, mgmt, workspace))
	return out.String()
}

func requireStory(t *testing.T, text string) {
	t.Helper()
	require.Equal(t, 4, strings.Count(text, "created: ep_"), text)
	require.Equal(t, 1, strings.Count(text, "refused: nahook: POST /workspaces/ws_"), text)
	for _, line := range []string{
		"Acme Corp  maxEndpoints=3  showEventTypes=false",
		"403 application_endpoint_limit_reached: Application endpoint limit reached",
		"code:    application_endpoint_limit_reached",
		"unlimited=true  showEventTypes=true",
		"/portal/s/ps_",
		"#code=",
		"Acme Corp  endpoints=4",
		"gone:    app_",
	} {
		require.Contains(t, text, line)
	}
	require.Equal(t, 4, strings.Count(text, "gone:    ep_"), text)
}

func TestOffline(t *testing.T) {
	t.Setenv("NAHOOK_MANAGEMENT_TOKEN", "")
	requireStory(t, story(t))
}

func TestAgainstAServiceFromTheEnvironment(t *testing.T) {
	srv := mockserver.Start(t)
	t.Setenv("NAHOOK_API_URL", srv.URL())
	t.Setenv("NAHOOK_MANAGEMENT_TOKEN", srv.ManagementToken())
	t.Setenv("NAHOOK_WORKSPACE_ID", srv.ID())
	text := story(t)
	require.Contains(t, text, "against "+srv.URL())
	requireStory(t, text)
}
