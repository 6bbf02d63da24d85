package nahook_test

import (
	"context"
	"fmt"

	"github.com/nahook/nahook-go"
)

// An observer follows a call as a whole, here to count its attempts.
func ExampleWithObserver() {
	ctx, srv, _, _ := sandbox()
	defer srv.Close()

	observe := func(ctx context.Context, call nahook.Call) (context.Context, nahook.Observer) {
		attempts := 0
		return ctx, nahook.Observer{
			Attempt: func(nahook.CallAttempt) { attempts++ },
			End:     func(err error) { fmt.Println(call.Operation, attempts, err) },
		}
	}
	mgmt, err := nahook.NewManagement("nhm_example", nahook.WithHTTPClient(srv.HTTPClient()), nahook.WithObserver(observe))
	if err != nil {
		fmt.Println(err)
		return
	}
	if _, err := mgmt.Applications.Get(ctx, "ws_abc", "app_123"); err != nil {
		fmt.Println(err)
		return
	}
	// Output: applications.get 1 <nil>
}

// What every client of a program has in common is said once.
func ExampleOptions() {
	_, srv, _, _ := sandbox()
	defer srv.Close()

	common := nahook.Options(nahook.WithHTTPClient(srv.HTTPClient()), nahook.WithUserAgent("acme-billing/2.1"))
	mgmt, err := nahook.NewManagement("nhm_example", common)
	if err != nil {
		fmt.Println(err)
		return
	}
	client, err := nahook.NewClient("nhk_us_example", common)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(mgmt, client)
	// Output: nahook.Management{https://api.nahook.com/management/v1 [redacted]} nahook.Client{https://us.api.nahook.com/api/ingest [redacted]}
}
