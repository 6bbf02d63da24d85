package nahook_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/nahook/nahook-go"
	"github.com/nahook/nahook-go/mockserver"
)

// It does no I/O: whether the server knows the token shows with the first call.
func ExampleNewManagement() {
	ctx, srv, _, _ := sandbox()
	defer srv.Close()

	mgmt, err := nahook.NewManagement("nhm_unknown", nahook.WithHTTPClient(srv.HTTPClient()))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer mgmt.Close()
	_, err = mgmt.Applications.List(ctx, "ws_abc", nil)
	fmt.Println(errors.Is(err, nahook.ErrUnauthorized))
	// Output: true
}

// The API key names the region that the client talks to.
func ExampleNewClient() {
	client, err := nahook.NewClient("nhk_us_example")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer client.Close()
	fmt.Println(client)
	// Output: nahook.Client{https://us.api.nahook.com/api/ingest [redacted]}
}

// A client is made once, kept, and closed where the program ends.
func ExampleManagement_Close() {
	mgmt, err := nahook.NewManagement("nhm_example")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(mgmt.Close())
	// Output: <nil>
}

func ExampleClient_Close() {
	client, err := nahook.NewClient("nhk_us_example")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(client.Close())
	// Output: <nil>
}

// A server of one's own, such as a test's behind a socket or a proxy.
func ExampleWithBaseURL() {
	ctx, srv, _, _ := sandbox()
	defer srv.Close()

	mgmt, err := nahook.NewManagement("nhm_example", nahook.WithBaseURL(srv.URL()))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer mgmt.Close()
	app, err := mgmt.Applications.Get(ctx, "ws_abc", "app_123")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(app.Name)
	// Output: Acme Corp
}

// The client of a test's server reaches it without a socket.
func ExampleWithHTTPClient() {
	srv, err := mockserver.New()
	if err != nil {
		fmt.Println(err)
		return
	}
	defer srv.Close()

	mgmt, err := nahook.NewManagement(srv.ManagementToken(), nahook.WithHTTPClient(srv.HTTPClient()))
	if err != nil {
		fmt.Println(err)
		return
	}
	apps, err := mgmt.Applications.List(context.Background(), srv.ID(), nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(len(apps.Data), "applications")
	// Output: 0 applications
}

// The whole call ends with its limit, whatever its attempts may still wait for.
func ExampleWithTimeout() {
	silent := &http.Client{Transport: roundTrip(hanging)} // a server that never answers
	mgmt, err := nahook.NewManagement("nhm_example", nahook.WithHTTPClient(silent), nahook.WithTimeout(time.Millisecond))
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = mgmt.Applications.Get(context.Background(), "ws_abc", "app_123")
	fmt.Println(errors.Is(err, nahook.ErrCallTimeout), errors.Is(err, context.DeadlineExceeded))
	// Output: true false
}

// An attempt that takes too long is repeated where that is harmless.
func ExampleWithAttemptTimeout() {
	silent := &http.Client{Transport: roundTrip(hanging)} // a server that never answers
	mgmt, err := nahook.NewManagement("nhm_example", nahook.WithHTTPClient(silent),
		nahook.WithAttemptTimeout(time.Millisecond), nahook.WithRetry(nahook.RetryPolicy{MaxWait: time.Millisecond}))
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = mgmt.Applications.Get(context.Background(), "ws_abc", "app_123")
	fmt.Println(errors.Is(err, nahook.ErrAttemptTimeout))
	fmt.Println(err)
	// Output:
	// true
	// nahook: GET /workspaces/ws_abc/applications/app_123: attempt timed out after 1ms (3 attempts)
}

// A GET is repeated while the server is unavailable.
func ExampleWithRetry() {
	ctx, srv, _, _ := sandbox()
	defer srv.Close()

	mgmt, err := nahook.NewManagement("nhm_example", nahook.WithHTTPClient(srv.HTTPClient()), nahook.WithMiddleware(failTwice),
		nahook.WithRetry(nahook.RetryPolicy{MaxAttempts: 5, MinWait: time.Microsecond, MaxWait: time.Millisecond}))
	if err != nil {
		fmt.Println(err)
		return
	}
	var response nahook.Response
	app, err := mgmt.Applications.Get(ctx, "ws_abc", "app_123", nahook.WithResponse(&response))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(app.Name, "after", response.Attempts, "attempts")
	// Output: Acme Corp after 3 attempts
}

// failTwice answers in place of a server that is unavailable for two requests.
func failTwice(next http.RoundTripper) http.RoundTripper {
	requests := 0
	return inTurn(&requests, reply(http.StatusServiceUnavailable, ""), reply(http.StatusServiceUnavailable, ""), next.RoundTrip)
}

func ExampleWithLogger() {
	ctx, srv, _, _ := sandbox()
	defer srv.Close()

	mgmt, err := nahook.NewManagement("nhm_example", nahook.WithHTTPClient(srv.HTTPClient()), nahook.WithLogger(logger(slog.LevelDebug)))
	if err != nil {
		fmt.Println(err)
		return
	}
	if _, err := mgmt.EventTypes.Get(ctx, "ws_abc", "evt_paid"); err != nil {
		fmt.Println(err)
		return
	}
	// Output: {"level":"DEBUG","msg":"nahook: attempt","operation":"eventTypes.get","method":"GET","path":"/workspaces/{workspace}/event-types/{eventType}","attempt":1,"status":200}
}

// A middleware sees each attempt, here to count answers by status.
func ExampleWithMiddleware() {
	ctx, srv, _, _ := sandbox()
	defer srv.Close()

	answers := map[int]int{}
	count := func(next http.RoundTripper) http.RoundTripper {
		return roundTrip(func(r *http.Request) (*http.Response, error) {
			response, err := next.RoundTrip(r)
			if err == nil {
				answers[response.StatusCode]++
			}
			return response, err
		})
	}
	mgmt, err := nahook.NewManagement("nhm_example", nahook.WithHTTPClient(srv.HTTPClient()), nahook.WithMiddleware(count))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, id := range []string{"app_123", "app_gone"} {
		_, _ = mgmt.Applications.Get(ctx, "ws_abc", id)
	}
	fmt.Println(answers)
	// Output: map[200:1 404:1]
}

func ExampleWithUserAgent() {
	show := func(r *http.Request) (*http.Response, error) {
		fmt.Println(r.UserAgent())
		return reply(http.StatusOK, `[]`)(r)
	}
	mgmt, err := nahook.NewManagement("nhm_example",
		nahook.WithHTTPClient(&http.Client{Transport: roundTrip(show)}), nahook.WithUserAgent("acme-billing/2.1"))
	if err != nil {
		fmt.Println(err)
		return
	}
	if _, err := mgmt.Endpoints.List(context.Background(), "ws_abc"); err != nil {
		fmt.Println(err)
		return
	}
	// Output: acme-billing/2.1
}
