package nahook_test

import (
	"errors"
	"fmt"

	"github.com/nahook/nahook-go"
)

func ExampleApplications_List() {
	ctx, srv, mgmt, _ := sandbox()
	defer srv.Close()

	result, err := mgmt.Applications.List(ctx, "ws_abc", &nahook.ListApplicationsOptions{Limit: 20})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, app := range result.Data {
		fmt.Println(app.ID, app.Name, app.ExternalID)
	}
	// Output: app_123 Acme Corp cust_123
}

// A customer with up to three endpoints, who does not see the event types.
func ExampleApplications_Create() {
	ctx, srv, mgmt, _ := sandbox()
	defer srv.Close()

	app, err := mgmt.Applications.Create(ctx, "ws_abc", nahook.CreateApplicationOptions{
		Name:           "Globex",
		ExternalID:     "cust_456",
		Metadata:       map[string]string{"plan": "free"},
		MaxEndpoints:   nahook.Ptr(3),
		ShowEventTypes: nahook.Ptr(false),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(app.Name, *app.MaxEndpoints, app.ShowEventTypes, app.CreatedAt)
	// Output: Globex 3 false 2026-01-15 10:30:00 +0000 UTC
}

// A Create that is repeated, by a job that runs twice for instance, shows that
// the customer is there already.
func ExampleApplications_Create_conflict() {
	ctx, srv, mgmt, _ := sandbox()
	defer srv.Close()

	_, err := mgmt.Applications.Create(ctx, "ws_abc", nahook.CreateApplicationOptions{Name: "Acme Corp", ExternalID: "cust_123"})
	if errors.Is(err, nahook.ErrConflict) {
		fmt.Println("cust_123 is there already")
	}
	// Output: cust_123 is there already
}

func ExampleApplications_Get() {
	ctx, srv, mgmt, _ := sandbox()
	defer srv.Close()

	app, err := mgmt.Applications.Get(ctx, "ws_abc", "app_123")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(app.Name, app.Metadata["plan"])
	if app.MaxEndpoints != nil { // nil is no limit
		fmt.Println("up to", *app.MaxEndpoints, "endpoints")
	}
	// Output:
	// Acme Corp enterprise
	// up to 2 endpoints
}

// The name changes, the limit goes, the metadata is cleared, and the rest stays.
func ExampleApplications_Update() {
	ctx, srv, mgmt, _ := sandbox()
	defer srv.Close()

	app, err := mgmt.Applications.Update(ctx, "ws_abc", "app_123", nahook.UpdateApplicationOptions{
		Name:         nahook.Ptr("Acme Corporation"),
		MaxEndpoints: nahook.Null[int](),
		Metadata:     map[string]string{},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(app.Name, app.MaxEndpoints == nil, app.Metadata, app.ExternalID)
	// Output: Acme Corporation true map[] cust_123
}

// Whoever leaves takes their endpoints along.
func ExampleApplications_Delete() {
	ctx, srv, mgmt, _ := sandbox()
	defer srv.Close()

	if err := mgmt.Applications.Delete(ctx, "ws_abc", "app_123"); err != nil {
		fmt.Println(err)
		return
	}
	_, err := mgmt.Applications.Get(ctx, "ws_abc", "app_123")
	fmt.Println(errors.Is(err, nahook.ErrNotFound))
	_, err = mgmt.Endpoints.Get(ctx, "ws_abc", "ep_123")
	fmt.Println(errors.Is(err, nahook.ErrNotFound))
	// Output:
	// true
	// true
}

func ExampleApplications_ListEndpoints() {
	ctx, srv, mgmt, _ := sandbox()
	defer srv.Close()

	result, err := mgmt.Applications.ListEndpoints(ctx, "ws_abc", "app_123")
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, endpoint := range result.Data {
		fmt.Println(endpoint.ID, endpoint.URL, endpoint.IsActive)
	}
	// Output: ep_123 https://acme.com/webhooks true
}

// A customer at their limit is somebody to offer an upgrade to.
func ExampleApplications_CreateEndpoint() {
	ctx, srv, mgmt, _ := sandbox()
	defer srv.Close()

	for _, url := range []string{"https://acme.com/second", "https://acme.com/third"} {
		endpoint, err := mgmt.Applications.CreateEndpoint(ctx, "ws_abc", "app_123", nahook.CreateEndpointOptions{URL: url})
		switch {
		case errors.Is(err, nahook.ErrApplicationEndpointLimitReached):
			fmt.Println("upgrade for more endpoints")
		case err != nil:
			fmt.Println(err)
			return
		default:
			fmt.Println("created", endpoint.URL)
		}
	}
	// Output:
	// created https://acme.com/second
	// upgrade for more endpoints
}

// The limit of a plan is set, removed, or left as it is.
func ExampleNullable() {
	for _, limit := range []nahook.Nullable[int]{nahook.Value(3), nahook.Null[int](), {}} {
		fmt.Println(limit)
	}
	// Output:
	// 3
	// null
	// unset
}

func ExampleNullable_Get() {
	change := nahook.UpdateApplicationOptions{MaxEndpoints: nahook.Value(0)}

	limit, set := change.MaxEndpoints.Get()
	fmt.Println(limit, set)
	// Output: 0 true
}

func ExampleNullable_IsZero() {
	var change nahook.UpdateApplicationOptions
	fmt.Println(change.MaxEndpoints.IsZero())
	change.MaxEndpoints = nahook.Null[int]()
	fmt.Println(change.MaxEndpoints.IsZero())
	// Output:
	// true
	// false
}

func ExampleValue() {
	ctx, srv, mgmt, _ := sandbox()
	defer srv.Close()

	app, err := mgmt.Applications.Update(ctx, "ws_abc", "app_123", nahook.UpdateApplicationOptions{MaxEndpoints: nahook.Value(10)})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(*app.MaxEndpoints)
	// Output: 10
}

func ExampleNull() {
	ctx, srv, mgmt, _ := sandbox()
	defer srv.Close()

	app, err := mgmt.Applications.Update(ctx, "ws_abc", "app_123", nahook.UpdateApplicationOptions{MaxEndpoints: nahook.Null[int]()})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(app.MaxEndpoints)
	// Output: <nil>
}

// An update changes what points to something, be it a zero value.
func ExamplePtr() {
	ctx, srv, mgmt, _ := sandbox()
	defer srv.Close()

	app, err := mgmt.Applications.Update(ctx, "ws_abc", "app_123", nahook.UpdateApplicationOptions{
		Name:           nahook.Ptr("Acme Inc."),
		ShowEventTypes: nahook.Ptr(false),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(app.Name, app.ShowEventTypes)
	// Output: Acme Inc. false
}
