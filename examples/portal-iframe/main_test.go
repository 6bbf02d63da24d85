package main

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/nahook/nahook-go"
	"github.com/nahook/nahook-go/mockserver"
)

// started runs the example and gives the URL that it prints.
func started(t *testing.T) string {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	out, told := io.Pipe()
	ended := make(chan error, 1)
	go func() { ended <- run(ctx, told) }()
	t.Cleanup(func() {
		stop()
		require.NoError(t, <-ended)
	})
	line := make([]byte, 200)
	n, err := out.Read(line)
	require.NoError(t, err)
	url, found := strings.CutPrefix(string(line[:n]), "Open ")
	require.True(t, found)
	return strings.TrimSpace(url)
}

var client = &http.Client{
	Transport:     &http.Transport{DisableKeepAlives: true},
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

func do(t *testing.T, method, url string, header ...string) (*http.Response, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, http.NoBody)
	require.NoError(t, err)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	response, err := client.Do(r)
	require.NoError(t, err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return response, string(text)
}

func offline(t *testing.T) {
	t.Helper()
	for _, name := range []string{"NAHOOK_MANAGEMENT_TOKEN", "NAHOOK_WORKSPACE_ID", "NAHOOK_APPLICATION_ID"} {
		t.Setenv(name, "")
	}
}

func TestThePageFramesThePortal(t *testing.T) {
	offline(t)
	url := started(t)
	_, page := do(t, http.MethodGet, url+"/")
	require.Contains(t, page, `<iframe id="portal" title="Manage webhooks" allow="clipboard-write" referrerpolicy="no-referrer">`)
	script, body := do(t, http.MethodGet, url+"/page.js")
	require.Equal(t, "text/javascript; charset=utf-8", script.Header.Get("Content-Type"))
	require.Contains(t, body, "fetch('/portal-session', { method: 'POST' })")

	created, text := do(t, http.MethodPost, url+"/portal-session", "Origin", url)
	require.Equal(t, "no-store", created.Header.Get("Cache-Control"))
	var session struct {
		URL              string
		ExpiresInSeconds int
	}
	require.NoError(t, json.Unmarshal([]byte(text), &session))
	require.InDelta(t, 3600, session.ExpiresInSeconds, 5)
	link, code, found := strings.Cut(session.URL, "#code=")
	require.True(t, found)
	require.NotEmpty(t, code)
	shell, _ := do(t, http.MethodGet, link)
	require.Contains(t, shell.Header.Get("Content-Security-Policy"), "frame-ancestors "+url+";")
	require.Empty(t, shell.Header.Get("X-Frame-Options"))
	evil, _ := do(t, http.MethodPost, url+"/portal-session", "Origin", "https://evil.test")
	require.Equal(t, http.StatusForbidden, evil.StatusCode)
}

func TestAgainstAServiceFromTheEnvironment(t *testing.T) {
	srv := mockserver.Start(t)
	mgmt, err := nahook.NewManagement(srv.ManagementToken(), nahook.WithHTTPClient(srv.HTTPClient()))
	require.NoError(t, err)
	app, err := mgmt.Applications.Create(t.Context(), srv.ID(), nahook.CreateApplicationOptions{Name: "Globex"})
	require.NoError(t, err)
	t.Setenv("NAHOOK_API_URL", srv.URL())
	t.Setenv("NAHOOK_MANAGEMENT_TOKEN", srv.ManagementToken())
	t.Setenv("NAHOOK_WORKSPACE_ID", srv.ID())
	t.Setenv("NAHOOK_APPLICATION_ID", app.ID)
	url := started(t)
	_, text := do(t, http.MethodPost, url+"/portal-session")
	require.Contains(t, text, srv.URL()+"/portal/s/")
	require.NoError(t, mgmt.Applications.Delete(t.Context(), srv.ID(), app.ID))
	gone, _ := do(t, http.MethodPost, url+"/portal-session")
	require.Equal(t, http.StatusBadGateway, gone.StatusCode)
}

func TestHalfAConfigurationIsRefused(t *testing.T) {
	offline(t)
	t.Setenv("NAHOOK_WORKSPACE_ID", "ws_1")
	require.EqualError(t, run(t.Context(), io.Discard),
		"set all of NAHOOK_MANAGEMENT_TOKEN, NAHOOK_WORKSPACE_ID and NAHOOK_APPLICATION_ID, or none to run offline")
}
