package main

import (
	"bytes"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/nahook/nahook-go"
	"github.com/nahook/nahook-go/mockserver"
)

// The whole output, but for the delivery's id, which the seed decides.
const want = `
del_1 is scheduled_retry
  #   at                    result   status   took   error
  1   2026-01-15 10:30:00   failed   503      88ms   –
  2   2026-01-15 10:31:00   scheduled

▸ srv.Advance(1m0s)

del_1 is scheduled_retry
  #   at                    result   status   took   error
  1   2026-01-15 10:30:00   failed   503      88ms   –
  2   2026-01-15 10:31:00   failed   –        –      no complete answer within 15s
  3   2026-01-15 10:36:00   scheduled

▸ srv.Advance(5m0s)

del_1 is scheduled_retry
  #   at                    result   status   took   error
  1   2026-01-15 10:30:00   failed   503      88ms   –
  2   2026-01-15 10:31:00   failed   –        –      no complete answer within 15s
  3   2026-01-15 10:36:00   failed   –        –      connection reset
  4   2026-01-15 11:06:00   scheduled

▸ srv.Advance(30m0s)

del_1 is delivered
  #   at                    result    status   took   error
  1   2026-01-15 10:30:00   failed    503      88ms   –
  2   2026-01-15 10:31:00   failed    –        –      no complete answer within 15s
  3   2026-01-15 10:36:00   failed    –        –      connection reset
  4   2026-01-15 11:06:00   success   204      12ms   –
`

var ids = regexp.MustCompile(`del_\w+`)

func start(t *testing.T) *mockserver.Server {
	return mockserver.Start(t, mockserver.WithSeed(1), mockserver.WithStart(time.Date(2026, 1, 15, 10, 30, 0, 0, time.UTC)))
}

func TestOffline(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	require.NoError(t, offline(t.Context(), &out, start(t)))
	require.Equal(t, want, ids.ReplaceAllString(out.String(), "del_1"))
}

func TestAgainstAServiceFromTheEnvironment(t *testing.T) {
	srv := start(t)
	t.Setenv("NAHOOK_API_URL", srv.URL())
	t.Setenv("NAHOOK_MANAGEMENT_TOKEN", srv.ManagementToken())
	t.Setenv("NAHOOK_WORKSPACE_ID", srv.ID())
	mgmt, err := nahook.NewManagement(srv.ManagementToken(), nahook.WithHTTPClient(srv.HTTPClient()))
	require.NoError(t, err)
	client, err := nahook.NewClient(srv.APIKey(), nahook.WithHTTPClient(srv.HTTPClient()))
	require.NoError(t, err)
	endpoint, err := mgmt.Endpoints.Create(t.Context(), srv.ID(), nahook.CreateEndpointOptions{URL: srv.Receiver().URL()})
	require.NoError(t, err)
	sent, err := client.Send(t.Context(), endpoint.ID, nahook.SendOptions{Payload: map[string]int{"a": 1}})
	require.NoError(t, err)
	var out bytes.Buffer
	require.NoError(t, live(t.Context(), &out, sent.DeliveryID))
	require.Contains(t, out.String(), sent.DeliveryID+" is delivered\n")
	require.ErrorIs(t, live(t.Context(), &out, "del_missing"), nahook.ErrNotFound)
}
