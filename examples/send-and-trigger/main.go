// Command send-and-trigger sends to one endpoint, triggers an event for all that
// are subscribed, and sends a batch, of which one item fails. It runs offline
// against the embedded server, or against the live service when
// NAHOOK_MANAGEMENT_TOKEN, NAHOOK_WORKSPACE_ID, NAHOOK_API_KEY and
// NAHOOK_ENDPOINT_URL, where you receive webhooks, are set.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"

	"github.com/nahook/nahook-go"
)

type order struct {
	ID     string  `json:"order_id"`
	Amount float64 `json:"amount"`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Stdout); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, out io.Writer) error {
	shop, err := open(ctx, out)
	if err != nil {
		return err
	}
	defer shop.close(context.WithoutCancel(ctx))

	fmt.Fprintln(out, "\n▸ Send: one endpoint. The same key twice is one delivery")
	for range 2 {
		sent, err := shop.client.Send(ctx, shop.endpoint, nahook.SendOptions{
			Payload: order{"ord_1", 49.99}, IdempotencyKey: shop.endpoint + "/ord_1",
		})
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "   %s  %s\n", sent.DeliveryID, sent.Status)
	}

	fmt.Fprintln(out, "\n▸ Trigger: every endpoint that is subscribed to", shop.eventType)
	triggered, err := shop.client.Trigger(ctx, shop.eventType, nahook.TriggerOptions{Payload: order{"ord_2", 12.5}})
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "   %v  %s\n", triggered.DeliveryIDs, triggered.Status)

	fmt.Fprintln(out, "\n▸ Batch: any number of items. One that fails fails alone")
	batch, err := shop.client.SendBatch(ctx, []nahook.SendItem{
		{EndpointID: shop.endpoint, Payload: order{"ord_3", 7}},
		{EndpointID: "ep_nobody", Payload: order{"ord_4", 8}},
		{EndpointID: shop.endpoint, Payload: order{"ord_5", 9}},
	})
	if err != nil {
		return err
	}
	for i, item := range batch.Items {
		switch {
		case item.Err == nil:
			fmt.Fprintf(out, "   %d: %s\n", i, item.Result.DeliveryID)
		case errors.Is(item.Err, nahook.ErrNotFound):
			fmt.Fprintf(out, "   %d: no such endpoint\n", i)
		default:
			return item.Err
		}
	}
	return shop.list(ctx)
}
