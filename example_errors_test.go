package nahook_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/nahook/nahook-go"
	"github.com/nahook/nahook-go/mockserver"
)

// Sentinels tell what happened; the error itself has what is worth showing.
func ExampleAPIError() {
	ctx, srv, mgmt, _ := sandbox()
	defer srv.Close()

	_, err := mgmt.Applications.Get(ctx, "ws_abc", "app_gone")
	var refused *nahook.APIError
	if errors.As(err, &refused) {
		fmt.Println(refused.StatusCode, refused.Code, refused.Op, refused.RequestID != "")
	}
	fmt.Println(errors.Is(err, nahook.ErrNotFound), errors.Is(err, nahook.ErrConflict))
	// Output:
	// 404 not_found GET /workspaces/ws_abc/applications/app_gone true
	// true false
}

// A server that asks for a longer wait than RetryPolicy allows is not asked
// again: its answer comes at once, and tells for how long.
func ExampleAPIError_rateLimited() {
	ctx, srv, mgmt, _ := sandbox(mockserver.WithRateLimit(1, time.Minute))
	defer srv.Close()

	for range 2 {
		_, err := mgmt.Applications.Get(ctx, "ws_abc", "app_123")
		var refused *nahook.APIError
		if errors.Is(err, nahook.ErrRateLimited) && errors.As(err, &refused) {
			fmt.Println("again in", refused.RetryAfter)
		}
	}
	// Output: again in 1m0s
}

// Sent is false if the request certainly did not reach the server.
func ExampleTransportError() {
	unreachable := &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) {
		return nil, errors.New("connection refused")
	}}
	mgmt, err := nahook.NewManagement("nhm_example", nahook.WithHTTPClient(&http.Client{Transport: unreachable}))
	if err != nil {
		fmt.Println(err)
		return
	}
	create := nahook.CreateApplicationOptions{Name: "Acme Corp"}
	_, err = mgmt.Applications.Create(context.Background(), "ws_abc", create, nahook.WithoutRetry())
	var failed *nahook.TransportError
	if errors.As(err, &failed) {
		fmt.Println(failed.Sent, failed.Attempts)
	}
	fmt.Println(err)
	// Output:
	// false 1
	// nahook: POST /workspaces/ws_abc/applications: connection refused (nothing was sent)
}

// Whenever the caller's context ended a call, the error says so.
func ExampleTransportError_cancelled() {
	ctx, srv, mgmt, _ := sandbox()
	defer srv.Close()
	ctx, cancel := context.WithCancel(ctx)
	cancel()

	_, err := mgmt.Applications.List(ctx, "ws_abc", nil)
	fmt.Println(errors.Is(err, context.Canceled), errors.Is(err, nahook.ErrCallTimeout))
	// Output: true false
}

// What can only be a mistake is refused before anything is sent, such as an id
// that would address something else.
func Example_invalidArgument() {
	ctx, srv, mgmt, _ := sandbox()
	defer srv.Close()

	err := mgmt.Subscriptions.Delete(ctx, "ws_abc", "ep_123", "..")
	fmt.Println(errors.Is(err, nahook.ErrInvalidArgument))
	fmt.Println(err)
	// Output:
	// true
	// nahook: invalid argument: subscriptions.delete: the eventType id is "..", which addresses something else
}
