package nahook_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nahook/nahook-go"
	"github.com/nahook/nahook-go/mockserver"
)

// endpoint makes an endpoint that r stands behind.
func (b backend) endpoint(t *testing.T, r *mockserver.Receiver) *nahook.Endpoint {
	t.Helper()
	e, err := b.mgmt.Endpoints.Create(t.Context(), b.ID(), nahook.CreateEndpointOptions{URL: r.URL()})
	require.NoError(t, err)
	return e
}

// subscribed is endpoint with a subscription to order.created, which is made
// where it does not exist.
func (b backend) subscribed(t *testing.T, r *mockserver.Receiver) (*nahook.Endpoint, string) {
	t.Helper()
	e := b.endpoint(t, r)
	catalog, err := b.mgmt.EventTypes.List(t.Context(), b.ID())
	require.NoError(t, err)
	if len(catalog.Data) == 0 {
		created, err := b.mgmt.EventTypes.Create(t.Context(), b.ID(), nahook.CreateEventTypeOptions{Name: "order.created"})
		require.NoError(t, err)
		catalog.Data = append(catalog.Data, *created)
	}
	id := catalog.Data[0].ID
	_, err = b.mgmt.Subscriptions.Create(t.Context(), b.ID(), e.ID, nahook.CreateSubscriptionOptions{EventTypeIDs: []string{id}})
	require.NoError(t, err)
	return e, id
}

func TestADeliveryMakesTheRoundTrip(t *testing.T) {
	t.Parallel()
	onBackends(t, func(t *testing.T, b backend) {
		ctx := t.Context()
		r := b.Receiver(
			mockserver.Reply{Status: 503, Delay: 88 * time.Millisecond},
			mockserver.Reply{Reset: true},
			mockserver.Reply{Status: 204, Delay: 12 * time.Millisecond},
		)
		e := b.endpoint(t, r)
		b.Advance(time.Minute)
		options := nahook.SendOptions{Payload: map[string]any{"order_id": "ord_1", "note": "<a> & b"}, IdempotencyKey: "ord_1"}
		everyField(t, options)
		sent, err := b.client.Send(ctx, e.ID, options)
		require.NoError(t, err)
		require.Equal(t, &nahook.SendResult{DeliveryID: sent.DeliveryID, IdempotencyKey: "ord_1", Status: "accepted"}, sent)
		require.NotEmpty(t, sent.DeliveryID)

		accepted := startOfTime.Add(time.Minute)
		get := func(o *nahook.GetDeliveryOptions) *nahook.Delivery {
			d, err := b.mgmt.Deliveries.Get(ctx, b.ID(), sent.DeliveryID, o)
			require.NoError(t, err)
			return d
		}
		scheduled := nahook.Delivery{
			ID: sent.DeliveryID, IdempotencyKey: "ord_1", EndpointID: e.ID, Status: nahook.DeliveryStatusScheduledRetry, TotalAttempts: 1,
			FirstAttemptAt: accepted, NextRetryAt: accepted.Add(5 * time.Second), HasPayload: true, CreatedAt: accepted, UpdatedAt: accepted,
		}
		require.Equal(t, &scheduled, get(nil))
		b.Drain()
		delivered := scheduled
		delivered.Status, delivered.TotalAttempts, delivered.NextRetryAt = nahook.DeliveryStatusDelivered, 3, time.Time{}
		delivered.DeliveredAt = accepted.Add(5*time.Minute + 5*time.Second)
		delivered.UpdatedAt = delivered.DeliveredAt
		page, err := b.mgmt.Deliveries.List(ctx, b.ID(), e.ID, &nahook.ListDeliveriesOptions{Status: nahook.DeliveryStatusDelivered})
		require.NoError(t, err)
		require.Equal(t, &nahook.DeliveryPage{Data: []nahook.Delivery{delivered}}, page)

		delivered.Payload = &nahook.DeliveryPayload{
			Status: nahook.PayloadStatusAvailable, Data: json.RawMessage(`{"note":"<a> & b","order_id":"ord_1"}`), ContentType: "application/json",
		}
		require.Equal(t, &delivered, get(&nahook.GetDeliveryOptions{IncludePayload: true}))
		require.Equal(t, `{"note":"<a> & b","order_id":"ord_1"}`, string(r.Requests()[0].Body), "as it was written")

		attempts, err := b.mgmt.Deliveries.Attempts(ctx, b.ID(), sent.DeliveryID)
		require.NoError(t, err)
		require.Len(t, attempts.Data, 3)
		for i := range attempts.Data {
			require.Regexp(t, "^att_", attempts.Data[i].ID)
			attempts.Data[i].ID = ""
		}
		require.Equal(t, []nahook.Attempt{
			{Number: 1, Status: nahook.AttemptStatusFailed, ResponseStatusCode: 503, ResponseTime: 88 * time.Millisecond, CreatedAt: accepted},
			{Number: 2, Status: nahook.AttemptStatusFailed, ErrorMessage: "connection reset", CreatedAt: accepted.Add(5 * time.Second)},
			{Number: 3, Status: nahook.AttemptStatusSuccess, ResponseStatusCode: 204, ResponseTime: 12 * time.Millisecond, CreatedAt: delivered.DeliveredAt},
		}, attempts.Data)
	})
}

func TestATriggerMakesTheRoundTrip(t *testing.T) {
	t.Parallel()
	onBackends(t, func(t *testing.T, b backend) {
		first, second := b.Receiver(), b.Receiver()
		one, eventType := b.subscribed(t, first)
		two, _ := b.subscribed(t, second)
		options := nahook.TriggerOptions{Payload: struct {
			ID int `json:"id"`
		}{7}, Metadata: map[string]string{"a": "b"}}
		everyField(t, options)
		triggered, err := b.client.Trigger(t.Context(), "order.created", options)
		require.NoError(t, err)
		require.Len(t, triggered.DeliveryIDs, 2)
		require.Equal(t, &nahook.TriggerResult{EventTypeID: eventType, DeliveryIDs: triggered.DeliveryIDs, Status: "accepted"}, triggered)
		for i, e := range []*nahook.Endpoint{one, two} {
			d, err := b.mgmt.Deliveries.Get(t.Context(), b.ID(), triggered.DeliveryIDs[i], nil)
			require.NoError(t, err)
			require.Equal(t, e.ID, d.EndpointID, "in the order of subscription")
			require.Equal(t, nahook.DeliveryStatusDelivered, d.Status)
		}
		require.Equal(t, `{"id":7}`, string(second.Requests()[0].Body))

		_, err = b.client.Trigger(t.Context(), "order.cancelled", options)
		require.ErrorIs(t, err, nahook.ErrNotFound)
		_, err = b.client.Trigger(t.Context(), "Not A Name", options)
		require.ErrorIs(t, err, nahook.ErrValidation)
	})
}

func TestBatchesMakeTheRoundTrip(t *testing.T) {
	t.Parallel()
	onBackends(t, func(t *testing.T, b backend) {
		r := b.Receiver()
		e, eventType := b.subscribed(t, r)
		disabled := b.endpoint(t, b.Receiver())
		_, err := b.mgmt.Endpoints.Update(t.Context(), b.ID(), disabled.ID, nahook.UpdateEndpointOptions{IsActive: nahook.Ptr(false)})
		require.NoError(t, err)
		var sends []nahook.SendItem
		for i := range 45 {
			sends = append(sends, nahook.SendItem{EndpointID: e.ID, Payload: map[string]int{"n": i}, IdempotencyKey: fmt.Sprint("key-", i)})
		}
		sends[7].EndpointID, sends[33].EndpointID = "ep_missing", disabled.ID
		result, err := b.client.SendBatch(t.Context(), sends)
		require.NoError(t, err)
		require.Len(t, result.Items, 45)
		for i, item := range result.Items {
			switch i {
			case 7:
				require.ErrorIs(t, item.Err, nahook.ErrNotFound)
			case 33:
				require.ErrorIs(t, item.Err, nahook.ErrConflict)
				require.ErrorContains(t, item.Err, "Endpoint is disabled")
			default:
				require.NoError(t, item.Err)
				require.Equal(t, fmt.Sprint("key-", i), item.Result.IdempotencyKey)
				d, err := b.mgmt.Deliveries.Get(t.Context(), b.ID(), item.Result.DeliveryID, &nahook.GetDeliveryOptions{IncludePayload: true})
				require.NoError(t, err)
				require.JSONEq(t, fmt.Sprintf(`{"n":%d}`, i), string(d.Payload.Data))
			}
		}
		require.ErrorIs(t, result.Err(), nahook.ErrNotFound)
		require.ErrorIs(t, result.Err(), nahook.ErrConflict)
		require.Len(t, r.Requests(), 43)

		again, err := b.client.SendBatch(t.Context(), sends[:1])
		require.NoError(t, err)
		require.Equal(t, result.Items[0], again.Items[0], "the same key is the same delivery")
		require.Len(t, r.Requests(), 43)

		events := []nahook.TriggerItem{
			{EventType: "order.created", Payload: map[string]int{"n": 1}, Metadata: map[string]string{"a": "b"}, IdempotencyKey: "once"},
			{EventType: "order.created", Payload: map[string]int{"n": 2}, Metadata: map[string]string{"a": "b"}, IdempotencyKey: "once"},
			{EventType: "order.cancelled", Payload: map[string]int{"n": 3}},
		}
		everyField(t, events[0])
		triggered, err := b.client.TriggerBatch(t.Context(), events)
		require.NoError(t, err)
		require.Equal(t, eventType, triggered.Items[0].Result.EventTypeID)
		require.Equal(t, triggered.Items[0].Result, triggered.Items[1].Result)
		require.ErrorIs(t, triggered.Items[2].Err, nahook.ErrNotFound)
		require.Len(t, r.Requests(), 44)
	})
}

func TestAllDeliveriesWhileMoreAreMade(t *testing.T) {
	t.Parallel()
	onBackends(t, func(t *testing.T, b backend) {
		e := b.endpoint(t, b.Receiver())
		send := func() string {
			sent, err := b.client.Send(t.Context(), e.ID, nahook.SendOptions{Payload: struct{}{}})
			assert.NoError(t, err)
			return sent.DeliveryID
		}
		var want []string
		for range 23 {
			want = append(want, send())
		}
		slices.Reverse(want)
		var got []string
		for d, err := range b.mgmt.Deliveries.All(t.Context(), b.ID(), e.ID, &nahook.ListDeliveriesOptions{Limit: 5}) {
			require.NoError(t, err)
			got = append(got, d.ID)
			send()
		}
		require.Equal(t, want, got)
		page, err := b.mgmt.Deliveries.List(t.Context(), b.ID(), e.ID, &nahook.ListDeliveriesOptions{Limit: 3})
		require.NoError(t, err)
		require.NotEmpty(t, page.NextCursor)
		_, err = b.mgmt.Deliveries.List(t.Context(), b.ID(), e.ID, &nahook.ListDeliveriesOptions{Cursor: page.NextCursor, Status: nahook.DeliveryStatusFailed})
		require.ErrorIs(t, err, nahook.ErrInvalidCursor)
		require.ErrorIs(t, err, nahook.ErrValidation)
	})
}

func TestAuditLogsMakeTheRoundTrip(t *testing.T) {
	t.Parallel()
	onBackends(t, func(t *testing.T, b backend) {
		ctx := t.Context()
		app := b.application(t, nahook.CreateApplicationOptions{Name: "Acme"})
		b.Advance(time.Hour)
		e, err := b.mgmt.Applications.CreateEndpoint(ctx, b.ID(), app.ID, nahook.CreateEndpointOptions{URL: "https://acme.test/hooks"})
		require.NoError(t, err)
		page, err := b.mgmt.AuditLogs.List(ctx, b.ID(), &nahook.ListAuditLogsOptions{
			Page: 1, From: startOfTime.Add(time.Minute), To: startOfTime.Add(2 * time.Hour), Action: "endpoint.created",
			ResourceType: "endpoint", ActorType: nahook.ActorTypeManagementToken,
		})
		require.NoError(t, err)
		require.Len(t, page.Data, 1)
		everyField(t, page.Data[0])
		require.Equal(t, &nahook.AuditLogPage{Total: 1, Page: 1, PageSize: 50, Data: []nahook.AuditLog{{
			ID: page.Data[0].ID, ActorType: nahook.ActorTypeManagementToken, ActorID: page.Data[0].ActorID, ActorLabel: "Management token",
			Visibility: "workspace", Action: "endpoint.created", ResourceType: "endpoint", ResourceID: e.ID,
			Metadata: map[string]any{"applicationId": app.ID}, CreatedAt: startOfTime.Add(time.Hour),
		}}}, page)
		for want, o := range map[int]nahook.ListAuditLogsOptions{
			0: {ResourceType: "environment"}, 1: {To: startOfTime}, 2: {},
		} {
			page, err := b.mgmt.AuditLogs.List(ctx, b.ID(), &o)
			require.NoError(t, err)
			require.Equal(t, want, page.Total, "%+v", o)
		}
		for range 120 {
			b.application(t, nahook.CreateApplicationOptions{Name: "Another"})
		}
		seen := map[string]bool{}
		for row, err := range b.mgmt.AuditLogs.All(ctx, b.ID(), nil) {
			require.NoError(t, err)
			seen[row.ID] = true
		}
		require.Len(t, seen, 122)
	})
}

// A lost answer is what idempotency keys are for: the server has the delivery, the
// client does not know it.
func TestASendWhoseAnswerIsLostIsDeliveredOnce(t *testing.T) {
	t.Parallel()
	srv := mockserver.Start(t)
	memory := srv.HTTPClient().Transport
	lost := 0
	client, err := nahook.NewClient(srv.APIKey(), nahook.WithRetry(nahook.RetryPolicy{MinWait: time.Millisecond, MaxWait: time.Millisecond}),
		nahook.WithHTTPClient(&http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			response, err := memory.RoundTrip(r)
			if lost++; lost < 3 && err == nil {
				return nil, errors.Join(errors.New("the answer was lost"), response.Body.Close())
			}
			return response, err
		})}))
	require.NoError(t, err)
	b := backend{Server: srv, mgmt: connected(t, srv.Workspace, nahook.WithHTTPClient(srv.HTTPClient()))}
	r := srv.Receiver()
	e := b.endpoint(t, r)
	sent, err := client.Send(t.Context(), e.ID, nahook.SendOptions{Payload: map[string]int{"a": 1}})
	require.NoError(t, err)
	require.Equal(t, 3, lost)
	require.Len(t, r.Requests(), 1)
	page, err := b.mgmt.Deliveries.List(t.Context(), srv.ID(), e.ID, nil)
	require.NoError(t, err)
	require.Len(t, page.Data, 1)
	require.Equal(t, sent.DeliveryID, page.Data[0].ID)
}

func TestAHundredParallelSendsWithOneKey(t *testing.T) {
	t.Parallel()
	onBackends(t, func(t *testing.T, b backend) {
		r := b.Receiver()
		e := b.endpoint(t, r)
		var ids sync.Map
		var sends sync.WaitGroup
		for range 100 {
			sends.Go(func() {
				sent, err := b.client.Send(context.WithoutCancel(t.Context()), e.ID, nahook.SendOptions{Payload: struct{}{}, IdempotencyKey: "one"})
				if assert.NoError(t, err) {
					ids.Store(sent.DeliveryID, true)
				}
			})
		}
		sends.Wait()
		distinct := 0
		ids.Range(func(any, any) bool { distinct++; return true })
		require.Equal(t, 1, distinct)
		require.Len(t, r.Requests(), 1)
	})
}

// What the server signs, the verifier takes: in a handler of the test's own, with
// a rotated secret too, and with the clock of the workspace once that has moved.
func TestWhatIsDeliveredIsVerified(t *testing.T) {
	t.Parallel()
	onBackends(t, func(t *testing.T, b backend) {
		var verifier *nahook.Verifier
		var verdicts []error
		r := b.ReceiverHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, err := verifier.VerifyRequest(r)
			verdicts = append(verdicts, err)
			w.WriteHeader(http.StatusInternalServerError)
		}))
		e := b.endpoint(t, r)
		var err error
		verifier, err = nahook.NewVerifier(string(e.Secret))
		require.NoError(t, err)
		verifier = verifier.WithClock(b.Now)
		_, err = b.client.Send(t.Context(), e.ID, nahook.SendOptions{Payload: map[string]int{"a": 1}})
		require.NoError(t, err)
		b.RotateSecret(e.ID, time.Minute)
		b.Advance(5 * time.Second)
		b.Advance(time.Hour)
		require.Len(t, verdicts, 4)
		require.NoError(t, verdicts[0])
		require.NoError(t, verdicts[1], "both secrets sign within the grace period")
		require.ErrorIs(t, verdicts[2], nahook.ErrSignatureMismatch)
		require.ErrorIs(t, verdicts[3], nahook.ErrSignatureMismatch)
	})
}
