package mockserver_test

import (
	"encoding/base64"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/nahook/nahook-go/mockserver"
)

const portalOfA = inA + "/applications/app_a/portal"

func TestCreatePortalSession(t *testing.T) {
	t.Parallel()
	a := serve(t)
	a.srv.Advance(125 * time.Millisecond)
	for name, c := range map[string]struct{ body, expiresAt string }{
		"with nothing":              {`{}`, "2026-01-15T11:30:00.125Z"},
		"as admin":                  {`{"role":"admin"}`, "2026-01-15T11:30:00.125Z"},
		"as editor":                 {`{"role":"editor"}`, "2026-01-15T11:30:00.125Z"},
		"as viewer":                 {`{"role":"viewer"}`, "2026-01-15T11:30:00.125Z"},
		"for a minute":              {`{"expiresInMinutes":1}`, "2026-01-15T10:31:00.125Z"},
		"for half an hour":          {`{"role":"viewer","expiresInMinutes":30}`, "2026-01-15T11:00:00.125Z"},
		"for an hour":               {`{"expiresInMinutes":60}`, "2026-01-15T11:30:00.125Z"},
		"with nulls":                {`{"role":null,"expiresInMinutes":null,"metadata":null}`, "2026-01-15T11:30:00.125Z"},
		"with no metadata":          {`{"metadata":{}}`, "2026-01-15T11:30:00.125Z"},
		"with ten keys of metadata": {`{"metadata":` + keys(10) + `}`, "2026-01-15T11:30:00.125Z"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			res := a.in(t).post(portalOfA, c.body)
			res.is(201, `{"url": "$url", "portalUrl": "$url", "code": "$code", "expiresAt": "`+c.expiresAt+`"}`)
			require.Regexp(t, `^https://api\.nahook\.com/portal/s/ps_\w+#code=[\w-]{22,}$`, res.text("url"))
		})
	}
}

// keys is a flat object with n members.
func keys(n int) string {
	var members []string
	for i := range n {
		members = append(members, fmt.Sprintf(`"k%d":"v"`, i))
	}
	return object(members...)
}

// S02: what a session may be asked for; errors name the field.
func TestCreatePortalSessionRefuses(t *testing.T) {
	t.Parallel()
	a := serve(t)
	const (
		roles   = "role must be one of admin, editor, viewer"
		minutes = "expiresInMinutes must be an integer between 1 and 60"
	)
	for name, c := range map[string]struct{ body, message string }{
		"an unknown role":      {`{"role":"owner"}`, roles},
		"a role in upper case": {`{"role":"Admin"}`, roles},
		"an empty role":        {`{"role":""}`, roles},
		"no time":              {`{"expiresInMinutes":0}`, minutes},
		"a minute too much":    {`{"expiresInMinutes":61}`, minutes},
		"time gone by":         {`{"expiresInMinutes":-1}`, minutes},
		"very much time":       {`{"expiresInMinutes":2147483647}`, minutes},
		"half a minute":        {`{"expiresInMinutes":1.5}`, "expiresInMinutes must be an integer"},
		"minutes as text":      {`{"expiresInMinutes":"60"}`, "expiresInMinutes must be an integer"},
		"eleven metadata keys": {`{"metadata":` + keys(11) + `}`, "metadata exceeds max keys (10)"},
		"a number in metadata": {`{"metadata":{"seats":5}}`, "metadata.seats must be a string"},
		"a nested object":      {`{"metadata":{"plan":{"name":"pro"}}}`, "metadata.plan must be a string"},
		"metadata as a list":   {`{"metadata":["a"]}`, "metadata must be an object"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a.in(t).post(portalOfA, c.body).invalid(c.message)
		})
	}
}

// S01: who may ask, and for which application.
func TestPortalSessionsOfOthers(t *testing.T) {
	t.Parallel()
	a := serve(t)
	a.as("").post(portalOfA, `{}`).refuses(401, "unauthorized", "Missing or invalid authorization header")
	a.as("nhk_us_a").post(portalOfA, `{}`).refuses(401, "unauthorized", "Invalid token")
	a.as("nhm_b").post(portalOfA, `{}`).refuses(404, "not_found", "Workspace not found")

	foreign := a.post(inA+"/applications/app_c/portal", `{}`)
	foreign.refuses(404, "not_found", "Application not found")
	require.Equal(t, foreign.body, a.post(inA+"/applications/app_random/portal", `{}`).body)
}

func TestPortalLinksBeginWhereTheClientIs(t *testing.T) {
	t.Parallel()
	link := func(a api) string {
		a.t.Helper()
		res := a.post(portalOfA, `{}`)
		require.Equal(a.t, 201, res.status, res.body)
		require.Equal(a.t, res.text("url"), res.text("portalUrl"))
		before, _, found := strings.Cut(res.text("url"), "/portal/s/")
		require.True(a.t, found)
		return before
	}
	t.Run("in memory that is https and the host that was dialled", func(t *testing.T) {
		t.Parallel()
		a := serve(t)
		for base, want := range map[string]string{
			"https://eu.api.nahook.com": "https://eu.api.nahook.com",
			"https://saas.test:8443":    "https://saas.test:8443",
			"http://plain.test":         "https://plain.test",
		} {
			a.base = base
			require.Equal(t, want, link(a))
		}
	})
	t.Run("over a socket that is http and the address", func(t *testing.T) {
		t.Parallel()
		a := serve(t).overSocket()
		require.Regexp(t, `^http://127\.0\.0\.1:\d+$`, link(a))
		require.Equal(t, a.srv.URL(), link(a))
	})
	t.Run("behind a proxy that is what WithPublicURL says", func(t *testing.T) {
		t.Parallel()
		for public, want := range map[string]string{
			"https://portal.saas.test":       "https://portal.saas.test",
			"http://127.0.0.1:3001/":         "http://127.0.0.1:3001",
			"https://saas.test/webhooks/hub": "https://saas.test/webhooks/hub",
		} {
			a := serve(t, mockserver.WithPublicURL(public))
			require.Equal(t, want, link(a))
			require.Equal(t, want, link(a.overSocket()))
		}
	})
	t.Run("forwarding headers change nothing", func(t *testing.T) {
		t.Parallel()
		for _, name := range []string{"X-Forwarded-Host", "X-Forwarded-Proto", "Forwarded", "Origin", "Referer"} {
			res := serve(t).post(portalOfA, `{}`, header(name, "https://evil.test"))
			require.NotContains(t, res.body, "evil")
		}
	})
}

// S03: codes cannot be guessed, come only after the #, and no seed makes them
// predictable.
func TestPortalCodes(t *testing.T) {
	t.Parallel()
	const sessions = 5_000
	servers := []api{serve(t).direct(), serve(t).direct()} // of the same seed
	codes := map[string]bool{}
	for i := range 2 * sessions {
		res := servers[i%2].post(portalOfA, `{}`)
		code := res.text("code")
		codes[code] = true
		link, err := url.Parse(res.text("url"))
		require.NoError(t, err)
		require.Equal(t, "code="+code, link.Fragment)
		link.Fragment = ""
		require.NotContains(t, link.String(), code)
		require.Empty(t, link.RawQuery)
	}
	require.Len(t, codes, 2*sessions)
	for code := range codes {
		random, err := base64.RawURLEncoding.DecodeString(code)
		require.NoError(t, err)
		require.GreaterOrEqual(t, len(random), 16)
	}
}
