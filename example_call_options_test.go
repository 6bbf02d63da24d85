package nahook_test

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/nahook/nahook-go"
	"github.com/nahook/nahook-go/mockserver"
)

// What the answer says besides the record.
func ExampleWithResponse() {
	ctx, srv, mgmt, _ := sandbox(mockserver.WithRateLimit(100, time.Minute))
	defer srv.Close()

	var response nahook.Response
	if _, err := mgmt.Applications.Get(ctx, "ws_abc", "app_123", nahook.WithResponse(&response)); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(response.StatusCode, response.Attempts, response.RequestID != "")
	fmt.Println(response.RateLimit.Remaining, "of", response.RateLimit.Limit, "requests left")
	// Output:
	// 200 1 true
	// 99 of 100 requests left
}

// A response prints and logs without its header and body.
func ExampleResponse() {
	response := nahook.Response{StatusCode: 200, RequestID: "req_1", Attempts: 1, Body: []byte(`{"secret": "whsec_c2VjcmV0"}`)}
	logger(slog.LevelInfo).Info("done", "response", response)
	// Output: {"level":"INFO","msg":"done","response":{"StatusCode":200,"RequestID":"req_1","Attempts":1,"Duration":0}}
}

// A header of one call, such as what a proxy on the way asks for.
func ExampleWithHeader() {
	ctx, srv, _, _ := sandbox()
	defer srv.Close()

	show := func(next http.RoundTripper) http.RoundTripper {
		return roundTrip(func(r *http.Request) (*http.Response, error) {
			fmt.Println(r.Header.Get("X-Team"))
			return next.RoundTrip(r)
		})
	}
	mgmt, err := nahook.NewManagement("nhm_example", nahook.WithHTTPClient(srv.HTTPClient()), nahook.WithMiddleware(show))
	if err != nil {
		fmt.Println(err)
		return
	}
	if _, err := mgmt.Applications.Get(ctx, "ws_abc", "app_123", nahook.WithHeader("X-Team", "billing")); err != nil {
		fmt.Println(err)
		return
	}
	// Output: billing
}

// A call that somebody waits for has less time than others.
func ExampleWithCallTimeout() {
	ctx, srv, _, _ := sandbox()
	defer srv.Close()
	silent := &http.Client{Transport: roundTrip(hanging)} // a server that never answers
	mgmt, err := nahook.NewManagement("nhm_example", nahook.WithHTTPClient(silent))
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = mgmt.PortalSessions.Create(ctx, "ws_abc", "app_123", nil, nahook.WithCallTimeout(time.Millisecond))
	fmt.Println(errors.Is(err, nahook.ErrCallTimeout))
	// Output: true
}

// A health check wants the first answer, not a good one.
func ExampleWithoutRetry() {
	ctx, srv, _, _ := sandbox()
	defer srv.Close()

	mgmt, err := nahook.NewManagement("nhm_example", nahook.WithHTTPClient(srv.HTTPClient()), nahook.WithMiddleware(failTwice))
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = mgmt.Environments.List(ctx, "ws_abc", nahook.WithoutRetry())
	fmt.Println(errors.Is(err, nahook.ErrServer))
	// Output: true
}
