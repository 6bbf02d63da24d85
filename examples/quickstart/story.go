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

// story is what the steps share.
type story struct {
	out        io.Writer
	mgmt       *nahook.Management
	workspace  string
	disconnect func()
}

// connect reaches the live service when the environment names a workspace, and
// the embedded server otherwise.
func connect(out io.Writer) (story, error) {
	token, workspace := os.Getenv("NAHOOK_MANAGEMENT_TOKEN"), os.Getenv("NAHOOK_WORKSPACE_ID")
	if (token == "") != (workspace == "") {
		return story{}, errors.New("set both NAHOOK_MANAGEMENT_TOKEN and NAHOOK_WORKSPACE_ID, or neither to run offline")
	}
	if token != "" {
		url := cmp.Or(os.Getenv("NAHOOK_API_URL"), "https://api.nahook.com")
		fmt.Fprintf(out, "Nahook quickstart, against %s\n", url)
		mgmt, err := nahook.NewManagement(token, nahook.WithBaseURL(url))
		return story{out, mgmt, workspace, func() { mgmt.Close() }}, err
	}
	srv, err := mockserver.New()
	if err != nil {
		return story{}, err
	}
	fmt.Fprintf(out, "Nahook quickstart, offline: a real client and a real server at %s\n", srv.URL())
	mgmt, err := nahook.NewManagement(srv.ManagementToken(), nahook.WithBaseURL(srv.URL()))
	return story{out, mgmt, srv.ID(), func() { mgmt.Close(); srv.Close() }}, err
}

func (s story) step(title string) { fmt.Fprintf(s.out, "\n▸ %s\n", title) }

func (s story) print(format string, args ...any) { fmt.Fprintf(s.out, "   "+format+"\n", args...) }

func (s story) addEndpoint(ctx context.Context, app string, number int) error {
	endpoint, err := s.mgmt.Applications.CreateEndpoint(ctx, s.workspace, app, nahook.CreateEndpointOptions{
		URL: fmt.Sprintf("https://acme.example/webhooks/%d", number),
	})
	if err != nil {
		return err
	}
	s.print("created: %s  %s", endpoint.ID, endpoint.URL)
	return nil
}

// listNewest stops the iterator early: no page is fetched that nobody reads.
func (s story) listNewest(ctx context.Context) error {
	s.step("The newest customers, with their endpoints")
	seen := 0
	for app, err := range s.mgmt.Applications.All(ctx, s.workspace, nil) {
		if err != nil {
			return err
		}
		endpoints, err := s.mgmt.Applications.ListEndpoints(ctx, s.workspace, app.ID)
		if err != nil {
			return err
		}
		s.print("%s  %s  endpoints=%d", app.ID, app.Name, len(endpoints.Data))
		if seen++; seen == 5 {
			break
		}
	}
	return nil
}

// offboard deletes the customer and shows that nothing is left of them. It runs
// also after a step has failed: a live workspace is left as it was.
func (s story) offboard(ctx context.Context, app string) error {
	s.step("Offboarding: one call removes the customer and all that was theirs")
	endpoints, listErr := s.mgmt.Applications.ListEndpoints(ctx, s.workspace, app)
	if err := errors.Join(s.mgmt.Applications.Delete(ctx, s.workspace, app), listErr); err != nil {
		return err
	}
	if _, err := s.mgmt.Applications.Get(ctx, s.workspace, app); !errors.Is(err, nahook.ErrNotFound) {
		return errors.Join(errors.New(app+" should be gone"), err)
	}
	s.print("gone:    %s", app)
	for _, e := range endpoints.Data {
		if _, err := s.mgmt.Endpoints.Get(ctx, s.workspace, e.ID); !errors.Is(err, nahook.ErrNotFound) {
			return errors.Join(errors.New(e.ID+" should be gone"), err)
		}
		s.print("gone:    %s  %s", e.ID, e.URL)
	}
	return nil
}
