package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"

	"github.com/nahook/nahook-go"
	"github.com/nahook/nahook-go/mockserver"
)

// sender is the embedded server with a client of each kind.
type sender struct {
	srv    *mockserver.Server
	mgmt   *nahook.Management
	client *nahook.Client
}

// offline delivers to two receivers over real sockets.
func offline(ctx context.Context, out io.Writer) error {
	srv, err := mockserver.New()
	if err != nil {
		return err
	}
	defer srv.Close()
	inMemory := nahook.WithHTTPClient(srv.HTTPClient())
	s := sender{srv: srv}
	if s.mgmt, err = nahook.NewManagement(srv.ManagementToken(), inMemory); err != nil {
		return err
	}
	if s.client, err = nahook.NewClient(srv.APIKey(), inMemory); err != nil {
		return err
	}
	fmt.Fprintln(out, "▸ A receiver that knows the endpoint's secret")
	if err := s.deliver(ctx, out, func(secret string) string { return secret }); err != nil {
		return err
	}
	fmt.Fprintln(out, "\n▸ A receiver with the secret of another endpoint")
	return s.deliver(ctx, out, func(string) string { return "whsec_YW5vdGhlcl93ZWJob29rX3NpZ25pbmdfa2V5XzMy" })
}

// deliver sends one webhook to a receiver with the secret that choose gives, and
// says how it ended.
func (s sender) deliver(ctx context.Context, out io.Writer, choose func(secret string) string) error {
	var handler http.Handler // known once there is an endpoint, and with it a secret
	socket := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { handler.ServeHTTP(w, r) }))
	defer socket.Close()
	endpoint, err := s.mgmt.Endpoints.Create(ctx, s.srv.ID(), nahook.CreateEndpointOptions{URL: socket.URL})
	if err != nil {
		return err
	}
	if handler, err = receiver(out, choose(string(endpoint.Secret))); err != nil {
		return err
	}
	sent, err := s.client.Send(ctx, endpoint.ID, nahook.SendOptions{Payload: map[string]any{"order_id": "ord_123"}})
	if err != nil {
		return err
	}
	attempts, err := s.mgmt.Deliveries.Attempts(ctx, s.srv.ID(), sent.DeliveryID)
	if err != nil {
		return err
	}
	for _, a := range attempts.Data {
		fmt.Fprintf(out, "   attempt %d at %s: %s, %d\n", a.Number, endpoint.URL, a.Status, a.ResponseStatusCode)
	}
	return nil
}
