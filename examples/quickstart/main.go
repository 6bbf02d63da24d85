// Command quickstart provisions a customer, runs into their endpoint cap, lifts
// it, and sends them to the Developer Portal. It runs offline against the
// embedded server, or against the live service when NAHOOK_MANAGEMENT_TOKEN and
// NAHOOK_WORKSPACE_ID are set.
package main

import (
	"context"
	"errors"
	"log"
	"os"
	"os/signal"

	"github.com/nahook/nahook-go"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	s, err := connect(os.Stdout)
	if err != nil {
		log.Fatal(err)
	}
	defer s.disconnect()
	if err := s.run(ctx); err != nil {
		log.Fatal(err)
	}
}

func (s story) run(ctx context.Context) (err error) {
	s.step("A free-tier customer: at most 3 endpoints, event catalog hidden")
	app, err := s.mgmt.Applications.Create(ctx, s.workspace, nahook.CreateApplicationOptions{
		Name: "Acme Corp", Metadata: map[string]string{"plan": "free"},
		MaxEndpoints: nahook.Ptr(3), ShowEventTypes: nahook.Ptr(false),
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.offboard(context.WithoutCancel(ctx), app.ID)) }()
	s.print("%s  %s  maxEndpoints=%d  showEventTypes=%t", app.ID, app.Name, *app.MaxEndpoints, app.ShowEventTypes)

	s.step("Endpoints, until the cap says no")
	for number := 1; number <= 4 && err == nil; number++ {
		err = s.addEndpoint(ctx, app.ID, number)
	}
	var refusal *nahook.APIError
	if !errors.Is(err, nahook.ErrApplicationEndpointLimitReached) || !errors.As(err, &refusal) {
		return errors.Join(errors.New("the fourth endpoint should be over the cap"), err)
	}
	s.print("refused: %v", err)
	s.print("code:    %s", refusal.Code)

	s.step("An upgrade: no cap (an explicit null), catalog shown")
	upgraded, err := s.mgmt.Applications.Update(ctx, s.workspace, app.ID, nahook.UpdateApplicationOptions{
		MaxEndpoints: nahook.Null[int](), ShowEventTypes: nahook.Ptr(true),
	})
	if err != nil {
		return err
	}
	s.print("%s  unlimited=%t  showEventTypes=%t", upgraded.ID, upgraded.MaxEndpoints == nil, upgraded.ShowEventTypes)
	if err := s.addEndpoint(ctx, app.ID, 4); err != nil {
		return err
	}

	s.step("A portal session: the link to redirect the customer to")
	session, err := s.mgmt.PortalSessions.Create(ctx, s.workspace, app.ID, &nahook.CreatePortalSessionOptions{Role: nahook.RoleAdmin})
	if err != nil {
		return err
	}
	s.print("%s", session.URL)
	s.print("for %s, until %s; its code works once, within 5 minutes", app.Name, session.ExpiresAt.Format("15:04:05 MST"))
	return s.listNewest(ctx)
}
