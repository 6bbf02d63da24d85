// Command delivery-debug shows why a webhook does not arrive: what was attempted,
// what came back, and when it is tried again. Offline it has a receiver that fails
// three times, and moves the clock of the embedded server from retry to retry.
// With NAHOOK_MANAGEMENT_TOKEN, NAHOOK_WORKSPACE_ID and NAHOOK_DELIVERY_ID it shows
// a delivery of the live service.
package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"log"
	"os"
	"text/tabwriter"
	"time"

	"github.com/nahook/nahook-go"
	"github.com/nahook/nahook-go/mockserver"
)

func main() {
	ctx := context.Background()
	if id := os.Getenv("NAHOOK_DELIVERY_ID"); id != "" {
		if err := live(ctx, os.Stdout, id); err != nil {
			log.Fatal(err)
		}
		return
	}
	srv, err := mockserver.New(mockserver.WithStart(time.Date(2026, 1, 15, 10, 30, 0, 0, time.UTC)))
	if err != nil {
		log.Fatal(err)
	}
	defer srv.Close()
	if err := offline(ctx, os.Stdout, srv); err != nil {
		log.Fatal(err)
	}
}

func live(ctx context.Context, out io.Writer, id string) error {
	mgmt, err := nahook.NewManagement(os.Getenv("NAHOOK_MANAGEMENT_TOKEN"),
		nahook.WithBaseURL(cmp.Or(os.Getenv("NAHOOK_API_URL"), "https://api.nahook.com")))
	if err != nil {
		return err
	}
	defer mgmt.Close()
	_, err = show(ctx, out, mgmt, os.Getenv("NAHOOK_WORKSPACE_ID"), id)
	return err
}

// show prints a delivery and its attempts, and returns the delivery.
func show(ctx context.Context, out io.Writer, mgmt *nahook.Management, workspace, id string) (*nahook.Delivery, error) {
	d, err := mgmt.Deliveries.Get(ctx, workspace, id, nil)
	if err != nil {
		return nil, err
	}
	attempts, err := mgmt.Deliveries.Attempts(ctx, workspace, id)
	if err != nil {
		return nil, err
	}
	fmt.Fprintf(out, "\n%s is %s\n", d.ID, d.Status)
	table := tabwriter.NewWriter(out, 0, 0, 3, ' ', 0)
	fmt.Fprintln(table, "  #\tat\tresult\tstatus\ttook\terror")
	for _, a := range attempts.Data {
		status, took := "–", "–"
		if a.ResponseStatusCode != 0 {
			status, took = fmt.Sprint(a.ResponseStatusCode), a.ResponseTime.String()
		}
		fmt.Fprintf(table, "  %d\t%s\t%s\t%s\t%s\t%s\n", a.Number, a.CreatedAt.Format(time.DateTime), a.Status, status, took, cmp.Or(a.ErrorMessage, "–"))
	}
	if !d.NextRetryAt.IsZero() {
		fmt.Fprintf(table, "  %d\t%s\tscheduled\n", d.TotalAttempts+1, d.NextRetryAt.Format(time.DateTime))
	}
	return d, table.Flush()
}
