package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// S38: the control API is on loopback, on a listener of its own. For another address
// a flag has to be given.
func TestS38TheControlAPIListensOnLoopback(t *testing.T) {
	t.Parallel()
	for _, addr := range []string{":0", "0.0.0.0:0", "[::]:0", "192.0.2.1:4000"} {
		var stdout, stderr bytes.Buffer
		require.Equal(t, 2, run(t.Context(), []string{"serve", "--addr", "127.0.0.1:0", "--control", addr}, &stdout, &stderr))
		require.Equal(t, "nahook-mock: --control: "+addr+" is not on loopback; --control-insecure lets other machines reach it\n", stderr.String())
		require.Empty(t, stdout.String())
	}
	for _, args := range []string{"--control 127.0.0.1:0", "--control localhost:0", "--control 0.0.0.0:0 --control-insecure"} {
		ready := filepath.Join(t.TempDir(), "ready.json")
		url, stop := running(t, io.Discard, append(strings.Fields(args), "--ready-file", ready, "--clock", "manual")...)
		data, err := os.ReadFile(ready)
		require.NoError(t, err)
		var controlled struct{ ControlURL, ControlToken string }
		require.NoError(t, json.Unmarshal(data, &controlled))
		require.Regexp(t, `^http://127\.0\.0\.1:\d+/__mock/v1$`, controlled.ControlURL)

		status, body := call(t, http.MethodPost, controlled.ControlURL+"/advance", controlled.ControlToken, `{"by":"1h"}`)
		require.Equal(t, 200, status, body)
		status, _ = call(t, http.MethodPost, controlled.ControlURL+"/advance", "nhm_test", `{"by":"1h"}`)
		require.Equal(t, 401, status)
		status, _ = call(t, http.MethodPost, url+"/__mock/v1/advance", controlled.ControlToken, `{"by":"1h"}`)
		require.Equal(t, 404, status, "the API's listener does not have it")
		status, _ = call(t, http.MethodGet, strings.TrimSuffix(controlled.ControlURL, "/__mock/v1")+"/management/v1/workspaces/ws_test/applications", controlled.ControlToken, "")
		require.Equal(t, 404, status, "and has nothing else")
		require.Equal(t, 0, stop())
	}
}

// The token is shown where nothing else tells it.
func TestTheControlTokenIsShownWhereItHasToBe(t *testing.T) {
	t.Parallel()
	shown := regexp.MustCompile(`(?m)^  control API (http://127\.0\.0\.1:\d+/__mock/v1)(?:   control token (nhx_[A-Z2-7]{26}))?$`)
	stdout := announced(t)
	require.NotContains(t, stdout, "control")
	found := shown.FindStringSubmatch(announced(t, "--control", "127.0.0.1:0"))
	require.NotNil(t, found)
	require.NotEmpty(t, found[2])
	found = shown.FindStringSubmatch(announced(t, "--control", "127.0.0.1:0", "--ready-file", filepath.Join(t.TempDir(), "r.json")))
	require.NotNil(t, found)
	require.Empty(t, found[2])
}

func TestTheControlTokenOfTheEnvironment(t *testing.T) {
	t.Setenv(controlTokenVariable, "chosen")
	stdout := announced(t, "--control", "127.0.0.1:0")
	require.Contains(t, stdout, "  control API http://127.0.0.1:")
	require.NotContains(t, stdout, "chosen")
	t.Setenv(controlTokenVariable, "a,b")
	var stderr bytes.Buffer
	require.Equal(t, 2, run(t.Context(), []string{"serve", "--addr", "127.0.0.1:0", "--control", "127.0.0.1:0"}, io.Discard, &stderr))
	require.Equal(t, "nahook-mock: NAHOOK_MOCK_CONTROL_TOKEN: a token must not contain white space, commas or control characters\n", stderr.String())
}

// announced is what serve prints when it listens.
func announced(t *testing.T, args ...string) string {
	t.Helper()
	stdout, stop := start(t, io.Discard, args...)
	stdout.url(t)
	require.Equal(t, 0, stop())
	return stdout.String()
}
