package nahook_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/nahook/nahook-go"
)

func Example() {
	// The transport stands in for the service, so that this runs anywhere.
	service := roundTrip(reply(http.StatusForbidden, envelope("application_endpoint_limit_reached", "Application endpoint limit reached")))
	mgmt, err := nahook.NewManagement("nhm_example", nahook.WithHTTPClient(&http.Client{Transport: service}))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer mgmt.Close()

	_, err = mgmt.Applications.CreateEndpoint(context.Background(), "ws_abc", "app_123", nahook.CreateEndpointOptions{
		URL: "https://acme.com/webhooks",
	})
	fmt.Println(errors.Is(err, nahook.ErrApplicationEndpointLimitReached), errors.Is(err, nahook.ErrForbidden))
	fmt.Println(err)
	// Output:
	// true true
	// nahook: POST /workspaces/ws_abc/applications/app_123/endpoints: 403 application_endpoint_limit_reached: Application endpoint limit reached (request req_1)
}

func ExampleApplications_All() {
	service := &listing{ids: []string{"app_3", "app_2", "app_1"}}
	mgmt, err := nahook.NewManagement("nhm_example", nahook.WithHTTPClient(&http.Client{Transport: service}))
	if err != nil {
		fmt.Println(err)
		return
	}
	for app, err := range mgmt.Applications.All(context.Background(), "ws_abc", nil) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(app.ID)
	}
	// Output:
	// app_3
	// app_2
	// app_1
}

func ExampleClient_SendBatch() {
	service := roundTrip(reply(http.StatusMultiStatus, `{"items": [
		{"index": 0, "deliveryId": "del_1", "idempotencyKey": "order-1", "status": "accepted"},
		{"index": 1, "error": {"code": "not_found", "message": "Endpoint not found"}}
	]}`))
	client, err := nahook.NewClient("nhk_us_example", nahook.WithHTTPClient(&http.Client{Transport: service}))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer client.Close()

	result, err := client.SendBatch(context.Background(), []nahook.SendItem{
		{EndpointID: "ep_123", Payload: map[string]string{"order": "1"}, IdempotencyKey: "order-1"},
		{EndpointID: "ep_gone", Payload: map[string]string{"order": "2"}, IdempotencyKey: "order-2"},
	})
	if err != nil { // nothing was sent
		fmt.Println(err)
		return
	}
	for _, item := range result.Items {
		if item.Err == nil {
			fmt.Println(item.Result.DeliveryID)
		}
	}
	fmt.Println(errors.Is(result.Err(), nahook.ErrNotFound))
	fmt.Println(result.Err())
	// Output:
	// del_1
	// true
	// nahook: item 1 (ep_gone): POST /batch: 404 not_found: Endpoint not found (request req_1)
}

func ExampleNewManagement_token() {
	mgmt, _ := nahook.NewManagement("nhm_s3cr3t")
	fmt.Printf("%+v\n", mgmt)

	_, err := nahook.NewManagement("nhk_us_s3cr3t")
	fmt.Println(errors.Is(err, nahook.ErrInvalidArgument))
	fmt.Println(err)
	// Output:
	// nahook.Management{https://api.nahook.com/management/v1 [redacted]}
	// true
	// nahook: invalid argument: the token does not start with "nhm_": is it of another kind, or not set?
}
