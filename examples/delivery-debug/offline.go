package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/nahook/nahook-go"
	"github.com/nahook/nahook-go/mockserver"
)

// offline sends to a receiver that fails in three ways, and makes the retries
// happen.
func offline(ctx context.Context, out io.Writer, srv *mockserver.Server) error {
	inMemory := nahook.WithHTTPClient(srv.HTTPClient())
	mgmt, err := nahook.NewManagement(srv.ManagementToken(), inMemory)
	if err != nil {
		return err
	}
	client, err := nahook.NewClient(srv.APIKey(), inMemory)
	if err != nil {
		return err
	}
	receiver := srv.Receiver(
		mockserver.Reply{Status: http.StatusServiceUnavailable, Delay: 88 * time.Millisecond, Header: http.Header{"Retry-After": {"60"}}},
		mockserver.Reply{Hang: true},
		mockserver.Reply{Reset: true},
		mockserver.Reply{Status: http.StatusNoContent, Delay: 12 * time.Millisecond},
	)
	endpoint, err := mgmt.Endpoints.Create(ctx, srv.ID(), nahook.CreateEndpointOptions{URL: receiver.URL()})
	if err != nil {
		return err
	}
	sent, err := client.Send(ctx, endpoint.ID, nahook.SendOptions{Payload: map[string]any{"order_id": "ord_123"}})
	if err != nil {
		return err
	}
	d, err := show(ctx, out, mgmt, srv.ID(), sent.DeliveryID)
	for err == nil && !d.NextRetryAt.IsZero() {
		wait := d.NextRetryAt.Sub(srv.Now())
		fmt.Fprintf(out, "\n▸ srv.Advance(%s)\n", wait)
		srv.Advance(wait)
		d, err = show(ctx, out, mgmt, srv.ID(), sent.DeliveryID)
	}
	return err
}
