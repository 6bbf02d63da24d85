package main

import (
	"bytes"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/nahook/nahook-go"
	"github.com/nahook/nahook-go/mockserver"
)

var variables = []string{"NAHOOK_MANAGEMENT_TOKEN", "NAHOOK_WORKSPACE_ID", "NAHOOK_API_KEY", "NAHOOK_ENDPOINT_URL"}

func setenv(t *testing.T, values ...string) {
	t.Helper()
	for i, name := range variables {
		t.Setenv(name, values[i])
	}
}

// story is what the example prints, from its first step on. Ids are replaced by
// numbers in the order of their appearance.
const story = `
▸ Send: one endpoint. The same key twice is one delivery
   del_1  accepted
   del_1  accepted

▸ Trigger: every endpoint that is subscribed to example.order.created
   [del_2]  accepted

▸ Batch: any number of items. One that fails fails alone
   0: del_3
   1: no such endpoint
   2: del_4

▸ Deliveries, newest first
   del_4  delivered  attempts=1
   del_3  delivered  attempts=1
   del_2  delivered  attempts=1
   del_1  delivered  attempts=1
`

func numbered(text string) string {
	numbers := map[string]string{}
	return regexp.MustCompile(`del_\w+`).ReplaceAllStringFunc(text, func(id string) string {
		if numbers[id] == "" {
			numbers[id] = "del_" + string(rune('1'+len(numbers)))
		}
		return numbers[id]
	})
}

func TestOffline(t *testing.T) {
	setenv(t, "", "", "", "")
	var out bytes.Buffer
	require.NoError(t, run(t.Context(), &out))
	require.Equal(t, "Offline, against the embedded server\n"+story, numbered(out.String()))
}

func TestAgainstAServiceFromTheEnvironment(t *testing.T) {
	srv := mockserver.Start(t)
	r := srv.Receiver()
	setenv(t, srv.ManagementToken(), srv.ID(), srv.APIKey(), r.URL())
	t.Setenv("NAHOOK_API_URL", srv.URL())
	var out bytes.Buffer
	require.NoError(t, run(t.Context(), &out))
	require.Equal(t, "Against "+srv.URL()+"\n"+story, numbered(out.String()))
	require.Len(t, r.Requests(), 4)

	mgmt, err := nahook.NewManagement(srv.ManagementToken(), nahook.WithHTTPClient(srv.HTTPClient()))
	require.NoError(t, err)
	endpoints, err := mgmt.Endpoints.List(t.Context(), srv.ID())
	require.NoError(t, err)
	require.Empty(t, endpoints.Data, "the workspace is left as it was")
	eventTypes, err := mgmt.EventTypes.List(t.Context(), srv.ID())
	require.NoError(t, err)
	require.Empty(t, eventTypes.Data)
}

func TestHalfAConfigurationIsRefused(t *testing.T) {
	setenv(t, "nhm_1", "ws_1", "", "")
	require.EqualError(t, run(t.Context(), &bytes.Buffer{}),
		"set all of NAHOOK_MANAGEMENT_TOKEN, NAHOOK_WORKSPACE_ID, NAHOOK_API_KEY and NAHOOK_ENDPOINT_URL, or none to run offline")
}
