package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/nahook/nahook-go"
	"github.com/nahook/nahook-go/mockserver"
)

// shop is who sends: an event type of its own, and an endpoint subscribed to it.
type shop struct {
	out         io.Writer
	mgmt        *nahook.Management
	client      *nahook.Client
	workspace   string
	endpoint    string
	eventType   string
	eventTypeID string
	stop        func() error
}

// access is how to reach a workspace, and where its webhooks go.
type access struct {
	token, workspace, apiKey, receiver string
	options                            []nahook.Option
	stop                               func() error
}

// connect reaches the live service when the environment says so, and the embedded
// server otherwise.
func connect(out io.Writer) (access, error) {
	a := access{
		token: os.Getenv("NAHOOK_MANAGEMENT_TOKEN"), workspace: os.Getenv("NAHOOK_WORKSPACE_ID"),
		apiKey: os.Getenv("NAHOOK_API_KEY"), receiver: os.Getenv("NAHOOK_ENDPOINT_URL"), stop: func() error { return nil },
	}
	given := []string{a.token, a.workspace, a.apiKey, a.receiver}
	switch {
	case !slices.Contains(given, ""):
		if url := os.Getenv("NAHOOK_API_URL"); url != "" {
			a.options = []nahook.Option{nahook.WithBaseURL(url)}
		}
		fmt.Fprintln(out, "Against", cmp.Or(os.Getenv("NAHOOK_API_URL"), "the live service"))
		return a, nil
	case cmp.Or(given...) != "":
		return a, errors.New("set all of NAHOOK_MANAGEMENT_TOKEN, NAHOOK_WORKSPACE_ID, NAHOOK_API_KEY and NAHOOK_ENDPOINT_URL, or none to run offline")
	}
	srv, err := mockserver.New()
	if err != nil {
		return a, err
	}
	fmt.Fprintln(out, "Offline, against the embedded server")
	return access{
		token: srv.ManagementToken(), workspace: srv.ID(), apiKey: srv.APIKey(), receiver: srv.Receiver().URL(),
		options: []nahook.Option{nahook.WithHTTPClient(srv.HTTPClient())}, stop: srv.Close,
	}, nil
}

// open sets the shop up.
func open(ctx context.Context, out io.Writer) (*shop, error) {
	a, err := connect(out)
	if err != nil {
		return nil, err
	}
	s := &shop{out: out, workspace: a.workspace, eventType: "example.order.created", stop: a.stop}
	if s.mgmt, err = nahook.NewManagement(a.token, a.options...); err != nil {
		return nil, err
	}
	if s.client, err = nahook.NewClient(a.apiKey, a.options...); err != nil {
		return nil, err
	}
	if err := s.subscribe(ctx, a.receiver); err != nil {
		s.close(context.WithoutCancel(ctx))
		return nil, err
	}
	return s, nil
}

func (s *shop) subscribe(ctx context.Context, receiver string) error {
	eventType, err := s.mgmt.EventTypes.Create(ctx, s.workspace, nahook.CreateEventTypeOptions{Name: s.eventType})
	if err != nil {
		return err
	}
	s.eventTypeID = eventType.ID
	endpoint, err := s.mgmt.Endpoints.Create(ctx, s.workspace, nahook.CreateEndpointOptions{URL: receiver})
	if err != nil {
		return err
	}
	s.endpoint = endpoint.ID
	_, err = s.mgmt.Subscriptions.Create(ctx, s.workspace, endpoint.ID, nahook.CreateSubscriptionOptions{EventTypeIDs: []string{eventType.ID}})
	return err
}

// list shows what became of all that was sent.
func (s *shop) list(ctx context.Context) error {
	fmt.Fprintln(s.out, "\n▸ Deliveries, newest first")
	for d, err := range s.mgmt.Deliveries.All(ctx, s.workspace, s.endpoint, nil) {
		if err != nil {
			return err
		}
		fmt.Fprintf(s.out, "   %s  %-9s  attempts=%d\n", d.ID, d.Status, d.TotalAttempts)
	}
	return nil
}

// close leaves a live workspace as it was.
func (s *shop) close(ctx context.Context) {
	if s.endpoint != "" {
		if err := s.mgmt.Endpoints.Delete(ctx, s.workspace, s.endpoint); err != nil {
			fmt.Fprintln(s.out, "left behind:", err)
		}
	}
	if s.eventTypeID != "" {
		if err := s.mgmt.EventTypes.Delete(ctx, s.workspace, s.eventTypeID); err != nil {
			fmt.Fprintln(s.out, "left behind:", err)
		}
	}
	if err := errors.Join(s.client.Close(), s.mgmt.Close(), s.stop()); err != nil {
		fmt.Fprintln(s.out, err)
	}
}
