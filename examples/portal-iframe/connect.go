package main

import (
	"cmp"
	"context"
	"errors"
	"os"
	"slices"

	"github.com/nahook/nahook-go"
	"github.com/nahook/nahook-go/mockserver"
)

// saas is the part of a SaaS that knows which customer is signed in.
type saas struct {
	mgmt                   *nahook.Management
	workspace, application string
}

// connect reaches the live service when the environment names an application, and
// the embedded server with one customer otherwise, whose portal pages of origin may
// frame.
func connect(ctx context.Context, origin string) (saas, func(), error) {
	token, workspace, application := os.Getenv("NAHOOK_MANAGEMENT_TOKEN"), os.Getenv("NAHOOK_WORKSPACE_ID"), os.Getenv("NAHOOK_APPLICATION_ID")
	given := []string{token, workspace, application}
	if cmp.Or(given...) != "" {
		if slices.Contains(given, "") {
			return saas{}, nil, errors.New("set all of NAHOOK_MANAGEMENT_TOKEN, NAHOOK_WORKSPACE_ID and NAHOOK_APPLICATION_ID, or none to run offline")
		}
		mgmt, err := nahook.NewManagement(token, nahook.WithBaseURL(cmp.Or(os.Getenv("NAHOOK_API_URL"), "https://api.nahook.com")))
		return saas{mgmt, workspace, application}, func() { mgmt.Close() }, err
	}
	srv, err := mockserver.New(mockserver.WithRealClock(), mockserver.WithFramingOrigins(origin))
	if err != nil {
		return saas{}, nil, err
	}
	// The link leads to where the client found the server, so it has to be a socket.
	mgmt, err := nahook.NewManagement(srv.ManagementToken(), nahook.WithBaseURL(srv.URL()))
	if err != nil {
		return saas{}, nil, err
	}
	app, err := mgmt.Applications.Create(ctx, srv.ID(), nahook.CreateApplicationOptions{Name: "Acme Corp", MaxEndpoints: nahook.Ptr(3)})
	if err != nil {
		return saas{}, nil, err
	}
	for _, name := range []string{"order.created", "order.paid", "invoice.sent"} {
		if _, err := mgmt.EventTypes.Create(ctx, srv.ID(), nahook.CreateEventTypeOptions{Name: name}); err != nil {
			return saas{}, nil, err
		}
	}
	return saas{mgmt, srv.ID(), app.ID}, func() { mgmt.Close(); srv.Close() }, nil
}
