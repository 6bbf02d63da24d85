package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/nahook/nahook-go"
	"github.com/nahook/nahook-go/mockserver"
)

// connect reaches the live service when the environment names a workspace, and
// the embedded server otherwise.
func connect(out io.Writer) (mgmt *nahook.Management, workspace string, disconnect func(), err error) {
	token, workspace := os.Getenv("NAHOOK_MANAGEMENT_TOKEN"), os.Getenv("NAHOOK_WORKSPACE_ID")
	if token != "" && workspace != "" {
		url := cmp.Or(os.Getenv("NAHOOK_API_URL"), "https://api.nahook.com")
		fmt.Fprintf(out, "Nahook quickstart, against %s\n", url)
		mgmt, err = nahook.NewManagement(token, nahook.WithBaseURL(url))
		return mgmt, workspace, func() { mgmt.Close() }, err
	}
	srv, err := mockserver.New()
	if err != nil {
		return nil, "", nil, err
	}
	fmt.Fprintf(out, "Nahook quickstart, offline: a real client and a real server at %s\n", srv.URL())
	mgmt, err = nahook.NewManagement(srv.ManagementToken(), nahook.WithBaseURL(srv.URL()))
	return mgmt, srv.ID(), func() { mgmt.Close(); srv.Close() }, err
}

func step(out io.Writer, title string) { fmt.Fprintf(out, "\n▸ %s\n", title) }

func addEndpoint(ctx context.Context, out io.Writer, mgmt *nahook.Management, workspace, app string, number int) error {
	endpoint, err := mgmt.Applications.CreateEndpoint(ctx, workspace, app, nahook.CreateEndpointOptions{
		URL: fmt.Sprintf("https://acme.example/webhooks/%d", number),
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "   created: %s  %s\n", endpoint.ID, endpoint.URL)
	return nil
}

// listNewest stops the iterator early: no page is fetched that nobody reads.
func listNewest(ctx context.Context, out io.Writer, mgmt *nahook.Management, workspace string) error {
	step(out, "The newest customers, with their endpoints")
	seen := 0
	for app, err := range mgmt.Applications.All(ctx, workspace, nil) {
		if err != nil {
			return err
		}
		endpoints, err := mgmt.Applications.ListEndpoints(ctx, workspace, app.ID)
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "   %s  %s  endpoints=%d\n", app.ID, app.Name, len(endpoints.Data))
		if seen++; seen == 5 {
			break
		}
	}
	return nil
}

// remove offboards the customer and shows that nothing is left of them. It runs
// also after a step has failed, so that a live workspace is left as it was.
func remove(ctx context.Context, out io.Writer, mgmt *nahook.Management, workspace, app string) error {
	step(out, "Offboarding: one call removes the customer and all that was theirs")
	endpoints, err := mgmt.Applications.ListEndpoints(ctx, workspace, app)
	if err != nil {
		return err
	}
	if err := mgmt.Applications.Delete(ctx, workspace, app); err != nil {
		return err
	}
	if _, err := mgmt.Applications.Get(ctx, workspace, app); !errors.Is(err, nahook.ErrNotFound) {
		return fmt.Errorf("%s should be gone: %w", app, err)
	}
	fmt.Fprintf(out, "   gone:    %s\n", app)
	for _, e := range endpoints.Data {
		if _, err := mgmt.Endpoints.Get(ctx, workspace, e.ID); !errors.Is(err, nahook.ErrNotFound) {
			return fmt.Errorf("%s should be gone: %w", e.ID, err)
		}
		fmt.Fprintf(out, "   gone:    %s  %s\n", e.ID, e.URL)
	}
	return nil
}
