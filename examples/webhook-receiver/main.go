// Command webhook-receiver takes webhooks that Nahook signed, and nothing else.
// With NAHOOK_WEBHOOK_SECRET, the signing secret of an endpoint, it listens on
// NAHOOK_LISTEN (127.0.0.1:8080) until it is interrupted. Without, it shows what
// happens offline: the embedded server delivers to it over a real socket, to a
// receiver with the right secret and to one with a wrong one.
package main

import (
	"cmp"
	"context"
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

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	run := offline
	if secret := os.Getenv("NAHOOK_WEBHOOK_SECRET"); secret != "" {
		run = func(ctx context.Context, out io.Writer) error { return listen(ctx, out, secret) }
	}
	if err := run(ctx, os.Stdout); err != nil {
		log.Fatal(err)
	}
}

// receiver answers webhooks: 204 to those that are genuine. The verifier has
// answered all others by itself.
func receiver(out io.Writer, secrets ...string) (http.Handler, error) {
	verifier, err := nahook.NewVerifier(secrets...)
	if err != nil {
		return nil, err
	}
	return verifier.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		event, err := io.ReadAll(r.Body) // verified, and bounded
		if err != nil {
			http.Error(w, "unreadable", http.StatusBadRequest)
			return
		}
		// A webhook may come more than once: do the work where its id is new.
		fmt.Fprintf(out, "   received %s: %s\n", r.Header.Get("Webhook-Id"), event)
		w.WriteHeader(http.StatusNoContent)
	})), nil
}

func listen(ctx context.Context, out io.Writer, secret string) error {
	handler, err := receiver(out, secret)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", cmp.Or(os.Getenv("NAHOOK_LISTEN"), "127.0.0.1:8080"))
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "Webhooks are taken at http://%s\n", listener.Addr())
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 5 * time.Second}
	defer context.AfterFunc(ctx, func() { server.Close() })()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
