package nahookotel_test

import (
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nahook/nahook-go"
)

// What is resent is counted from the second attempt on.
func TestResentOnce(t *testing.T) {
	t.Parallel()
	for resent, transport := range map[int64]roundTrip{
		0: answer(200, "[]"),
		1: answers(answer(503, "{}"), answer(200, "[]")),
	} {
		synctest.Test(t, func(t *testing.T) {
			got, option := instrumented(t)
			_, err := management(t, transport, option).Endpoints.List(t.Context(), "ws_1")
			require.NoError(t, err)
			count, given := values(got.one(t).Attributes)["http.request.resend_count"]
			require.Equal(t, resent > 0, given)
			if given {
				assert.Equal(t, resent, count)
			}
		})
	}
}

// A redirect is the end of an attempt, and no success.
func TestAnAttemptThatIsRedirected(t *testing.T) {
	t.Parallel()
	for _, status := range []int{300, 302, 308} {
		got, option := instrumented(t)
		_, err := management(t, answer(status, ""), option, nahook.WithRetry(nahook.RetryPolicy{MaxAttempts: 1})).Endpoints.List(t.Context(), "ws_1")
		require.Error(t, err)
		want := map[string]any{"http.response.status_code": int64(status), "error.type": map[int]string{300: "300", 302: "302", 308: "308"}[status]}
		events := got.one(t).Events
		require.Len(t, events, 1)
		attempt := values(events[0].Attributes)
		points := got.durations(t).DataPoints
		require.Len(t, points, 1)
		measured := values(points[0].Attributes.ToSlice())
		for name, value := range want {
			assert.Equal(t, value, attempt[name])
			assert.Equal(t, value, measured[name])
		}
	}
}
