// Command portal-iframe is a SaaS page with the Developer Portal embedded in it.
// The page asks its own backend for a session, shows it in a frame, and asks for
// another when the first is about to end. It runs offline against the embedded
// server, or against the live service when NAHOOK_MANAGEMENT_TOKEN,
// NAHOOK_WORKSPACE_ID and NAHOOK_APPLICATION_ID are set; there, the origin that is
// printed has to be among the workspace's framing origins. Open the URL that it
// prints.
package main

import (
	"context"
	"embed"
	"encoding/json"
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

//go:embed page.html page.js
var files embed.FS

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Stdout); err != nil {
		log.Fatal(err)
	}
}

func (s saas) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) { http.ServeFileFS(w, r, files, "page.html") })
	mux.HandleFunc("GET /page.js", func(w http.ResponseWriter, r *http.Request) { http.ServeFileFS(w, r, files, "page.js") })
	mux.HandleFunc("POST /portal-session", s.createSession)
	return http.NewCrossOriginProtection().Handler(mux)
}

// createSession gives the page a link for its frame, and tells when to ask again.
func (s saas) createSession(w http.ResponseWriter, r *http.Request) {
	session, err := s.mgmt.PortalSessions.Create(r.Context(), s.workspace, s.application, &nahook.CreatePortalSessionOptions{Role: nahook.RoleAdmin})
	if err != nil {
		log.Print(err)
		http.Error(w, "Webhooks cannot be managed right now.", http.StatusBadGateway)
		return
	}
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{"url": session.URL, "expiresInSeconds": int(time.Until(session.ExpiresAt).Seconds())})
}

func run(ctx context.Context, out io.Writer) error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	defer listener.Close()
	origin := "http://" + listener.Addr().String()
	s, disconnect, err := connect(ctx, origin)
	if err != nil {
		return err
	}
	defer disconnect()
	fmt.Fprintf(out, "Open %s\n", origin)
	server := &http.Server{Handler: s.handler(), ReadHeaderTimeout: 5 * time.Second}
	defer context.AfterFunc(ctx, func() { server.Close() })()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
