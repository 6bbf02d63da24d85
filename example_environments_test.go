package nahook_test

import (
	"errors"
	"fmt"

	"github.com/nahook/nahook-go"
)

func ExampleEnvironments_List() {
	ctx, srv, mgmt, _ := sandbox()
	defer srv.Close()

	result, err := mgmt.Environments.List(ctx, "ws_abc")
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, environment := range result.Data {
		fmt.Println(environment.Slug, environment.IsDefault)
	}
	// Output:
	// production true
	// staging false
}

func ExampleEnvironments_Create() {
	ctx, srv, mgmt, _ := sandbox()
	defer srv.Close()

	environment, err := mgmt.Environments.Create(ctx, "ws_abc", nahook.CreateEnvironmentOptions{Name: "Load tests", Slug: "load-tests"})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(environment.Slug, environment.IsDefault)
	// Output: load-tests false
}

func ExampleEnvironments_Get() {
	ctx, srv, mgmt, _ := sandbox()
	defer srv.Close()

	environment, err := mgmt.Environments.Get(ctx, "ws_abc", "env_staging")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(environment.Name, environment.Slug)
	// Output: Staging staging
}

// The name changes, and the slug never does.
func ExampleEnvironments_Update() {
	ctx, srv, mgmt, _ := sandbox()
	defer srv.Close()

	environment, err := mgmt.Environments.Update(ctx, "ws_abc", "env_staging", nahook.UpdateEnvironmentOptions{Name: nahook.Ptr("Preview")})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(environment.Name, environment.Slug)
	// Output: Preview staging
}

// The default environment stays.
func ExampleEnvironments_Delete() {
	ctx, srv, mgmt, _ := sandbox()
	defer srv.Close()

	for _, id := range []string{"env_staging", "env_production"} {
		err := mgmt.Environments.Delete(ctx, "ws_abc", id)
		fmt.Println(id, err == nil, errors.Is(err, nahook.ErrConflict))
	}
	// Output:
	// env_staging true false
	// env_production false true
}

func ExampleEnvironments_ListEventTypeVisibility() {
	ctx, srv, mgmt, _ := sandbox()
	defer srv.Close()

	for _, id := range []string{"env_production", "env_staging"} {
		result, err := mgmt.Environments.ListEventTypeVisibility(ctx, "ws_abc", id)
		if err != nil {
			fmt.Println(err)
			return
		}
		for _, visibility := range result.Data {
			fmt.Println(id, visibility.EventTypeName, visibility.Published)
		}
	}
	// Output:
	// env_production order.paid true
	// env_production order.created true
	// env_staging order.paid false
	// env_staging order.created false
}

// What is published in an environment can be chosen in the Developer Portal.
func ExampleEnvironments_SetEventTypeVisibility() {
	ctx, srv, mgmt, _ := sandbox()
	defer srv.Close()

	visibility, err := mgmt.Environments.SetEventTypeVisibility(ctx, "ws_abc", "env_staging", "evt_paid", nahook.SetEventTypeVisibilityOptions{
		Published: true,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(visibility.EventTypeName, visibility.Published)
	// Output: order.paid true
}
