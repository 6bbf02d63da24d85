package nahook_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/nahook/nahook-go"
	"github.com/nahook/nahook-go/mockserver"
)

func ExampleDeliveries_List() {
	ctx, srv, mgmt, client := sandbox()
	defer srv.Close()
	for _, key := range []string{"ord_1", "ord_2", "ord_3"} {
		if _, err := client.Send(ctx, "ep_123", nahook.SendOptions{Payload: map[string]string{"order_id": key}, IdempotencyKey: key}); err != nil {
			fmt.Println(err)
			return
		}
	}

	options := &nahook.ListDeliveriesOptions{Limit: 2, Status: nahook.DeliveryStatusDelivered}
	for more := true; more; more = options.Cursor != "" {
		page, err := mgmt.Deliveries.List(ctx, "ws_abc", "ep_123", options)
		if err != nil {
			fmt.Println(err)
			return
		}
		for _, delivery := range page.Data {
			fmt.Println(delivery.IdempotencyKey, delivery.Status)
		}
		fmt.Println("end of page")
		options.Cursor = page.NextCursor
	}
	// Output:
	// ord_3 delivered
	// ord_2 delivered
	// end of page
	// ord_1 delivered
	// end of page
}

// The loop asks for one page after the other.
func ExampleDeliveries_All() {
	ctx, srv, mgmt, client := sandbox()
	defer srv.Close()
	for _, key := range []string{"ord_1", "ord_2", "ord_3"} {
		if _, err := client.Send(ctx, "ep_123", nahook.SendOptions{Payload: map[string]string{"order_id": key}, IdempotencyKey: key}); err != nil {
			fmt.Println(err)
			return
		}
	}

	for delivery, err := range mgmt.Deliveries.All(ctx, "ws_abc", "ep_123", &nahook.ListDeliveriesOptions{Limit: 2}) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(delivery.IdempotencyKey, delivery.Status)
	}
	// Output:
	// ord_3 delivered
	// ord_2 delivered
	// ord_1 delivered
}

// A cursor is good for the listing it comes from: the same endpoint and status.
func ExampleDeliveries_List_invalidCursor() {
	ctx, srv, mgmt, _ := sandbox()
	defer srv.Close()

	_, err := mgmt.Deliveries.List(ctx, "ws_abc", "ep_123", &nahook.ListDeliveriesOptions{Cursor: "of-another-listing"})
	if errors.Is(err, nahook.ErrInvalidCursor) {
		fmt.Println("start again from the first page")
	}
	// Output: start again from the first page
}

func ExampleDeliveries_Get() {
	ctx, srv, mgmt, client := sandbox()
	defer srv.Close()
	sent, err := client.Send(ctx, "ep_123", nahook.SendOptions{Payload: map[string]string{"order_id": "ord_123"}})
	if err != nil {
		fmt.Println(err)
		return
	}

	delivery, err := mgmt.Deliveries.Get(ctx, "ws_abc", sent.DeliveryID, &nahook.GetDeliveryOptions{IncludePayload: true})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(delivery.Status, delivery.DeliveredAt)
	if delivery.Payload.Status == nahook.PayloadStatusAvailable {
		fmt.Println(string(delivery.Payload.Data))
	}
	// Output:
	// delivered 2026-01-15 10:30:00 +0000 UTC
	// {"order_id":"ord_123"}
}

// The receiver is down at first, and takes the webhook five seconds later.
func ExampleDeliveries_Attempts() {
	ctx, srv, mgmt, client := sandbox()
	defer srv.Close()
	receiver := srv.Receiver(mockserver.Reply{Status: http.StatusServiceUnavailable}, mockserver.Reply{Delay: 40 * time.Millisecond})
	endpoint, err := mgmt.Endpoints.Create(ctx, "ws_abc", nahook.CreateEndpointOptions{URL: receiver.URL()})
	if err != nil {
		fmt.Println(err)
		return
	}
	sent, err := client.Send(ctx, endpoint.ID, nahook.SendOptions{Payload: map[string]string{"order_id": "ord_123"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	srv.Advance(5 * time.Second)

	attempts, err := mgmt.Deliveries.Attempts(ctx, "ws_abc", sent.DeliveryID)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, attempt := range attempts.Data {
		fmt.Println(attempt.Number, attempt.CreatedAt.Format(time.TimeOnly), attempt.Status, attempt.ResponseStatusCode, attempt.ResponseTime)
	}
	// Output:
	// 1 10:30:00 failed 503 0s
	// 2 10:30:05 success 200 40ms
}

// As JSON, an attempt is what the API writes.
func ExampleAttempt() {
	stored, err := json.Marshal(nahook.Attempt{
		ID: "att_1", Number: 1, Status: nahook.AttemptStatusSuccess, ResponseStatusCode: 200, ResponseTime: 40 * time.Millisecond, CreatedAt: startOfTime,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(string(stored))
	// Output: {"id":"att_1","attemptNumber":1,"status":"success","createdAt":"2026-01-15T10:30:00Z","responseStatusCode":200,"responseTimeMs":40,"errorMessage":null}
}
