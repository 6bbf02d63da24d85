package mockserver_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/nahook/nahook-go/mockserver"
)

// call makes a request with a JSON body, none for an empty one, and gives the status
// and the answer. A program would use the SDK.
func call(srv *mockserver.Server, token, method, path, body string) (int, string) {
	r, err := http.NewRequest(method, "https://api.nahook.com"+path, strings.NewReader(body))
	if err != nil {
		panic(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	response, err := srv.HTTPClient().Do(r)
	if err != nil {
		return 0, "no answer"
	}
	defer response.Body.Close()
	answer, _ := io.ReadAll(response.Body)
	return response.StatusCode, string(answer)
}

// exampleServer gives equal output in every run.
func exampleServer() (*mockserver.Server, string) {
	srv, err := mockserver.New(mockserver.WithSeed(1), mockserver.WithStart(time.Date(2026, 1, 15, 10, 30, 0, 0, time.UTC)))
	if err != nil {
		panic(err)
	}
	return srv, "/management/v1/workspaces/" + srv.ID()
}

// The application is created and its creator does not hear of it.
func ExampleWorkspace_Inject() {
	srv, in := exampleServer()
	defer srv.Close()

	srv.Inject(mockserver.Fault{Match: mockserver.Operation("applications.create"), AfterCommit: true, Do: mockserver.Reset()})
	create := `{"name":"Acme Corp","externalId":"cust_123"}`
	fmt.Println(call(srv, srv.ManagementToken(), "POST", in+"/applications", create))
	fmt.Println(call(srv, srv.ManagementToken(), "POST", in+"/applications", create))
	// Output:
	// 0 no answer
	// 409 {"error":{"code":"conflict","message":"An application with this externalId already exists"}}
}

func ExampleWorkspace_Requests() {
	srv, in := exampleServer()
	defer srv.Close()

	call(srv, srv.ManagementToken(), "POST", in+"/applications", `{"name":"Acme Corp","metadata":{"plan":"free"}}`)
	call(srv, srv.ManagementToken(), "POST", in+"/applications", `{"name":"Globex","metadata":{"plan":"team"}}`)
	for _, e := range srv.Requests(mockserver.Operation("applications.create"), mockserver.Field("metadata.plan", "free")) {
		fmt.Println(e.Status, e.Header.Get("Authorization"), string(e.Body))
	}
	// Output:
	// 201 Bearer [redacted] {"name":"Acme Corp","metadata":{"plan":"free"}}
}

func ExampleWorkspace_Snapshot() {
	srv, in := exampleServer()
	defer srv.Close()

	empty := srv.Snapshot()
	call(srv, srv.ManagementToken(), "POST", in+"/event-types", `{"name":"order.created"}`)
	srv.Advance(time.Hour)
	srv.Restore(empty)
	fmt.Println(call(srv, srv.ManagementToken(), "GET", in+"/event-types", ""))
	fmt.Println(srv.Now().Format(time.TimeOnly))
	// Output:
	// 200 []
	// 10:30:00
}

// A receiver that fails once gets the webhook again when the clock is moved.
func ExampleWorkspace_Advance() {
	srv, in := exampleServer()
	defer srv.Close()

	receiver := srv.Receiver(mockserver.Reply{Status: http.StatusServiceUnavailable}, mockserver.Reply{})
	_, created := call(srv, srv.ManagementToken(), "POST", in+"/endpoints", `{"url":"`+receiver.URL()+`"}`)
	_, id, _ := strings.Cut(created, `"id":"`)
	id, _, _ = strings.Cut(id, `"`)
	call(srv, srv.APIKey(), "POST", "/api/ingest/"+id, `{"payload":{"order":"ord_123"}}`)
	srv.Advance(5 * time.Second)
	for _, webhook := range receiver.Requests() {
		fmt.Printf("%s %s %s\n", webhook.At.Format(time.TimeOnly), webhook.Signature, webhook.Body)
	}
	// Output:
	// 10:30:00 valid {"order":"ord_123"}
	// 10:30:05 valid {"order":"ord_123"}
}
