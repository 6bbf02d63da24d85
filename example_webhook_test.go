package nahook_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/nahook/nahook-go"
	"github.com/nahook/nahook-go/mockserver"
)

// While a secret is being rotated, both are good.
func ExampleNewVerifier() {
	verifier, err := nahook.NewVerifier(hookSecret, otherSecret)
	if err != nil {
		fmt.Println(err)
		return
	}
	body := []byte(`{"order_id":"ord_123"}`)
	for _, secret := range []string{hookSecret, otherSecret} {
		header, err := nahook.Sign(secret, "msg_1", time.Now(), body)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(verifier.Verify(body, header))
	}
	// Output:
	// <nil>
	// <nil>
}

// A verifier prints and logs without its secrets.
func ExampleVerifier() {
	verifier, err := nahook.NewVerifier(hookSecret, otherSecret)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%+v\n", verifier)
	// Output: nahook.Verifier{secrets: 2}
}

// A handler gets what Nahook has signed, and can read the body as usual.
func ExampleVerifier_Middleware_delivery() {
	ctx, srv, mgmt, client := sandbox()
	defer srv.Close()

	verifier, err := nahook.NewVerifier(hookSecret)
	if err != nil {
		fmt.Println(err)
		return
	}
	handler := verifier.WithClock(srv.Now).Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		fmt.Println("received", string(body))
		w.WriteHeader(http.StatusNoContent)
	}))

	if _, err := mgmt.Endpoints.Update(ctx, "ws_abc", "ep_123", nahook.UpdateEndpointOptions{URL: nahook.Ptr(srv.ReceiverHandler(handler).URL())}); err != nil {
		fmt.Println(err)
		return
	}
	if _, err := client.Send(ctx, "ep_123", nahook.SendOptions{Payload: map[string]string{"order_id": "ord_123"}}); err != nil {
		fmt.Println(err)
		return
	}
	// Output: received {"order_id":"ord_123"}
}

// Verify is for bodies that have been read already, as in many frameworks.
func ExampleVerifier_Verify() {
	verifier, err := nahook.NewVerifier(hookSecret)
	if err != nil {
		fmt.Println(err)
		return
	}
	body := []byte(`{"amount":49.99}`)
	header, err := nahook.Sign(hookSecret, "msg_1", time.Now(), body)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(verifier.Verify(body, header))
	fmt.Println(errors.Is(verifier.Verify([]byte(`{"amount":0.01}`), header), nahook.ErrSignatureMismatch))
	fmt.Println(errors.Is(verifier.Verify(body, http.Header{}), nahook.ErrMissingSignature))
	// Output:
	// <nil>
	// true
	// true
}

func ExampleVerifier_VerifyRequest() {
	verifier, err := nahook.NewVerifier(hookSecret)
	if err != nil {
		fmt.Println(err)
		return
	}
	r := signedRequest(`{"order_id":"ord_123"}`)

	body, err := verifier.VerifyRequest(r)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(string(body))
	// Output: {"order_id":"ord_123"}
}

// signedRequest is a genuine webhook of this moment.
func signedRequest(body string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/webhooks", strings.NewReader(body))
	r.Header = must(nahook.Sign(hookSecret, "msg_1", time.Now(), []byte(body)))
	return r
}

// Somebody who keeps a webhook and sends it again has little time for it.
func ExampleVerifier_WithTolerance() {
	verifier, err := nahook.NewVerifier(hookSecret)
	if err != nil {
		fmt.Println(err)
		return
	}
	header, err := nahook.Sign(hookSecret, "msg_1", time.Now().Add(-2*time.Minute), nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(verifier.Verify(nil, header))
	err = verifier.WithTolerance(time.Minute).Verify(nil, header)
	fmt.Println(errors.Is(err, nahook.ErrTimestampTooOld))
	// Output:
	// <nil>
	// true
}

// The clock of a test's server is far from the system's after an Advance.
func ExampleVerifier_WithClock() {
	srv, err := mockserver.New()
	if err != nil {
		fmt.Println(err)
		return
	}
	defer srv.Close()
	verifier, err := nahook.NewVerifier(hookSecret)
	if err != nil {
		fmt.Println(err)
		return
	}
	srv.Advance(24 * time.Hour)

	header, err := nahook.Sign(hookSecret, "msg_1", srv.Now(), nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(errors.Is(verifier.Verify(nil, header), nahook.ErrTimestampTooNew))
	fmt.Println(verifier.WithClock(srv.Now).Verify(nil, header))
	// Output:
	// true
	// <nil>
}

func ExampleVerifier_WithMaxBody() {
	verifier, err := nahook.NewVerifier(hookSecret)
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = verifier.WithMaxBody(10).VerifyRequest(signedRequest(`{"order_id":"ord_123"}`))
	var tooLarge *http.MaxBytesError
	fmt.Println(errors.As(err, &tooLarge))
	// Output: true
}

// A handler's test sends what Nahook would send.
func ExampleSign() {
	body := []byte(`{"order_id":"ord_123","amount":49.99}`)
	header, err := nahook.Sign(hookSecret, "msg_test_sig_001", time.Unix(1712345678, 0), body)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, name := range []string{"Webhook-Id", "Webhook-Timestamp", "Webhook-Signature"} {
		fmt.Println(name, header.Get(name))
	}
	// Output:
	// Webhook-Id msg_test_sig_001
	// Webhook-Timestamp 1712345678
	// Webhook-Signature v1,VF1JBS4kdSwmE64FeeiWTgszlPCfaop53x8bwzvHizw=
}
