package mockserver_test

import (
	"encoding/base64"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/nahook/nahook-go/mockserver"
)

// visit gets what is not JSON.
func (a api) visit(path string, edits ...func(*http.Request)) response {
	a.t.Helper()
	res, err := a.as("").send(a.t.Context(), http.MethodGet, path, "", edits...)
	require.NoError(a.t, err)
	res.t = a.t
	return res
}

// link is the path of a new portal session of app_a.
func (a api) link() string {
	a.t.Helper()
	path, _, _ := strings.Cut(strings.TrimPrefix(a.as("nhm_a").post(portalOfA, `{}`).text("url"), a.base), "#")
	return path
}

var nonces = regexp.MustCompile(`nonce="([^"]+)"`)

// S27: the shell has exactly these headers, and nothing inline.
func TestS27TheShell(t *testing.T) {
	t.Parallel()
	a := serve(t)
	link, seen := a.link(), map[string]bool{}
	for _, view := range []string{"", "/endpoints", "/endpoints/new", "/endpoints/ep_a", "/endpoints/ep_a/deliveries?status=failed", "/deliveries/del_a", "/events", "/no/such/view"} {
		res := a.visit(link + view)
		require.Equal(t, 200, res.status, view)
		found := nonces.FindAllStringSubmatch(res.body, -1)
		require.GreaterOrEqual(t, len(found), 2)
		nonce := found[0][1]
		for _, match := range found {
			require.Equal(t, nonce, match[1])
		}
		random, err := base64.RawURLEncoding.DecodeString(nonce)
		require.NoError(t, err)
		require.GreaterOrEqual(t, len(random), 16)
		require.False(t, seen[nonce], "a nonce is used once")
		seen[nonce] = true
		res.header.Del("Content-Length")
		res.header.Del("Date")
		require.Equal(t, http.Header{
			"Content-Security-Policy": {"default-src 'none'; script-src 'nonce-" + nonce + "'; style-src 'nonce-" + nonce + "'; img-src 'self'; connect-src 'self'; " +
				"object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"},
			"Referrer-Policy": {"no-referrer"}, "X-Content-Type-Options": {"nosniff"},
			"Cross-Origin-Opener-Policy": {"same-origin"}, "Cross-Origin-Resource-Policy": {"same-origin"},
			"Cache-Control": {"no-store"}, "X-Robots-Tag": {"noindex, nofollow"},
			"Permissions-Policy": {"clipboard-write=(self), camera=(), microphone=(), geolocation=()"},
			"X-Frame-Options":    {"DENY"}, "Content-Type": {"text/html; charset=utf-8"},
		}, res.header)
		require.NotRegexp(t, `(?i)\son\w+\s*=|style\s*=|javascript:`, res.body)
		for _, script := range regexp.MustCompile(`<script[^>]*>`).FindAllString(res.body, -1) {
			require.Contains(t, script, "src=")
		}
		require.NotContains(t, res.body, "code")
	}
}

// S28: who may frame the portal.
func TestS28FramingOrigins(t *testing.T) {
	t.Parallel()
	ancestors := func(res response) string {
		_, rest, _ := strings.Cut(res.header.Get("Content-Security-Policy"), "frame-ancestors ")
		list, _, _ := strings.Cut(rest, ";")
		require.Len(t, res.header["Content-Security-Policy"], 1)
		return list + " " + res.header.Get("X-Frame-Options")
	}
	a := serve(t, mockserver.WithFramingOrigins("https://saas.test:8443", "http://localhost:3000"))
	link := a.link()
	require.Equal(t, "https://saas.test:8443 http://localhost:3000 ", ancestors(a.visit(link)))
	require.Equal(t, "'none' DENY", ancestors(a.visit("/portal/s/ps_unknown")))
	a.srv.SetFramingOrigins()
	require.Equal(t, "'none' DENY", ancestors(a.visit(link)))
	a.srv.SetFramingOrigins("https://other.test")
	require.Equal(t, "https://other.test ", ancestors(a.visit(link)))

	fromFile := serveFixtures(t, `{"workspaces": [{"id": "ws_a", "managementTokens": [{"token": "nhm_a"}], "framingOrigins": ["https://file.test"],
		"applications": [{"id": "app_a", "name": "A"}]}]}`)
	require.Equal(t, "https://file.test ", ancestors(fromFile.visit(fromFile.link())))

	for _, bad := range []string{
		"*", "https://*", "https://*.saas.test", "https://saas.test/", "https://saas.test/path", "https://u:p@saas.test", "https://saas.test; script-src *",
		"https://a.test,https://b.test", "https://a.test https://b.test", "'self'", `"https://a.test"`, "http://saas.test", "https://", "saas.test", "",
		"https://saas.test:0", "https://saas.test:99999", "https://saas.test:", "https://saas.test?x", "https://saas.test#x", "ftp://saas.test", "HTTPS://saas.test",
		"https://SAAS.test", "https://saas.test\r\nX-Evil: 1", "null", "javascript:alert(1)", "https://saas.test:80:90", "data:text/html,x",
	} {
		_, err := mockserver.New(mockserver.WithFramingOrigins("https://good.test", bad))
		require.ErrorContains(t, err, "WithFramingOrigins: ", bad)
		_, err = mockserver.New(mockserver.WithFixtures(mockserver.Fixtures{Workspaces: []mockserver.WorkspaceFixture{{FramingOrigins: []string{bad}}}}))
		require.ErrorContains(t, err, "workspaces[0]: framingOrigins: ", bad)
	}
	for _, good := range []string{"https://saas.test", "https://saas.test:8443", "http://localhost", "http://127.0.0.1:3000", "http://[::1]:3000", "https://[2001:db8::1]"} {
		srv, err := mockserver.New(mockserver.WithFramingOrigins(good))
		require.NoError(t, err, good)
		require.NoError(t, srv.Close())
	}
}

// S14: a token counts in one place.
func TestS14TokensElsewhere(t *testing.T) {
	t.Parallel()
	a := serve(t)
	p := a.portalAs("admin")
	const missing = "Missing or invalid authorization header"
	none := a.as("")
	for _, query := range []string{"?token=", "?access_token=", "?authorization=Bearer%20"} {
		none.get(portal+"/session"+query+p.token).refuses(401, "unauthorized", missing)
	}
	none.get(portal+"/session", header("Cookie", "token="+p.token)).refuses(401, "unauthorized", missing)
	none.get(portal+"/session", header("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte("u:"+p.token)))).refuses(401, "unauthorized", missing)
	none.get(portal+"/session", header("Authorization", "Bearer "+p.token, "Bearer "+p.token)).refuses(401, "unauthorized", missing)
	require.Equal(t, 200, none.get(portal+"/session", header("Authorization", "bearer "+p.token)).status)
	none.get(portal+"/session", header("Authorization", "Bearer "+strings.Repeat("x", 64<<10))).refuses(401, "unauthorized", "Invalid token")
}

// S31: nothing that a link says leads away.
func TestS31NoOpenRedirects(t *testing.T) {
	t.Parallel()
	a := serve(t)
	link := a.link()
	for _, path := range []string{
		link + "?next=//evil.test", link + "?return_to=https://evil.test", link + "/https://evil.test", "//evil.test/" + link, link + "/..//evil.test",
		"/portal/s//evil.test", "/portal//evil.test", link + "/%2F%2Fevil.test", "/portal/s/%2e%2e%2f%2e%2e",
	} {
		res := a.visit(path)
		require.Empty(t, res.header["Location"], path)
		require.NotContains(t, []int{301, 302, 303, 307, 308}, res.status, path)
	}
}

// S32: assets are files of the portal and nothing else.
func TestS32Assets(t *testing.T) {
	t.Parallel()
	a := serve(t)
	shell := a.visit(a.link()).body
	for _, match := range regexp.MustCompile(`(?:src|href)="([^"]+)"`).FindAllStringSubmatch(shell, -1) {
		res := a.visit(match[1])
		require.Equal(t, 200, res.status, match[1])
		require.Contains(t, []string{"text/javascript; charset=utf-8", "text/css; charset=utf-8", "image/svg+xml"}, res.header.Get("Content-Type"))
		require.Equal(t, "nosniff", res.header.Get("X-Content-Type-Options"))
		again := a.visit(match[1], header("If-None-Match", res.header.Get("ETag")))
		require.Equal(t, 304, again.status)
	}
	for _, path := range []string{
		"/portal/assets", "/portal/assets/nothing.js", "/portal/assets/shell.html", "/portal/assets/..%2fshell.html", "/portal/assets/%2e%2e%2fportal.go",
		"/portal/assets/..%5cportal.go", "/portal/assets/main.js%00", "/portal/assets/main.js/x",
	} {
		a.get(path).refuses(404, "not_found", "Route not found")
	}
	a.do(http.MethodTrace, "/portal/assets/main.js", "").refuses(405, "method_not_allowed", "Method not allowed")
	a.do(http.MethodTrace, "/portal/s/ps_1", "").refuses(405, "method_not_allowed", "Method not allowed")
	a.post("/portal/s/ps_1", `{}`).refuses(405, "method_not_allowed", "Method not allowed")
}

// A proxy may serve the portal below a path, which links and pages then have.
func TestPortalBelowAPath(t *testing.T) {
	t.Parallel()
	a := serve(t, mockserver.WithPublicURL("https://saas.test/webhooks/hub/"))
	link, _, _ := strings.Cut(a.post(portalOfA, `{}`).text("url"), "#")
	path, below := strings.CutPrefix(link, "https://saas.test/webhooks/hub/portal/s/")
	require.True(t, below, link)
	shell := a.visit("/portal/s/" + path).body // the proxy takes its path away
	found := regexp.MustCompile(`(?:src|href)="([^"]+)"`).FindAllStringSubmatch(shell, -1)
	require.Greater(t, len(found), 30, "every module is announced")
	for _, match := range found {
		asset, below := strings.CutPrefix(match[1], "/webhooks/hub/portal/assets/")
		require.True(t, below, match[1])
		require.Equal(t, 200, a.visit("/portal/assets/"+asset).status)
	}
	require.Contains(t, a.visit("/portal/assets/api.js").body, `new URL("../v1", import.meta.url)`)
}
