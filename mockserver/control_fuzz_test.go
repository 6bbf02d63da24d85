package mockserver_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/nahook/nahook-go/mockserver"
)

// Whatever the control API is asked, its answer is JSON, and a refusal in the
// envelope.
func FuzzControl(f *testing.F) {
	for _, seed := range [][3]string{
		{"POST", "advance", `{"by":"5m"}`}, {"POST", "drain", ``}, {"POST", "workspaces", `{"plan":"hobby","schedule":[1],"rateLimit":{"limit":1,"windowSeconds":1}}`},
		{"PUT", "plan?workspace=ws_b", `{"plan":"pro"}`}, {"PUT", "rate-limit", `{"limit":1,"windowSeconds":2}`}, {"PUT", "framing-origins", `{"origins":["https://a.test"]}`},
		{"POST", "tokens", `{"kind":"session","expiresIn":"1h"}`}, {"POST", "endpoints/ep_a/rotate-secret", `{"grace":"1h"}`}, {"POST", "device-grants/A", `{"approve":false}`},
		{"POST", "receivers", `{"replies":[{"status":503,"headers":{"a":"b"},"delay":"1s"}]}`}, {"GET", "journal?limit=1&wait=1s&status=200", ``},
		{"POST", "faults", `{"match":{"operation":"applications.get","fields":{"a.b":1},"headers":{"a":"b"}},"times":2,"do":{"effect":"truncate","bytes":1}}`},
		{"PUT", "snapshot", `{"workspaces":[{"endpoints":[{"url":"https://a.test","createdAt":"2026-01-01T00:00:00Z"}]}]}`}, {"GET", "snapshot?secrets=true", ``},
	} {
		f.Add(seed[0], seed[1], seed[2])
	}
	fixtures, err := mockserver.ParseFixtures([]byte(tenants))
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, method, path, body string) {
		srv, err := mockserver.New(mockserver.WithFixtures(fixtures), mockserver.WithStart(opening))
		require.NoError(t, err)
		defer srv.Close()
		gone, leave := context.WithCancel(t.Context())
		leave() // so that nothing is waited for
		r, err := http.NewRequestWithContext(gone, method, "http://127.0.0.1/__mock/v1/"+path, strings.NewReader(body))
		if err != nil {
			return // nothing that could be sent
		}
		r.Header.Set("Authorization", "Bearer "+controlToken)
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		srv.ControlHandler(controlToken).ServeHTTP(w, r)
		require.True(t, json.Valid(w.Body.Bytes()))
		if w.Code > 299 {
			require.Less(t, w.Code, 500, w.Body.String())
			require.Regexp(t, `^\{"error":\{"code":"[a-z_]+","message":"(?s:.+)"\}\}$`, w.Body.String())
		}
	})
}
