package store

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nahook/nahook-go/mockserver/internal/domain"
)

// timed is a workspace with a clock that the test moves.
func timed(tb testing.TB, settings domain.Settings) (*Workspace, *atomic.Int64) {
	tb.Helper()
	now := &atomic.Int64{}
	now.Store(int64(start))
	settings.EndpointLimit = domain.Unlimited
	w, err := New(1).AddWorkspace(NewWorkspace{ID: "ws_a", Settings: settings, Now: func() domain.Time { return domain.Time(now.Load()) }})
	require.NoError(tb, err)
	return w, now
}

func (w *Workspace) message(key string) Message {
	return Message{EnvironmentID: w.environments.standard.ID, Payload: []byte(`{"a":1}`), Key: &key}
}

var answers = []domain.Outcome{
	{StatusCode: 200}, {StatusCode: 500}, {StatusCode: 503, RetryAfter: time.Minute}, {StatusCode: 410}, {Failure: "connection refused"},
}

// Sends, triggers, attempts, retries by hand, deletions and the clock run against
// one another. Every index has to tell the same story afterwards, and each
// delivery has as many attempts as were made at it.
func TestDeliveriesUnderLoad(t *testing.T) {
	t.Parallel()
	w, now := timed(t, domain.Settings{Plan: domain.PlanPro, Schedule: domain.Schedule{time.Second, time.Minute, time.Hour}})
	someone := w.By(domain.Actor{Type: domain.ActorUser, ID: "u", Label: "U"})
	_, err := someone.CreateEventType(domain.NewEventType{Name: "order.created"})
	require.NoError(t, err)
	var made sync.Map // delivery → *atomic.Int32
	finish := func(j Job, random *rand.Rand) {
		count, _ := made.LoadOrStore(j.Delivery.ID, new(atomic.Int32))
		count.(*atomic.Int32).Add(1)
		w.Finish(j, answers[random.IntN(len(answers))])
	}
	begin := func(rows []*domain.Delivery, random *rand.Rand) {
		for _, row := range rows {
			if j, ok := w.Begin(row); ok {
				finish(j, random)
			}
		}
	}
	var load sync.WaitGroup
	for worker := range 8 {
		load.Go(func() {
			random := rand.New(rand.NewPCG(3, uint64(worker)))
			for range 400 {
				endpoints := w.Endpoints()
				switch n := random.IntN(20); {
				case n == 0 || len(endpoints) < 4:
					e, err := someone.CreateEndpoint(newEndpoint(""))
					assert.NoError(t, err)
					_, err = someone.Subscribe(e.ID, []string{w.EventTypes()[0].ID})
					assert.NoError(t, codeless(err))
				case n == 1:
					assert.NoError(t, codeless(someone.DeleteEndpoint(endpoints[random.IntN(len(endpoints))].ID)))
				case n == 2:
					active := random.IntN(2) == 0
					_, err := someone.UpdateEndpoint(endpoints[random.IntN(len(endpoints))].ID, domain.EndpointChange{IsActive: &active})
					assert.NoError(t, codeless(err))
				case n < 9:
					a, err := w.Send(endpoints[random.IntN(len(endpoints))].ID, w.message(fmt.Sprint(random.IntN(50))))
					assert.NoError(t, codeless(err))
					begin(a.New, random)
				case n < 11:
					a, err := w.Trigger("order.created", w.message(fmt.Sprint(random.IntN(50))))
					assert.NoError(t, err)
					begin(a.New, random)
				case n < 16:
					if j, ok := w.Retry(); ok {
						finish(j, random)
					}
				case n < 18:
					rows, err := w.Deliveries(nil, endpoints[random.IntN(len(endpoints))].ID, "", nil, 10)
					if err == nil && len(rows) > 0 {
						row, err := someone.RetryDelivery(rows[random.IntN(len(rows))].ID)
						assert.NoError(t, codeless(err))
						if err == nil {
							begin([]*domain.Delivery{row}, random)
						}
					}
				default:
					now.Add(random.Int64N(int64(4 * time.Hour / time.Millisecond)))
				}
			}
		})
	}
	load.Wait()
	require.NoError(t, w.invariants())
	require.Greater(t, len(w.deliveries.byID), 100)
	for id, row := range w.deliveries.byID {
		count, ok := made.Load(id)
		require.Equal(t, len(row.Attempts) > 0, ok)
		if ok {
			require.EqualValues(t, count.(*atomic.Int32).Load(), len(row.Attempts), id)
		}
	}
	// All retries fall due, and everything outlives its window.
	now.Add(int64(10 * 24 * time.Hour / time.Millisecond))
	for j, ok := w.Retry(); ok; j, ok = w.Retry() {
		w.Finish(j, answers[0])
	}
	require.NoError(t, w.invariants())
	w.expire()
	require.NoError(t, w.invariants())
	for _, row := range w.deliveries.byID {
		require.False(t, row.Status.Final(), "%s is kept although it is %s", row.ID, row.Status)
	}
	require.Empty(t, w.deliveries.keys.answers)
	require.Empty(t, w.deliveries.retention.entries)
}

// codeless lets refusals pass: somebody else was faster.
func codeless(err error) error {
	if codeOf(err) != "" {
		return nil
	}
	return err
}

func TestParallelSendsWithOneKeyMakeOneDelivery(t *testing.T) {
	t.Parallel()
	w, _ := timed(t, domain.Settings{Plan: domain.PlanPro})
	e, err := w.By(domain.Nobody).CreateEndpoint(newEndpoint(""))
	require.NoError(t, err)
	var ids sync.Map
	var fresh atomic.Int32
	var sends sync.WaitGroup
	for range 100 {
		sends.Go(func() {
			a, err := w.Send(e.ID, w.message("k"))
			assert.NoError(t, err)
			ids.Store(a.DeliveryIDs[0], true)
			fresh.Add(int32(len(a.New)))
		})
	}
	sends.Wait()
	require.EqualValues(t, 1, fresh.Load())
	distinct := 0
	ids.Range(func(any, any) bool { distinct++; return true })
	require.Equal(t, 1, distinct)
}

// The row of an attempt that is under way can be replaced under it, as a restored
// snapshot does. What it comes to then is nobody's business any more.
func TestAnAttemptNeverResurrectsAnything(t *testing.T) {
	t.Parallel()
	w, _ := timed(t, domain.Settings{Plan: domain.PlanPro, Schedule: domain.DefaultSchedule})
	e, err := w.By(domain.Nobody).CreateEndpoint(newEndpoint(""))
	require.NoError(t, err)
	a, err := w.Send(e.ID, w.message("k"))
	require.NoError(t, err)
	j, ok := w.Begin(a.New[0])
	require.True(t, ok)
	_, again := w.Begin(a.New[0])
	require.False(t, again, "an attempt has one owner")

	ended := j.Delivery.GiveUp(start)
	w.deliveries.replace(j.Delivery, ended)
	w.Finish(j, domain.Outcome{StatusCode: 500})
	found, err := w.Delivery(j.Delivery.ID)
	require.NoError(t, err)
	require.Same(t, ended, found)
	_, due := w.NextRetry()
	require.False(t, due)
	require.NoError(t, w.invariants())
}

// A retry that was scheduled for a row that has changed since is no longer due.
func TestAStaleRetryIsSkipped(t *testing.T) {
	t.Parallel()
	w, now := timed(t, domain.Settings{Plan: domain.PlanPro, Schedule: domain.Schedule{time.Second}})
	e, err := w.By(domain.Nobody).CreateEndpoint(newEndpoint(""))
	require.NoError(t, err)
	a, err := w.Send(e.ID, w.message("k"))
	require.NoError(t, err)
	j, _ := w.Begin(a.New[0])
	waiting := w.Finish(j, domain.Outcome{StatusCode: 500})
	w.deliveries.replace(waiting, waiting.GiveUp(start))
	now.Add(5000)
	_, ok := w.Retry()
	require.False(t, ok)
}

func TestTheAuditIndexEqualsAScan(t *testing.T) {
	t.Parallel()
	w, now := timed(t, unlimited)
	random := rand.New(rand.NewPCG(5, 6))
	actors := []domain.Actor{
		{Type: domain.ActorManagementToken, ID: "m"}, {Type: domain.ActorUser, ID: "u"}, {Type: domain.ActorPortalSession, ID: "p"},
	}
	resources := []domain.Resource{domain.ResourceApplication, domain.ResourceEndpoint, domain.ResourceDelivery}
	verbs := []domain.Verb{domain.VerbCreated, domain.VerbDeleted}
	var all []*domain.AuditEntry // newest first
	for range 500 {
		now.Add(random.Int64N(3))
		e := w.By(actors[random.IntN(len(actors))])
		e.recordLocked(verbs[random.IntN(len(verbs))], resources[random.IntN(len(resources))], "id")
		rows, _ := w.AuditLog(nil, AuditFilter{}, 0, 1)
		all = append(rows, all...)
	}
	pick := func(n int) int { return random.IntN(n+1) - 1 }
	for range 2000 {
		f := AuditFilter{}
		if i := pick(len(actors)); i >= 0 {
			f.ActorType = actors[i].Type
		}
		if i := pick(len(resources)); i >= 0 {
			f.Resource = resources[i]
		}
		if i := pick(len(resources)); i >= 0 {
			f.Action = string(resources[i]) + "." + string(verbs[random.IntN(len(verbs))])
		}
		if random.IntN(2) == 0 {
			f.From = ptr(start + domain.Time(random.IntN(600)))
		}
		if random.IntN(2) == 0 {
			f.To = ptr(start + domain.Time(random.IntN(600)))
		}
		var want []*domain.AuditEntry
		for _, row := range all {
			if (f.ActorType == "" || row.Actor.Type == f.ActorType) && (f.Resource == "" || row.Resource == f.Resource) &&
				(f.Action == "" || row.Action() == f.Action) && (f.From == nil || row.CreatedAt >= *f.From) && (f.To == nil || row.CreatedAt <= *f.To) {
				want = append(want, row)
			}
		}
		offset, limit := random.IntN(60), 1+random.IntN(60)
		got, total := w.AuditLog(nil, f, offset, limit)
		require.Equal(t, len(want), total, "%+v", f)
		page := want[min(offset, len(want)):min(offset+limit, len(want))]
		require.Equal(t, len(page), len(got))
		for i := range page {
			require.Same(t, page[i], got[i])
		}
	}
}
