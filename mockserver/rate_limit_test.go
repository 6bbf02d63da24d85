package mockserver_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/nahook/nahook-go/mockserver"
)

// limits compares the headers of the rate limit; nil for none.
func (r response) limits(want map[string]string) {
	r.t.Helper()
	got := map[string]string{}
	for _, name := range []string{"X-Ratelimit-Limit", "X-Ratelimit-Remaining", "X-Ratelimit-Reset", "Retry-After"} {
		if values := r.header[name]; values != nil {
			require.Len(r.t, values, 1)
			got[name] = values[0]
		}
	}
	if want == nil {
		want = map[string]string{}
	}
	require.Equal(r.t, want, got)
}

func budget(remaining, reset string) map[string]string {
	return map[string]string{"X-Ratelimit-Limit": "3", "X-Ratelimit-Remaining": remaining, "X-Ratelimit-Reset": reset}
}

func spent(reset string) map[string]string {
	headers := budget("0", reset)
	headers["Retry-After"] = reset
	return headers
}

func TestRateLimit(t *testing.T) {
	t.Parallel()
	a := serve(t, mockserver.WithRateLimit(3, time.Minute))
	path := inA + "/applications/app_a"
	a.srv.Advance(7 * time.Second) // the window begins with the first request

	first := a.get(path)
	first.is(200, appA)
	first.limits(budget("2", "60"))
	a.srv.Advance(500 * time.Millisecond)
	a.get(inA + "/applications/app_missing").limits(budget("1", "60")) // 59.5 s, rounded up
	a.srv.Advance(500 * time.Millisecond)
	a.delete(inA + "/applications/app_b").limits(budget("0", "59"))

	for range 2 {
		refused := a.get(path)
		refused.refuses(429, "rate_limited", "Too many requests")
		refused.limits(spent("59"))
		require.Len(t, refused.header["X-Request-Id"], 1)
	}
	a.patch(path, `{"name":"Changed"}`).refuses(429, "rate_limited", "Too many requests")

	a.srv.Advance(59*time.Second - time.Millisecond)
	a.get(path).limits(spent("1"))
	a.srv.Advance(time.Millisecond)
	again := a.get(path)
	again.is(200, appA)
	again.limits(budget("2", "60"))
}

func TestWhatTheRateLimitCounts(t *testing.T) {
	t.Parallel()
	a := serve(t, mockserver.WithRateLimit(3, time.Minute))
	t.Run("requests that the workspace refuses", func(t *testing.T) {
		a := a.in(t)
		a.post(inA+"/applications", `{`).limits(budget("2", "60"))
		a.get("/management/v1/workspaces/ws_missing/applications").limits(budget("1", "60"))
		a.get(inB + "/applications").limits(budget("0", "60"))
		a.get(inA+"/endpoints").refuses(429, "rate_limited", "Too many requests")
	})
	t.Run("per workspace", func(t *testing.T) {
		a := a.in(t)
		a.as("nhm_b").get(inB + "/endpoints").limits(budget("2", "60"))
		a.as("nhm_hobby").get(inHobby + "/applications").limits(budget("2", "60"))
	})
	t.Run("not what has no workspace", func(t *testing.T) {
		a := a.in(t)
		a.as("").get(inB + "/endpoints").limits(nil)
		a.as("nhm_unknown").get(inB + "/endpoints").limits(nil)
		a.get("/nowhere").limits(nil)
		a.as("nhm_b").get(inB + "/endpoints").limits(budget("1", "60"))
	})
}

func TestNoRateLimitByDefault(t *testing.T) {
	t.Parallel()
	a := serve(t)
	for range 200 {
		res := a.get(inA + "/applications/app_a")
		require.Equal(t, 200, res.status)
		res.limits(nil)
	}
}

func TestRateLimitOfAFixture(t *testing.T) {
	t.Parallel()
	a := serveFixtures(t, `{"workspaces": [
		{"id": "ws_a", "managementTokens": [{"token": "nhm_a"}], "rateLimit": {"limit": 3, "windowSeconds": 10}},
		{"id": "ws_b", "managementTokens": [{"token": "nhm_b"}]}]}`)
	a.get(inA + "/endpoints").limits(budget("2", "10"))
	a.as("nhm_b").get(inB + "/endpoints").limits(nil)
}
