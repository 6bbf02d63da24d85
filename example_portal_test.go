package nahook_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/nahook/nahook-go"
)

// The handler behind a "Manage webhooks" button.
func ExamplePortalSessions_Create() {
	_, srv, mgmt, _ := sandbox()
	defer srv.Close()

	manage := func(w http.ResponseWriter, r *http.Request) {
		session, err := mgmt.PortalSessions.Create(r.Context(), "ws_abc", "app_123", &nahook.CreatePortalSessionOptions{
			Role:             nahook.RoleAdmin,
			ExpiresInMinutes: 30,
		})
		if err != nil {
			http.Error(w, "Webhooks cannot be managed right now.", http.StatusBadGateway)
			return
		}
		http.Redirect(w, r, session.URL, http.StatusSeeOther)
	}

	w := httptest.NewRecorder()
	manage(w, httptest.NewRequest(http.MethodPost, "/webhooks", nil))
	fmt.Println(w.Code, strings.HasPrefix(w.Header().Get("Location"), "https://api.nahook.com/portal/"))
	// Output: 303 true
}

// Whoever has the code is the customer, so a session prints without it.
func ExamplePortalSession() {
	ctx, srv, mgmt, _ := sandbox()
	defer srv.Close()

	session, err := mgmt.PortalSessions.Create(ctx, "ws_abc", "app_123", nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%+v\n", session)
	fmt.Println(session.ExpiresAt.Sub(srv.Now()))
	// Output:
	// {URL:https://api.nahook.com/portal/s/ps_vnjn11b5nrnjnrpd31pb Code:[redacted] ExpiresAt:2026-01-15 11:30:00 +0000 UTC}
	// 1h0m0s
}
