package main

import (
	"context"
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
	url, _, _ = strings.Cut(url, " ")
	return url
}

var client = &http.Client{
	Transport:     &http.Transport{DisableKeepAlives: true},
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

func do(t *testing.T, method, url, body string, header ...string) (*http.Response, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
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

func TestTheButtonLeadsIntoThePortal(t *testing.T) {
	offline(t)
	url := started(t)
	_, page := do(t, http.MethodGet, url+"/", "")
	require.Contains(t, page, `<form method="post" action="/webhooks">`)
	var codes []string
	for range 2 { // a session for each click
		redirect, _ := do(t, http.MethodPost, url+"/webhooks", "", "Origin", url)
		require.Equal(t, http.StatusSeeOther, redirect.StatusCode)
		require.Equal(t, "no-store", redirect.Header.Get("Cache-Control"))
		link, code, found := strings.Cut(redirect.Header.Get("Location"), "#code=")
		require.True(t, found)
		codes = append(codes, code)
		shell, _ := do(t, http.MethodGet, link, "")
		require.Equal(t, http.StatusOK, shell.StatusCode)
		origin, _, _ := strings.Cut(link, "/portal/")
		session, body := do(t, http.MethodPost, origin+"/portal/v1/session/exchange", `{"code":"`+code+`"}`, "Content-Type", "application/json")
		require.Equal(t, http.StatusOK, session.StatusCode, body)
		require.Contains(t, body, `"role":"editor"`)
		require.Contains(t, body, `"name":"Acme Corp"`)
	}
	require.NotEqual(t, codes[0], codes[1])
	evil, _ := do(t, http.MethodPost, url+"/webhooks", "", "Origin", "https://evil.test")
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
	redirect, _ := do(t, http.MethodPost, url+"/webhooks", "")
	require.Contains(t, redirect.Header.Get("Location"), srv.URL()+"/portal/s/")
	srv.SetPlan(mockserver.PlanHobby)
	refused, text := do(t, http.MethodPost, url+"/webhooks", "")
	require.Equal(t, http.StatusForbidden, refused.StatusCode)
	require.Contains(t, text, "not part of this plan")
	srv.SetPlan(mockserver.PlanPro)
	require.NoError(t, mgmt.Applications.Delete(t.Context(), srv.ID(), app.ID))
	gone, _ := do(t, http.MethodPost, url+"/webhooks", "")
	require.Equal(t, http.StatusBadGateway, gone.StatusCode)
}

func TestHalfAConfigurationIsRefused(t *testing.T) {
	offline(t)
	t.Setenv("NAHOOK_WORKSPACE_ID", "ws_1")
	require.EqualError(t, run(t.Context(), io.Discard),
		"set all of NAHOOK_MANAGEMENT_TOKEN, NAHOOK_WORKSPACE_ID and NAHOOK_APPLICATION_ID, or none to run offline")
}
