package nahook_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nahook/nahook-go"
	"github.com/nahook/nahook-go/mockserver"
)

// What can be repeated is, and heals whatever went wrong once.
func TestFaultsAreHealed(t *testing.T) {
	t.Parallel()
	onBackends(t, func(t *testing.T, b backend) {
		b = b.with(t, quick)
		app := b.application(t, nahook.CreateApplicationOptions{Name: "Acme"})
		get := mockserver.Operation("applications.get")
		for i, effect := range []mockserver.Effect{
			mockserver.Status(500), mockserver.Status(502), mockserver.Status(504), mockserver.RateLimit(0), mockserver.HTMLPage(),
			mockserver.Reset(), mockserver.EmptyReply(), mockserver.Truncate(20), mockserver.Garbage(),
		} {
			b.Inject(mockserver.Fault{Match: get, Do: effect})
			found, err := b.mgmt.Applications.Get(t.Context(), b.ID(), app.ID)
			require.NoError(t, err, effect)
			assert.Equal(t, app, found)
			b.Expect(t, 2*(i+1), get)
		}
	})
}

// What was created and answered by silence is not created again.
func TestALostAnswerIsNotRepeated(t *testing.T) {
	t.Parallel()
	onBackends(t, func(t *testing.T, b backend) {
		b = b.with(t, quick)
		create := mockserver.Operation("applications.create")
		for i, effect := range []mockserver.Effect{mockserver.Reset(), mockserver.EmptyReply(), mockserver.Truncate(10), mockserver.Garbage()} {
			b.Inject(mockserver.Fault{Match: create, AfterCommit: true, Do: effect})
			_, err := b.mgmt.Applications.Create(t.Context(), b.ID(), nahook.CreateApplicationOptions{Name: "Acme"})
			var failed *nahook.TransportError
			require.ErrorAs(t, err, &failed, effect)
			assert.True(t, failed.Sent)
			assert.Equal(t, 1, failed.Attempts)
			b.Expect(t, i+1, create)
			apps, err := b.mgmt.Applications.List(t.Context(), b.ID(), nil)
			require.NoError(t, err)
			assert.Len(t, apps.Data, i+1, "it is there")
		}
	})
}

func TestWhatIsRefusedOnceIsRepeated(t *testing.T) {
	t.Parallel()
	onBackends(t, func(t *testing.T, b backend) {
		b = b.with(t, quick)
		create := mockserver.Operation("applications.create")
		b.Inject(mockserver.Fault{Match: create, Do: mockserver.RateLimit(0)})
		b.application(t, nahook.CreateApplicationOptions{Name: "Acme"})
		b.Expect(t, 2, create)

		b.Inject(mockserver.Fault{Match: create, Do: mockserver.RateLimit(time.Hour)})
		_, err := b.mgmt.Applications.Create(t.Context(), b.ID(), nahook.CreateApplicationOptions{Name: "Globex"})
		require.ErrorIs(t, err, nahook.ErrRateLimited)
		var refused *nahook.APIError
		require.ErrorAs(t, err, &refused)
		assert.Equal(t, time.Hour, refused.RetryAfter)
		b.Expect(t, 3, create)
	})
}

// A Delete whose answer was lost finds nothing the second time, which is what it
// wanted.
func TestADeleteWhoseAnswerIsLost(t *testing.T) {
	t.Parallel()
	onBackends(t, func(t *testing.T, b backend) {
		b = b.with(t, quick)
		for _, effect := range []mockserver.Effect{mockserver.Status(502), mockserver.Reset(), mockserver.Garbage()} {
			app := b.application(t, nahook.CreateApplicationOptions{Name: "Acme"})
			b.Inject(mockserver.Fault{Match: mockserver.Operation("applications.delete"), AfterCommit: true, Do: effect})
			require.NoError(t, b.mgmt.Applications.Delete(t.Context(), b.ID(), app.ID), effect)
		}
		b.Expect(t, 3, mockserver.Operation("applications.delete"), mockserver.Answered(404))
	})
}

// Odd answers are errors that say what they are.
func TestOddAnswers(t *testing.T) {
	t.Parallel()
	onBackends(t, func(t *testing.T, b backend) {
		b = b.with(t, quick)
		r := b.Receiver()
		e := b.endpoint(t, r)
		for _, effect := range []mockserver.Effect{mockserver.Framework400(), mockserver.HTMLPage(), mockserver.StaleCursor()} {
			b.Inject(mockserver.Fault{Match: mockserver.Operation("deliveries.list"), Times: 3, Do: effect})
			_, err := b.mgmt.Deliveries.List(t.Context(), b.ID(), e.ID, &nahook.ListDeliveriesOptions{Cursor: "c"})
			var refused *nahook.APIError
			require.ErrorAs(t, err, &refused, effect)
			switch effect.String() {
			case "Framework400()":
				require.ErrorIs(t, err, nahook.ErrValidation)
				assert.Equal(t, "body must be object", refused.Message)
			case "HTMLPage()":
				require.ErrorIs(t, err, nahook.ErrServer)
				assert.Equal(t, "unknown", refused.Code)
				assert.Equal(t, 3, refused.Attempts)
			case "StaleCursor()":
				require.ErrorIs(t, err, nahook.ErrInvalidCursor)
			}
			for range 3 - refused.Attempts {
				_, err := b.mgmt.Deliveries.List(t.Context(), b.ID(), e.ID, &nahook.ListDeliveriesOptions{Cursor: "c"})
				require.Error(t, err)
			}
		}
	})
}

// In a bubble an hour's silence takes no time, and the limits of the client and of
// its caller are kept to the instant.
func TestALatencyOverTheLimits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := mockserver.Start(t)
		b := newBackend(t, srv, nahook.WithHTTPClient(srv.HTTPClient()))
		b.Inject(mockserver.Fault{Match: mockserver.Operation("endpoints.list"), Times: 3, Do: mockserver.Latency(time.Hour)})
		began := time.Now()
		_, err := b.mgmt.Endpoints.List(t.Context(), b.ID(), nahook.WithoutRetry())
		require.ErrorIs(t, err, nahook.ErrAttemptTimeout)
		require.Equal(t, 30*time.Second, time.Since(began))

		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Second, errors.New("the user's patience"))
		defer cancel()
		_, err = b.mgmt.Endpoints.List(ctx, b.ID())
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.ErrorContains(t, err, "the user's patience")
		require.Equal(t, 31*time.Second, time.Since(began))

		_, err = b.mgmt.Endpoints.List(t.Context(), b.ID())
		require.NoError(t, err, "the first attempt timed out, the second did not")
	})
}
