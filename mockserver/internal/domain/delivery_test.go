package domain_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/nahook/nahook-go/mockserver/internal/domain"
)

const accepted = domain.Time(1_768_473_000_000)

var (
	schedule = domain.Schedule{5 * time.Second, time.Minute}
	answered = func(status int) domain.Outcome {
		return domain.Outcome{StatusCode: status, Took: 88 * time.Millisecond}
	}
)

func pending() *domain.Delivery {
	return &domain.Delivery{ID: "del_1", Position: domain.Position{CreatedAt: accepted, Sequence: 7}, Status: domain.Pending, UpdatedAt: accepted}
}

func TestTheWayOfADelivery(t *testing.T) {
	t.Parallel()
	type end struct {
		status    domain.DeliveryStatus
		retryIn   time.Duration // 0 for none
		delivered bool
	}
	late := domain.Outcome{Failure: "no complete answer within 15s", Took: 15 * time.Second}
	for name, c := range map[string]struct {
		schedule domain.Schedule
		outcomes []domain.Outcome
		want     end
	}{
		"taken at once":               {schedule, []domain.Outcome{answered(200)}, end{domain.Delivered, 0, true}},
		"any 2xx is success":          {schedule, []domain.Outcome{answered(299)}, end{domain.Delivered, 0, true}},
		"a redirect is none":          {schedule, []domain.Outcome{answered(300)}, end{domain.ScheduledRetry, 5 * time.Second, false}},
		"a failure with a 200":        {schedule, []domain.Outcome{{StatusCode: 200, Failure: "too long"}}, end{domain.ScheduledRetry, 5 * time.Second, false}},
		"failed once":                 {schedule, []domain.Outcome{answered(500)}, end{domain.ScheduledRetry, 5 * time.Second, false}},
		"no answer":                   {schedule, []domain.Outcome{late}, end{domain.ScheduledRetry, 5 * time.Second, false}},
		"failed twice":                {schedule, []domain.Outcome{answered(500), late}, end{domain.ScheduledRetry, time.Minute, false}},
		"taken the second time":       {schedule, []domain.Outcome{answered(500), answered(204)}, end{domain.Delivered, 0, true}},
		"exhausted":                   {schedule, []domain.Outcome{answered(500), late, answered(404)}, end{domain.DeadLetter, 0, false}},
		"gone":                        {schedule, []domain.Outcome{answered(410)}, end{domain.Failed, 0, false}},
		"gone the last time":          {schedule, []domain.Outcome{late, late, answered(410)}, end{domain.Failed, 0, false}},
		"one attempt is all":          {nil, []domain.Outcome{answered(500)}, end{domain.DeadLetter, 0, false}},
		"a longer wait is asked for":  {schedule, []domain.Outcome{{StatusCode: 503, RetryAfter: time.Hour}}, end{domain.ScheduledRetry, time.Hour, false}},
		"a shorter wait is asked for": {schedule, []domain.Outcome{{StatusCode: 503, RetryAfter: time.Second}}, end{domain.ScheduledRetry, 5 * time.Second, false}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, now := pending(), accepted
			for _, o := range c.outcomes {
				now += 1000
				d = d.Begin(now)
				require.Equal(t, domain.Delivering, d.Status)
				require.Zero(t, d.NextRetryAt)
				require.Equal(t, now, d.UpdatedAt)
				d = d.Finish("att", o, c.schedule, now+7)
				require.Equal(t, now+7, d.UpdatedAt)
			}
			require.Equal(t, c.want.status, d.Status)
			wantRetry, wantDelivered := domain.Time(0), domain.Time(0)
			if c.want.retryIn > 0 {
				wantRetry = (now + 7).Add(c.want.retryIn)
			}
			if c.want.delivered {
				wantDelivered = now + 7
			}
			require.Equal(t, wantRetry, d.NextRetryAt)
			require.Equal(t, wantDelivered, d.DeliveredAt)
			require.Equal(t, accepted+1000, d.FirstAttemptAt())
			require.Len(t, d.Attempts, len(c.outcomes))
		})
	}
}

func TestAttemptsTellWhatHappened(t *testing.T) {
	t.Parallel()
	d := pending().Begin(accepted+1).Finish("att_1", answered(503), schedule, accepted+2)
	d = d.Begin(accepted+3).Finish("att_2", domain.Outcome{Failure: "connection refused", Took: time.Second}, schedule, accepted+4)
	d = d.Begin(accepted+5).Finish("att_3", answered(200), schedule, accepted+6)
	require.Equal(t, []*domain.Attempt{
		{ID: "att_1", CreatedAt: accepted + 1, StatusCode: 503, Took: 88},
		{ID: "att_2", CreatedAt: accepted + 3, Took: domain.NoTime, Failure: "connection refused"},
		{ID: "att_3", CreatedAt: accepted + 5, Success: true, StatusCode: 200, Took: 88},
	}, d.Attempts)
}

// Two futures of one delivery, as a snapshot makes them, do not share a row.
func TestAttemptsAreNotShared(t *testing.T) {
	t.Parallel()
	first := pending().Begin(accepted).Finish("att_1", answered(500), schedule, accepted)
	a := first.Begin(accepted).Finish("att_a", answered(500), schedule, accepted)
	b := first.Begin(accepted).Finish("att_b", answered(200), schedule, accepted)
	require.Equal(t, "att_a", a.Attempts[1].ID)
	require.Equal(t, "att_b", b.Attempts[1].ID)
	require.Len(t, first.Attempts, 1)
}

func TestRetriesByHand(t *testing.T) {
	t.Parallel()
	const conflict = "conflict: Only failed and dead_letter deliveries can be retried"
	for _, status := range []domain.DeliveryStatus{domain.Pending, domain.Delivering, domain.ScheduledRetry, domain.Delivered} {
		_, err := (&domain.Delivery{Status: status}).Retry(accepted)
		require.EqualError(t, err, conflict, status)
	}
	dead := pending().Begin(accepted).Finish("att_1", answered(500), nil, accepted)
	again, err := dead.Retry(accepted + 9)
	require.NoError(t, err)
	require.Equal(t, domain.Pending, again.Status)
	require.Equal(t, accepted+9, again.UpdatedAt)

	failed := again.Begin(accepted+10).Finish("att_2", answered(500), schedule, accepted+11)
	require.Equal(t, domain.Failed, failed.Status)
	require.Zero(t, failed.NextRetryAt)
	again, err = failed.Retry(accepted + 12)
	require.NoError(t, err)
	delivered := again.Begin(accepted+13).Finish("att_3", answered(200), schedule, accepted+14)
	require.Equal(t, domain.Delivered, delivered.Status)
	require.Equal(t, accepted+14, delivered.DeliveredAt)
	require.Len(t, delivered.Attempts, 3)
}

func TestGivingUp(t *testing.T) {
	t.Parallel()
	waiting := pending().Begin(accepted).Finish("att_1", answered(500), schedule, accepted)
	d := waiting.GiveUp(accepted + 5000)
	require.Equal(t, domain.Failed, d.Status)
	require.Zero(t, d.NextRetryAt)
	require.Len(t, d.Attempts, 1)
	require.Equal(t, accepted+5000, d.UpdatedAt)
}

func TestPayloadsAreJudgedInOrder(t *testing.T) {
	t.Parallel()
	stored := func(d domain.Delivery) domain.Delivery {
		d.Stored = true
		return d
	}
	for _, c := range []struct {
		delivery domain.Delivery
		plan     domain.Plan
		want     domain.PayloadStatus
	}{
		{stored(domain.Delivery{Status: domain.Delivered}), domain.PlanPro, domain.PayloadAvailable},
		{stored(domain.Delivery{Status: domain.ScheduledRetry}), domain.PlanPro, domain.PayloadAvailable},
		{stored(domain.Delivery{Status: domain.Delivered}), domain.PlanHobby, domain.PayloadForbidden},
		{domain.Delivery{Status: domain.Pending}, domain.PlanHobby, domain.PayloadForbidden},
		{domain.Delivery{Status: domain.Pending}, domain.PlanPro, domain.PayloadProcessing},
		{stored(domain.Delivery{Status: domain.Delivering}), domain.PlanPro, domain.PayloadProcessing},
		{domain.Delivery{Status: domain.Failed}, domain.PlanPro, domain.PayloadNotFound},
		{stored(domain.Delivery{Status: domain.Failed, Storage: domain.PayloadError}), domain.PlanPro, domain.PayloadError},
		{domain.Delivery{Status: domain.Pending, Storage: domain.PayloadError}, domain.PlanHobby, domain.PayloadForbidden},
	} {
		require.Equal(t, c.want, c.delivery.PayloadState(c.plan), "%+v on %s", c.delivery, c.plan)
	}
}

func TestSecretsDuringARotation(t *testing.T) {
	t.Parallel()
	e := &domain.Endpoint{Secret: "old", UpdatedAt: accepted}
	require.Equal(t, []string{"old"}, e.Secrets(accepted))
	rotated := e.Rotate("new", time.Hour, accepted)
	end := accepted.Add(time.Hour)
	require.Equal(t, []string{"new", "old"}, rotated.Secrets(accepted))
	require.Equal(t, []string{"new", "old"}, rotated.Secrets(end-1))
	require.Equal(t, []string{"new"}, rotated.Secrets(end))
	require.Equal(t, []string{"new"}, e.Rotate("new", 0, accepted).Secrets(accepted))
	require.Equal(t, []string{"newer", "new"}, rotated.Rotate("newer", time.Hour, accepted).Secrets(accepted))
}

func TestWaits(t *testing.T) {
	t.Parallel()
	require.Zero(t, domain.Schedule(nil).Wait(1))
	require.Equal(t, 5*time.Second, schedule.Wait(0))
	require.Equal(t, 5*time.Second, schedule.Wait(1))
	require.Equal(t, time.Minute, schedule.Wait(2))
	require.Equal(t, time.Minute, schedule.Wait(9))
}
