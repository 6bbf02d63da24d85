package e2e_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// B21: who may show the portal in a frame is said, and everybody else may not.
func TestB21Framing(t *testing.T) {
	t.Parallel()
	t.Run("an allowed origin", func(t *testing.T) {
		t.Parallel()
		p := frame(t, fixture(withEndpoints(hook(1))))
		p.enter(`{}`)
		p.click("link", "https://acme.example/hooks/1")
		p.find("button", "Reveal")
	})
	const refusal = "frame-ancestors|X-Frame-Options|chrome-error://"
	for name, origins := range map[string][]string{
		"another origin": {"https://other.test"}, "another port": {"https://saas.test"}, "none": nil,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := frame(t, fixture(withEndpoints(hook(1))))
			p.srv.SetFramingOrigins(origins...)
			p.open(p.link(`{}`))
			p.until("the browser refuses the frame", func() bool { return p.watch.complainsOf(refusal) })
			p.watch.forgive(refusal)
			require.Zero(t, p.exchanges())
			require.Empty(t, p.calls())
		})
	}
}

// B22: everything works in a frame of another site, for a browser that keeps no
// cookies there.
func TestB22InAFrame(t *testing.T) {
	t.Parallel()
	for name, check := range map[string]func(*testing.T, stage){
		"B01": b01, "B02": b02, "B03": b03, "B04": b04, "B05": b05, "B06": b06, "B07": b07, "B08": b08, "B09": b09, "B10": b10, "B11": b11, "B12": b12,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			check(t, frame)
		})
	}
}

// The browser is what the tests above take it for: in a frame of another site a
// cookie does not come back.
func TestCookiesOfFramesArePhasedOut(t *testing.T) {
	t.Parallel()
	p := newTab(t)
	var mu sync.Mutex
	returned := map[string]string{} // by host
	counter := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "crumb", Value: "1", Path: "/", Secure: true, HttpOnly: true, SameSite: http.SameSiteNoneMode})
		mu.Lock()
		defer mu.Unlock()
		if r.URL.Path == "/again" {
			returned[r.URL.Query().Get("as")] = r.Header.Get("Cookie")
		}
	}))
	counter.Config.ErrorLog = quiet
	counter.StartTLS()
	t.Cleanup(counter.Close)
	other := strings.Replace(counter.URL, "127.0.0.1", "cookies.test", 1)
	come := func(as string, visit func(string)) {
		t.Helper()
		visit(other + "/")
		visit(other + "/again?as=" + as)
		p.until("the frame is back", func() bool {
			mu.Lock()
			defer mu.Unlock()
			_, ok := returned[as]
			return ok
		})
	}
	saas := embedder(t)
	come("frame", func(url string) { p.visit(saas + "/?" + url + "#" + url) })
	come("page", p.visit)
	mu.Lock()
	defer mu.Unlock()
	require.Equal(t, map[string]string{"frame": "", "page": "crumb=1"}, returned)
}
