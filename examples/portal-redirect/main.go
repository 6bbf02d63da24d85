// Command portal-redirect is a SaaS page with a button "Manage webhooks", which
// sends the customer to the Developer Portal: a new session for each click, since a
// link works once. It runs offline against the embedded server, or against the live
// service when NAHOOK_MANAGEMENT_TOKEN, NAHOOK_WORKSPACE_ID and
// NAHOOK_APPLICATION_ID are set. Open the URL that it prints.
package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"time"

	"github.com/nahook/nahook-go"
)

//go:embed page.html
var page []byte

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Stdout); err != nil {
		log.Fatal(err)
	}
}

func (s saas) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(page) })
	mux.HandleFunc("POST /webhooks", s.openPortal)
	// A page of another origin must not make a customer's browser press the button.
	return http.NewCrossOriginProtection().Handler(mux)
}

// openPortal creates a session and redirects at once: the link is for this
// customer, now, and belongs in no mail and no log.
func (s saas) openPortal(w http.ResponseWriter, r *http.Request) {
	session, err := s.mgmt.PortalSessions.Create(r.Context(), s.workspace, s.application, &nahook.CreatePortalSessionOptions{
		Role: nahook.RoleEditor, Metadata: map[string]string{"customerId": "cust_123"},
	})
	switch {
	case errors.Is(err, nahook.ErrFeatureDisabled):
		http.Error(w, "Webhooks are not part of this plan.", http.StatusForbidden)
	case err != nil:
		log.Print(err)
		http.Error(w, "Webhooks cannot be managed right now.", http.StatusBadGateway)
	default:
		w.Header().Set("Cache-Control", "no-store")
		http.Redirect(w, r, session.URL, http.StatusSeeOther)
	}
}

func run(ctx context.Context, out io.Writer) error {
	s, disconnect, err := connect(ctx)
	if err != nil {
		return err
	}
	defer disconnect()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "Open http://%s and press the button\n", listener.Addr())
	server := &http.Server{Handler: s.handler(), ReadHeaderTimeout: 5 * time.Second}
	defer context.AfterFunc(ctx, func() { server.Close() })()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
