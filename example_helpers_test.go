package nahook_test

import (
	"context"
	"log/slog"
	"os"

	"github.com/nahook/nahook-go"
	"github.com/nahook/nahook-go/mockserver"
)

// sandboxFixtures is one customer with one endpoint, which takes everything.
const sandboxFixtures = `{"workspaces": [{
	"id": "ws_abc",
	"managementTokens": [{"token": "nhm_example"}],
	"apiKeys": [{"key": "nhk_us_example"}],
	"environments": [
		{"id": "env_production", "name": "Production", "slug": "production"},
		{"id": "env_staging", "name": "Staging", "slug": "staging"}
	],
	"eventTypes": [
		{"id": "evt_created", "name": "order.created", "description": "An order was placed"},
		{"id": "evt_paid", "name": "order.paid"}
	],
	"applications": [{"id": "app_123", "name": "Acme Corp", "externalId": "cust_123", "metadata": {"plan": "enterprise"}, "maxEndpoints": 2}],
	"endpoints": [{
		"id": "ep_123", "applicationId": "app_123", "url": "https://acme.com/webhooks",
		"secret": "` + hookSecret + `", "subscriptions": ["order.created"]
	}]
}]}`

// sandbox is a server in memory with the workspace of sandboxFixtures, in which
// ids and times are the same in every run, and a client of each kind for it. An
// example closes the server; the clients have no connections of their own.
func sandbox(opts ...mockserver.Option) (context.Context, *mockserver.Server, *nahook.Management, *nahook.Client) {
	fixtures := must(mockserver.ParseFixtures([]byte(sandboxFixtures)))
	srv := must(mockserver.New(append([]mockserver.Option{
		mockserver.WithFixtures(fixtures), mockserver.WithSeed(1), mockserver.WithStart(startOfTime), mockserver.WithAcceptedHosts("acme.com"),
	}, opts...)...))
	reach := nahook.WithHTTPClient(srv.HTTPClient())
	return context.Background(), srv, must(nahook.NewManagement("nhm_example", reach)), must(nahook.NewClient("nhk_us_example", reach))
}

// must is for set-up, which an example has no room for.
func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// logger writes what it gets from a level on to the output of an example, without
// what differs from run to run.
func logger(level slog.Level) *slog.Logger {
	return slog.New(slog.NewJSONHandler(os.Stdout, &slog.HandlerOptions{Level: level, ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey || a.Key == "duration" || a.Key == "request_id" {
			return slog.Attr{}
		}
		return a
	}}))
}
