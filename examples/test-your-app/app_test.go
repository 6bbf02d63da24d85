package main

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/nahook/nahook-go"
	"github.com/nahook/nahook-go/mockserver"
)

// start is the program under test on top of a server of the test's own.
func start(t *testing.T) (*mockserver.Server, func(method, path, body string) int) {
	t.Helper()
	srv := mockserver.Start(t)
	a, err := newApp(srv.ID(), srv.ManagementToken(), srv.APIKey(), nahook.WithHTTPClient(srv.HTTPClient()),
		nahook.WithRetry(nahook.RetryPolicy{MaxWait: time.Millisecond}))
	if err != nil {
		t.Fatal(err)
	}
	return srv, func(method, path, body string) int {
		t.Helper()
		answer := httptest.NewRecorder()
		a.handler().ServeHTTP(answer, httptest.NewRequest(method, path, strings.NewReader(body)))
		return answer.Code
	}
}

func want(t *testing.T, what string, got, want int) {
	t.Helper()
	if got != want {
		t.Fatalf("%s: %d, want %d", what, got, want)
	}
}

const hook = `{"url":"https://acme.example/hooks"}`

// The plan caps the webhooks, and an upgrade makes room.
func TestPlansCapWebhooks(t *testing.T) {
	t.Parallel()
	_, call := start(t)
	want(t, "without a customer", call("POST", "/customers/acme/webhooks", hook), http.StatusNotFound)
	want(t, "a plan of nobody's", call("PUT", "/customers/acme", `{"plan":"gold"}`), http.StatusBadRequest)
	want(t, "sign up", call("PUT", "/customers/acme", `{"plan":"free"}`), http.StatusNoContent)
	want(t, "the first webhook", call("POST", "/customers/acme/webhooks", hook), http.StatusNoContent)
	want(t, "the second", call("POST", "/customers/acme/webhooks", hook), http.StatusPaymentRequired)
	want(t, "upgrade", call("PUT", "/customers/acme", `{"plan":"team"}`), http.StatusNoContent)
	want(t, "the second", call("POST", "/customers/acme/webhooks", hook), http.StatusNoContent)
	want(t, "a bad URL", call("POST", "/customers/acme/webhooks", `{"url":"ftp://acme.example"}`), http.StatusBadRequest)
}

// The customer is created and the answer is lost: signing up again finds it.
func TestSignUpSurvivesALostAnswer(t *testing.T) {
	t.Parallel()
	srv, call := start(t)
	srv.Inject(mockserver.Fault{Match: mockserver.Operation("applications.create"), AfterCommit: true, Do: mockserver.Reset()})
	want(t, "sign up", call("PUT", "/customers/acme", `{"plan":"free"}`), http.StatusBadGateway)
	want(t, "again", call("PUT", "/customers/acme", `{"plan":"free"}`), http.StatusNoContent)
	srv.Expect(t, 1, mockserver.Operation("applications.create"), mockserver.Answered(http.StatusConflict))
}

// While the service is down a note is not lost silently: the customer hears it.
func TestAnOutageIsTold(t *testing.T) {
	t.Parallel()
	srv, call := start(t)
	want(t, "sign up", call("PUT", "/customers/acme", `{"plan":"free"}`), http.StatusNoContent)
	want(t, "a webhook", call("POST", "/customers/acme/webhooks", hook), http.StatusNoContent)
	srv.Inject(mockserver.Fault{Match: mockserver.Operation("ingest.sendBatch"), Times: 3, Do: mockserver.Status(http.StatusServiceUnavailable)})
	want(t, "a note", call("POST", "/customers/acme/notes", `{"text":"hello"}`), http.StatusBadGateway)
	srv.Expect(t, 3, mockserver.Operation("ingest.sendBatch")) // three attempts
}

// A note arrives, signed, although the customer's server fails at first; and what
// the platform delivers twice has one id.
func TestNotesArrive(t *testing.T) {
	t.Parallel()
	srv, call := start(t)
	inbox := srv.Receiver(mockserver.Reply{Status: http.StatusServiceUnavailable}, mockserver.Reply{})
	want(t, "sign up", call("PUT", "/customers/acme", `{"plan":"free"}`), http.StatusNoContent)
	want(t, "a webhook", call("POST", "/customers/acme/webhooks", `{"url":"`+inbox.URL()+`"}`), http.StatusNoContent)
	want(t, "a note", call("POST", "/customers/acme/notes", `{"text":"hello"}`), http.StatusNoContent)
	want(t, "before the retry", len(inbox.Requests()), 1)
	srv.Advance(5 * time.Second)
	want(t, "after the retry", len(inbox.Requests()), 2)
	for _, got := range inbox.Requests() {
		if got.Signature != mockserver.SignatureValid || string(got.Body) != `{"text":"hello","type":"note.created"}` {
			t.Errorf("%s: %s", got.Signature, got.Body)
		}
	}
	if inbox.Requests()[0].Header.Get("webhook-id") != inbox.Requests()[1].Header.Get("webhook-id") {
		t.Error("the retry has another id")
	}
}

func TestOffline(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := offline(&out); err != nil {
		t.Fatal(err)
	}
	const story = `▸ PUT /customers/acme
   204 
▸ POST /customers/acme/webhooks
   204 
▸ POST /customers/acme/webhooks
   402 your plan has no room for another webhook: upgrade
▸ POST /customers/acme/notes
   204 
▸ acme's webhook got
   {"text":"hello","type":"note.created"}
`
	if out.String() != story {
		t.Error(out.String())
	}
}
