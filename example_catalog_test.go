package nahook_test

import (
	"errors"
	"fmt"

	"github.com/nahook/nahook-go"
)

func ExampleEventTypes_List() {
	ctx, srv, mgmt, _ := sandbox()
	defer srv.Close()

	result, err := mgmt.EventTypes.List(ctx, "ws_abc")
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, eventType := range result.Data {
		fmt.Printf("%s %q\n", eventType.Name, eventType.Description)
	}
	// Output:
	// order.paid ""
	// order.created "An order was placed"
}

// A catalog that is set up at each start goes on where the name is there already.
func ExampleEventTypes_Create() {
	ctx, srv, mgmt, _ := sandbox()
	defer srv.Close()

	for _, name := range []string{"order.created", "order.cancelled"} {
		_, err := mgmt.EventTypes.Create(ctx, "ws_abc", nahook.CreateEventTypeOptions{Name: name})
		switch {
		case errors.Is(err, nahook.ErrConflict):
			fmt.Println(name, "is there already")
		case err != nil:
			fmt.Println(err)
			return
		default:
			fmt.Println(name, "is new")
		}
	}
	// Output:
	// order.created is there already
	// order.cancelled is new
}

func ExampleEventTypes_Get() {
	ctx, srv, mgmt, _ := sandbox()
	defer srv.Close()

	eventType, err := mgmt.EventTypes.Get(ctx, "ws_abc", "evt_created")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(eventType.Name, eventType.CreatedAt)
	// Output: order.created 2026-01-15 10:30:00 +0000 UTC
}

// An empty description clears it; the name never changes.
func ExampleEventTypes_Update() {
	ctx, srv, mgmt, _ := sandbox()
	defer srv.Close()

	eventType, err := mgmt.EventTypes.Update(ctx, "ws_abc", "evt_created", nahook.UpdateEventTypeOptions{Description: nahook.Ptr("")})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%s %q\n", eventType.Name, eventType.Description)
	// Output: order.created ""
}

// The subscriptions to it go too.
func ExampleEventTypes_Delete() {
	ctx, srv, mgmt, _ := sandbox()
	defer srv.Close()

	if err := mgmt.EventTypes.Delete(ctx, "ws_abc", "evt_created"); err != nil {
		fmt.Println(err)
		return
	}
	subscriptions, err := mgmt.Subscriptions.List(ctx, "ws_abc", "ep_123")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(len(subscriptions.Data))
	// Output: 0
}

func ExampleSubscriptions_List() {
	ctx, srv, mgmt, _ := sandbox()
	defer srv.Close()

	result, err := mgmt.Subscriptions.List(ctx, "ws_abc", "ep_123")
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, subscription := range result.Data {
		fmt.Println(subscription.EventTypeID, subscription.EventTypeName)
	}
	// Output: evt_created order.created
}

// What the endpoint is subscribed to already is no error, and not counted.
func ExampleSubscriptions_Create() {
	ctx, srv, mgmt, _ := sandbox()
	defer srv.Close()

	result, err := mgmt.Subscriptions.Create(ctx, "ws_abc", "ep_123", nahook.CreateSubscriptionOptions{
		EventTypeIDs: []string{"evt_created", "evt_paid"},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(result.Subscribed, "new")
	// Output: 1 new
}

// It goes by the id of the event type, not by that of the subscription.
func ExampleSubscriptions_Delete() {
	ctx, srv, mgmt, client := sandbox()
	defer srv.Close()

	if err := mgmt.Subscriptions.Delete(ctx, "ws_abc", "ep_123", "evt_created"); err != nil {
		fmt.Println(err)
		return
	}
	event, err := client.Trigger(ctx, "order.created", nahook.TriggerOptions{Payload: map[string]string{"order_id": "ord_123"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(len(event.DeliveryIDs), "deliveries")
	// Output: 0 deliveries
}
