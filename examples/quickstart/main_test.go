package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/nahook/nahook-go"
	"github.com/nahook/nahook-go/mockserver"
)

// told runs the example and gives what it prints.
func told(t *testing.T) string {
	t.Helper()
	var out bytes.Buffer
	s, err := connect(&out)
	require.NoError(t, err)
	defer s.disconnect()
	require.NoError(t, s.run(t.Context()))
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
	t.Setenv("NAHOOK_WORKSPACE_ID", "")
	requireStory(t, told(t))
}

func TestAgainstAServiceFromTheEnvironment(t *testing.T) {
	srv := mockserver.Start(t)
	t.Setenv("NAHOOK_API_URL", srv.URL())
	t.Setenv("NAHOOK_MANAGEMENT_TOKEN", srv.ManagementToken())
	t.Setenv("NAHOOK_WORKSPACE_ID", srv.ID())
	text := told(t)
	require.Contains(t, text, "against "+srv.URL())
	requireStory(t, text)
}

func TestHalfAConfigurationIsRefused(t *testing.T) {
	t.Setenv("NAHOOK_MANAGEMENT_TOKEN", "nhm_1")
	t.Setenv("NAHOOK_WORKSPACE_ID", "")
	_, err := connect(&bytes.Buffer{})
	require.EqualError(t, err, "set both NAHOOK_MANAGEMENT_TOKEN and NAHOOK_WORKSPACE_ID, or neither to run offline")
}

// A story that breaks off, here because the workspace has room for two endpoints
// alone, leaves nothing behind.
func TestAStoryThatBreaksOffCleansUp(t *testing.T) {
	srv := mockserver.Start(t, mockserver.WithEndpointLimit(2))
	t.Setenv("NAHOOK_API_URL", srv.URL())
	t.Setenv("NAHOOK_MANAGEMENT_TOKEN", srv.ManagementToken())
	t.Setenv("NAHOOK_WORKSPACE_ID", srv.ID())
	s, err := connect(&bytes.Buffer{})
	require.NoError(t, err)
	defer s.disconnect()
	require.ErrorIs(t, s.run(t.Context()), nahook.ErrEndpointLimitReached)
	left, err := s.mgmt.Applications.List(t.Context(), s.workspace, nil)
	require.NoError(t, err)
	require.Empty(t, left.Data)
}
