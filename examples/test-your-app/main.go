// Command test-your-app is a small SaaS that gives its customers webhooks, with
// tests to copy: app_test.go has what such a program can get wrong. Offline it
// shows a customer's first minute against the embedded server; with
// NAHOOK_MANAGEMENT_TOKEN, NAHOOK_API_KEY and NAHOOK_WORKSPACE_ID it serves on
// 127.0.0.1:8080 for real.
package main

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"time"

	"github.com/nahook/nahook-go"
	"github.com/nahook/nahook-go/mockserver"
)

func main() {
	if os.Getenv("NAHOOK_MANAGEMENT_TOKEN") != "" {
		log.Fatal(serve())
	}
	if err := offline(os.Stdout); err != nil {
		log.Fatal(err)
	}
}

func serve() error {
	a, err := newApp(os.Getenv("NAHOOK_WORKSPACE_ID"), os.Getenv("NAHOOK_MANAGEMENT_TOKEN"), os.Getenv("NAHOOK_API_KEY"))
	if err != nil {
		return err
	}
	server := &http.Server{Addr: "127.0.0.1:8080", Handler: a.handler(), ReadHeaderTimeout: 5 * time.Second}
	return server.ListenAndServe()
}

func newApp(workspace, token, key string, opts ...nahook.Option) (*app, error) {
	mgmt, err := nahook.NewManagement(token, opts...)
	if err != nil {
		return nil, err
	}
	client, err := nahook.NewClient(key, opts...)
	return &app{mgmt, client, workspace}, err
}

func offline(out io.Writer) error {
	srv, err := mockserver.New()
	if err != nil {
		return err
	}
	defer srv.Close()
	a, err := newApp(srv.ID(), srv.ManagementToken(), srv.APIKey(), nahook.WithHTTPClient(srv.HTTPClient()))
	if err != nil {
		return err
	}
	inbox := srv.Receiver()
	for _, step := range []struct{ method, path, body string }{
		{"PUT", "/customers/acme", `{"plan":"free"}`},
		{"POST", "/customers/acme/webhooks", `{"url":"` + inbox.URL() + `"}`},
		{"POST", "/customers/acme/webhooks", `{"url":"` + inbox.URL() + `"}`},
		{"POST", "/customers/acme/notes", `{"text":"hello"}`},
	} {
		answer := httptest.NewRecorder()
		a.handler().ServeHTTP(answer, httptest.NewRequest(step.method, step.path, strings.NewReader(step.body)))
		fmt.Fprintf(out, "▸ %s %s\n   %d %s\n", step.method, step.path, answer.Code, strings.TrimSpace(answer.Body.String()))
	}
	for _, webhook := range inbox.Requests() {
		fmt.Fprintf(out, "▸ acme's webhook got\n   %s\n", webhook.Body)
	}
	return nil
}
