// Command quickstart provisions a customer, runs into their endpoint cap, lifts
// it, and sends them to the Developer Portal. It runs offline against the
// embedded server, or against the live service when NAHOOK_MANAGEMENT_TOKEN and
// NAHOOK_WORKSPACE_ID are set.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"os"

	"github.com/nahook/nahook-go"
)

func main() {
	mgmt, workspace, disconnect, err := connect(os.Stdout)
	if err != nil {
		log.Fatal(err)
	}
	defer disconnect()
	if err := run(context.Background(), os.Stdout, mgmt, workspace); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, out io.Writer, mgmt *nahook.Management, workspace string) (err error) {
	step(out, "A free-tier customer: at most 3 endpoints, event catalog hidden")
	app, err := mgmt.Applications.Create(ctx, workspace, nahook.CreateApplicationOptions{
		Name: "Acme Corp", Metadata: map[string]string{"plan": "free"},
		MaxEndpoints: nahook.Ptr(3), ShowEventTypes: nahook.Ptr(false),
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, remove(ctx, out, mgmt, workspace, app.ID)) }()
	fmt.Fprintf(out, "   %s  %s  maxEndpoints=%d  showEventTypes=%t\n", app.ID, app.Name, *app.MaxEndpoints, app.ShowEventTypes)

	step(out, "Endpoints, until the cap says no")
	for number := 1; number <= 4 && err == nil; number++ {
		err = addEndpoint(ctx, out, mgmt, workspace, app.ID, number)
	}
	var refusal *nahook.APIError
	if !errors.Is(err, nahook.ErrApplicationEndpointLimitReached) || !errors.As(err, &refusal) {
		return errors.Join(errors.New("the fourth endpoint should be over the cap"), err)
	}
	fmt.Fprintf(out, "   refused: %v\n   code:    %s\n", err, refusal.Code)

	step(out, "An upgrade: no cap (an explicit null), catalog shown")
	app, err = mgmt.Applications.Update(ctx, workspace, app.ID, nahook.UpdateApplicationOptions{
		MaxEndpoints: nahook.Null[int](), ShowEventTypes: nahook.Ptr(true),
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "   %s  unlimited=%t  showEventTypes=%t\n", app.ID, app.MaxEndpoints == nil, app.ShowEventTypes)
	if err := addEndpoint(ctx, out, mgmt, workspace, app.ID, 4); err != nil {
		return err
	}
	step(out, "A portal session: the link to redirect the customer to")
	session, err := mgmt.PortalSessions.Create(ctx, workspace, app.ID, &nahook.CreatePortalSessionOptions{Role: nahook.RoleAdmin})
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "   %s\n   for %s, until %s; its code works once, within 5 minutes\n", session.URL, app.Name, session.ExpiresAt.Format("15:04:05 MST"))
	return listNewest(ctx, out, mgmt, workspace)
}
