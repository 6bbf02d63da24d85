package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/nahook/nahook-go"
)

const secret = "whsec_dGVzdF93ZWJob29rX3NpZ25pbmdfa2V5XzMyYnl0ZXMh"

func TestOffline(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	require.NoError(t, offline(t.Context(), &out))
	text := regexp.MustCompile(`msg_\w+|127\.0\.0\.1:\d+`).ReplaceAllString(out.String(), "…")
	require.Equal(t, `▸ A receiver that knows the endpoint's secret
   received …: {"order_id":"ord_123"}
   attempt 1 at http://…: success, 204

▸ A receiver with the secret of another endpoint
   attempt 1 at http://…: failed, 401
`, text)
}

func TestListensUntilItIsInterrupted(t *testing.T) {
	t.Setenv("NAHOOK_LISTEN", "127.0.0.1:0")

	ctx, interrupt := context.WithCancel(t.Context())
	out, told := io.Pipe()
	ended := make(chan error, 1)
	go func() { ended <- errors.Join(listen(ctx, told, secret), told.Close()) }()
	line := make([]byte, 100)
	n, err := out.Read(line)
	require.NoError(t, err)
	url, announced := strings.CutPrefix(strings.TrimSpace(string(line[:n])), "Webhooks are taken at ")
	require.True(t, announced)
	received := make(chan string, 1)
	go func() {
		rest, _ := io.ReadAll(out)
		received <- string(rest)
	}()

	const body = `{"a":1}`
	header, err := nahook.Sign(secret, "msg_1", time.Now(), []byte(body))
	require.NoError(t, err)
	for status, header := range map[int]http.Header{204: header, 401: {}} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(body))
		require.NoError(t, err)
		r.Header = header
		r.Close = true
		response, err := new(http.Client).Do(r)
		require.NoError(t, err)
		require.NoError(t, response.Body.Close())
		require.Equal(t, status, response.StatusCode)
	}
	interrupt()
	require.NoError(t, <-ended)
	require.Equal(t, "   received msg_1: {\"a\":1}\n", <-received)
}

func TestABadSecretIsRefusedAtOnce(t *testing.T) {
	t.Parallel()
	require.ErrorIs(t, listen(t.Context(), io.Discard, "whsec_!"), nahook.ErrInvalidArgument)
}
