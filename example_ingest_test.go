package nahook_test

import (
	"errors"
	"fmt"
	"log/slog"

	"github.com/nahook/nahook-go"
)

// With a key of your own, a Send that a crash leaves open can be repeated: what
// was sent under the key is not sent again.
func ExampleClient_Send() {
	ctx, srv, _, client := sandbox()
	defer srv.Close()
	order := nahook.SendOptions{Payload: map[string]any{"order_id": "ord_123", "amount": 49.99}, IdempotencyKey: "ord_123"}

	first, err := client.Send(ctx, "ep_123", order)
	if err != nil {
		fmt.Println(err)
		return
	}
	second, err := client.Send(ctx, "ep_123", order)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(first.Status, first.DeliveryID == second.DeliveryID)
	// Output: accepted true
}

// Without a key each Send makes one, which its attempts share.
func ExampleClient_Send_withoutKey() {
	ctx, srv, _, client := sandbox()
	defer srv.Close()

	sent, err := client.Send(ctx, "ep_123", nahook.SendOptions{Payload: map[string]string{"order_id": "ord_123"}})
	switch {
	case errors.Is(err, nahook.ErrNotFound):
		fmt.Println("the endpoint is gone")
	case err != nil:
		fmt.Println(err)
		return
	default:
		fmt.Println(sent.Status, sent.IdempotencyKey != "")
	}
	// Output: accepted true
}

// An event goes to every endpoint that is subscribed to it, which may be none.
func ExampleClient_Trigger() {
	ctx, srv, _, client := sandbox()
	defer srv.Close()

	for _, eventType := range []string{"order.created", "order.paid", "order.lost"} {
		event, err := client.Trigger(ctx, eventType, nahook.TriggerOptions{Payload: map[string]string{"order_id": "ord_123"}})
		switch {
		case errors.Is(err, nahook.ErrNotFound):
			fmt.Println(eventType, "is not in the catalog")
		case err != nil:
			fmt.Println(err)
			return
		default:
			fmt.Println(eventType, "goes to", len(event.DeliveryIDs), "endpoints")
		}
	}
	// Output:
	// order.created goes to 1 endpoints
	// order.paid goes to 0 endpoints
	// order.lost is not in the catalog
}

func ExampleClient_TriggerBatch() {
	ctx, srv, _, client := sandbox()
	defer srv.Close()

	result, err := client.TriggerBatch(ctx, []nahook.TriggerItem{
		{EventType: "order.created", Payload: map[string]string{"order_id": "ord_1"}},
		{EventType: "order.lost", Payload: map[string]string{"order_id": "ord_2"}},
	})
	if err != nil { // nothing was sent
		fmt.Println(err)
		return
	}
	for _, item := range result.Items {
		if item.Err != nil {
			fmt.Println("failed:", errors.Is(item.Err, nahook.ErrNotFound))
			continue
		}
		fmt.Println("accepted:", len(item.Result.DeliveryIDs), "delivery")
	}
	// Output:
	// accepted: 1 delivery
	// failed: true
}

// Err is for those who do not look at each item: nil if all is well.
func ExampleBatchResult_Err() {
	ctx, srv, _, client := sandbox()
	defer srv.Close()

	result, err := client.SendBatch(ctx, []nahook.SendItem{
		{EndpointID: "ep_123", Payload: map[string]string{"order_id": "ord_1"}},
		{EndpointID: "ep_gone", Payload: map[string]string{"order_id": "ord_2"}},
	})
	if err := errors.Join(err, result.Err()); err != nil {
		fmt.Println(errors.Is(err, nahook.ErrNotFound))
	}
	// Output: true
}

// What failed can be sent again under the keys it had, without sending twice
// what had arrived after all.
func ExampleBatchItem() {
	ctx, srv, _, client := sandbox()
	defer srv.Close()
	items := []nahook.SendItem{
		{EndpointID: "ep_123", Payload: map[string]string{"order_id": "ord_1"}},
		{EndpointID: "ep_gone", Payload: map[string]string{"order_id": "ord_2"}},
	}

	result, err := client.SendBatch(ctx, items)
	if err != nil {
		fmt.Println(err)
		return
	}
	var again []nahook.SendItem
	for i, item := range result.Items {
		if item.Err != nil {
			items[i].IdempotencyKey = item.IdempotencyKey
			again = append(again, items[i])
		}
	}
	fmt.Println(len(again), again[0].EndpointID, again[0].IdempotencyKey != "")
	// Output: 1 ep_gone true
}

// A log gets the numbers, and the first errors.
func ExampleBatchResult() {
	ctx, srv, _, client := sandbox()
	defer srv.Close()

	result, err := client.SendBatch(ctx, []nahook.SendItem{
		{EndpointID: "ep_123", Payload: map[string]string{"order_id": "ord_1"}},
		{EndpointID: "ep_123", Payload: map[string]string{"order_id": "ord_2"}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	logger(slog.LevelInfo).Info("sent", "batch", result)
	// Output: {"level":"INFO","msg":"sent","batch":{"results":2,"errors":0}}
}
