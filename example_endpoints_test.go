package nahook_test

import (
	"errors"
	"fmt"
	"log/slog"

	"github.com/nahook/nahook-go"
)

func ExampleEndpoints_List() {
	ctx, srv, mgmt, _ := sandbox()
	defer srv.Close()

	result, err := mgmt.Endpoints.List(ctx, "ws_abc")
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, endpoint := range result.Data {
		fmt.Println(endpoint.ID, endpoint.Type, endpoint.URL)
	}
	// Output: ep_123 webhook https://acme.com/webhooks
}

// A list logs as its length.
func ExampleList() {
	ctx, srv, mgmt, _ := sandbox()
	defer srv.Close()

	result, err := mgmt.Endpoints.List(ctx, "ws_abc")
	if err != nil {
		fmt.Println(err)
		return
	}
	logger(slog.LevelInfo).Info("all endpoints", "list", result)
	// Output: {"level":"INFO","msg":"all endpoints","list":{"count":1}}
}

// The answer holds the secret that deliveries are signed with. It does not get
// into a log by accident: its value is string(endpoint.Secret).
func ExampleEndpoints_Create() {
	ctx, srv, mgmt, _ := sandbox()
	defer srv.Close()

	endpoint, err := mgmt.Endpoints.Create(ctx, "ws_abc", nahook.CreateEndpointOptions{
		URL:           "https://warehouse.example/hooks",
		Description:   "Every order, for the warehouse",
		AuthUsername:  "nahook",
		AuthPassword:  "hunter2",
		EnvironmentID: "env_staging",
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(endpoint.URL, endpoint.HasAuth, endpoint.Secret, len(string(endpoint.Secret)) > 0)
	// Output: https://warehouse.example/hooks true [redacted] true
}

// Deliveries to Slack are messages in a channel. Whoever has its webhook URL can
// write there, so it is printed without.
func ExampleEndpointConfig() {
	ctx, srv, mgmt, _ := sandbox()
	defer srv.Close()

	endpoint, err := mgmt.Endpoints.Create(ctx, "ws_abc", nahook.CreateEndpointOptions{
		Type:   nahook.EndpointTypeSlack,
		Config: &nahook.EndpointConfig{WebhookURL: "https://hooks.slack.com/services/T000/B000/XXXX"},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(endpoint.Type, endpoint.Config)
	// Output: slack {[redacted]}
}

// Get has the secret, which a list does not.
func ExampleEndpoints_Get() {
	ctx, srv, mgmt, _ := sandbox()
	defer srv.Close()

	endpoint, err := mgmt.Endpoints.Get(ctx, "ws_abc", "ep_123")
	if err != nil {
		fmt.Println(err)
		return
	}
	verifier, err := nahook.NewVerifier(string(endpoint.Secret))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(endpoint.URL, verifier)
	// Output: https://acme.com/webhooks nahook.Verifier{secrets: 1}
}

// A disabled endpoint gets nothing, and still counts towards its limits.
func ExampleEndpoints_Update() {
	ctx, srv, mgmt, client := sandbox()
	defer srv.Close()

	endpoint, err := mgmt.Endpoints.Update(ctx, "ws_abc", "ep_123", nahook.UpdateEndpointOptions{IsActive: nahook.Ptr(false)})
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = client.Send(ctx, "ep_123", nahook.SendOptions{Payload: map[string]string{"order_id": "ord_123"}})
	fmt.Println(endpoint.IsActive, errors.Is(err, nahook.ErrConflict))
	// Output: false true
}

// Passwords and secrets stay out of what is printed and logged.
func ExampleCreateEndpointOptions() {
	options := nahook.CreateEndpointOptions{URL: "https://acme.com/webhooks", AuthUsername: "nahook", AuthPassword: "hunter2"}
	fmt.Printf("%+v\n", options)
	// Output: {URL:https://acme.com/webhooks Type: Description: AuthUsername:nahook AuthPassword:[redacted] Metadata:map[] Config:<nil> EnvironmentID:}
}

func ExampleUpdateEndpointOptions() {
	change := nahook.UpdateEndpointOptions{AuthUsername: nahook.Ptr("nahook"), AuthPassword: nahook.Ptr("hunter2")}
	logger(slog.LevelInfo).Info("changing", "options", change)
	// Output: {"level":"INFO","msg":"changing","options":{"authUsername":"nahook","authPassword":"[redacted]"}}
}

func ExampleEndpoint() {
	endpoint := nahook.Endpoint{ID: "ep_123", Secret: "whsec_c2VjcmV0", Config: nahook.EndpointConfig{WebhookURL: "https://hooks.slack.com/services/T000"}}
	fmt.Println(endpoint.ID, endpoint.Secret, endpoint.Config)
	// Output: ep_123 [redacted] {[redacted]}
}

func ExampleSecret() {
	secret := nahook.Secret("whsec_c2VjcmV0")
	fmt.Printf("%v %q %s\n", secret, secret, string(secret))
	// Output: [redacted] [redacted] whsec_c2VjcmV0
}

func ExampleEndpoints_Delete() {
	ctx, srv, mgmt, _ := sandbox()
	defer srv.Close()

	if err := mgmt.Endpoints.Delete(ctx, "ws_abc", "ep_123"); err != nil {
		fmt.Println(err)
		return
	}
	err := mgmt.Endpoints.Delete(ctx, "ws_abc", "ep_123")
	fmt.Println(errors.Is(err, nahook.ErrNotFound))
	// Output: true
}
