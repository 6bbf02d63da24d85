package mockserver_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/nahook/nahook-go/mockserver"
)

// S37: whatever any family is asked, the log names operations and shows nothing that
// opens something, nor what is delivered.
func TestTheLogOfEveryFamilyHoldsNoSecrets(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	handler := slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})
	srv, err := mockserver.New(options(t, tenants, []mockserver.Option{mockserver.WithLogger(slog.New(handler))})...)
	require.NoError(t, err)
	a := over(t, srv)

	secrets := []string{"whsec_", "Authorization", "Bearer", password}
	for _, f := range families {
		for _, op := range f.operations {
			for _, token := range append(f.tokens, "nhm_unknown", "nhs_expired") {
				a.as(token).do(op.method, f.prefix+op.path, op.body)
				secrets = append(secrets, token)
			}
		}
	}
	r := srv.Receiver(mockserver.Reply{Status: 500}, mockserver.Reply{Reset: true})
	id := a.post(inA+"/endpoints", fmt.Sprintf(`{"url":%q,"authUsername":"u","authPassword":%q,"description":"line\nlevel=ERROR"}`, r.URL()+"?key=in-the-url", password)).text("id")
	sent := a.as("nhk_us_a").post(ingest+"/"+id, `{"payload":{"card":"4111-1111"},"idempotencyKey":"key-of-the-client"}`)
	srv.Drain()
	cursor := "sealed-and-stale"
	a.get(inA + "/endpoints/" + id + "/deliveries?cursor=" + cursor)
	srv.RotateSecret(id, 0)
	app := a.as("nhm_a").post(inA+"/applications", `{"name":"Of the portal"}`).text("id")
	code := a.as("nhm_a").post(inA+"/applications/"+app+"/portal", `{"role":"admin"}`).text("code")
	p := a.as(a.exchange(code).text("token"))
	p.get(portal + "/endpoints?token=" + p.token)
	p.post(portal+"/endpoints", `{"url":"https://in-the-url.test/?key=in-the-url"}`)
	p.visit("/portal/s/ps_1?code=" + code)
	a.exchange(code)
	secrets = append(secrets, code, p.token)
	grant := a.post(grantStart, "")
	srv.ApproveDeviceGrant(grant.text("user_code"))
	cli := a.post(grantPoll, `{"device_code":"`+grant.text("device_code")+`","machine_name":"laptop"}`)
	for _, problem := range srv.Problems() {
		require.NotContains(t, problem.String(), password)
	}
	require.NoError(t, srv.Close())

	text := log.String()
	for _, secret := range append(secrets, "4111-1111", "key-of-the-client", cursor, "in-the-url", "\nlevel=ERROR",
		grant.text("device_code"), grant.text("user_code"), cli.text("access_token")) {
		require.NotContains(t, text, secret)
	}
	for _, operation := range []string{"ingest.send", "ingest.triggerBatch", "dashboard.deliveries.retry", "dashboard.endpoints.test", "auditLogs.list",
		"deliveries.attempts", "portal.session.exchange", "portal.endpoints.create", "portal.page", "cli.deviceGrant.start", "cli.deviceGrant.poll", "cli.tokens.delete"} {
		require.Contains(t, text, "operation="+operation+" ")
	}
	require.NotEmpty(t, sent.text("deliveryId"))
}
