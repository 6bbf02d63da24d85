package nahook_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nahook/nahook-go"
)

// manyItems are items whose key is their index.
func manyItems(n int) []nahook.SendItem {
	items := make([]nahook.SendItem, n)
	for i := range items {
		items[i] = nahook.SendItem{EndpointID: fmt.Sprint("ep_", i), Payload: order{}, IdempotencyKey: fmt.Sprint(i)}
	}
	return items
}

// intake answers like echoKeys and keeps what came.
type intake struct {
	mu     sync.Mutex
	keys   [][]string // of each request
	bytes  []int      // of each request
	answer func(r *http.Request, first string) httpmock.Responder
}

func (s *intake) RoundTrip(r *http.Request) (*http.Response, error) {
	body := bodyOf(r)
	found := keys(body)
	s.mu.Lock()
	s.keys, s.bytes = append(s.keys, found), append(s.bytes, len(body))
	s.mu.Unlock()
	r.Body, _ = r.GetBody()
	if s.answer != nil {
		return s.answer(r, found[0])(r)
	}
	return echoKeys(r)
}

// starts are the first keys of the requests, in order of the items.
func (s *intake) starts() map[string]int {
	all := map[string]int{}
	for _, found := range s.keys {
		all[found[0]] = len(found)
	}
	return all
}

func TestBatchesAreCut(t *testing.T) {
	t.Parallel()
	for n, starts := range map[int]map[string]int{
		0:   {},
		1:   {"0": 1},
		20:  {"0": 20},
		21:  {"0": 20, "20": 1},
		45:  {"0": 20, "20": 20, "40": 5},
		101: {"0": 20, "20": 20, "40": 20, "60": 20, "80": 20, "100": 1},
	} {
		server := new(intake)
		var response nahook.Response
		result, err := sending(t, server).SendBatch(t.Context(), manyItems(n), nahook.WithResponse(&response))
		require.NoError(t, err)
		require.NoError(t, result.Err())
		require.NotNil(t, result.Items)
		require.Len(t, result.Items, n)
		for i, item := range result.Items {
			assert.Equal(t, &nahook.SendResult{DeliveryID: fmt.Sprint("del_", i), IdempotencyKey: fmt.Sprint(i), Status: "accepted"}, item.Result)
		}
		assert.Equal(t, starts, server.starts())
		if n > 0 {
			assert.Equal(t, 202, response.StatusCode)
			assert.Contains(t, string(response.Body), fmt.Sprintf(`"del_%d"`, n-1), "the response is that with the last items")
		}
	}
	triggered := make([]nahook.TriggerItem, 21)
	for i := range triggered {
		triggered[i] = nahook.TriggerItem{EventType: "a.b", Payload: order{}, IdempotencyKey: fmt.Sprint(i)}
	}
	server := new(intake)
	result, err := sending(t, server).TriggerBatch(t.Context(), triggered)
	require.NoError(t, err)
	assert.Equal(t, "evt_20", result.Items[20].Result.EventTypeID)
	assert.Equal(t, map[string]int{"0": 20, "20": 1}, server.starts())
}

// The server takes 8 MiB: full batches of what it takes as a payload are below
// that, and what it does not take goes by itself.
func TestBatchesAreBounded(t *testing.T) {
	t.Parallel()
	sized := func(sizes ...int) []nahook.SendItem {
		items := manyItems(len(sizes))
		for i, size := range sizes {
			items[i].Payload = json.RawMessage(`{"p":"` + strings.Repeat("x", size-len(`{"p":""}`)) + `"}`)
		}
		return items
	}
	const limit = 8 << 20
	overhead := len(`{"items":[{"endpointId":"ep_0","payload":,"idempotencyKey":"0"}]}`)
	for name, c := range map[string]struct {
		items  []nahook.SendItem
		starts map[string]int
	}{
		"full":          {sized(slices.Repeat([]int{256 << 10}, 20)...), map[string]int{"0": 20}},
		"too large":     {sized(100, 9<<20, 100, 100), map[string]int{"0": 1, "1": 1, "2": 2}},
		"just fits":     {sized(100, limit-overhead-100-len(`{"endpointId":"ep_0","payload":,"idempotencyKey":"0"},`)), map[string]int{"0": 2}},
		"just does not": {sized(100, limit-overhead-100-len(`{"endpointId":"ep_0","payload":,"idempotencyKey":"0"},`)+1), map[string]int{"0": 1, "1": 1}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := new(intake)
			result, err := sending(t, server).SendBatch(t.Context(), c.items)
			require.NoError(t, err)
			require.NoError(t, result.Err())
			assert.Equal(t, c.starts, server.starts())
			if !strings.HasPrefix(name, "too large") {
				assert.LessOrEqual(t, slices.Max(server.bytes), limit)
			}
			if name == "just fits" {
				assert.Equal(t, limit, server.bytes[0])
			}
		})
	}
}

// Four requests are under way at once, no more, and the order of their answers
// does not matter.
func TestBatchesRunSideBySide(t *testing.T) {
	t.Parallel()
	inBubble(t, "", func(t *testing.T) {
		var mu sync.Mutex
		running, most := 0, 0
		server := &intake{answer: func(_ *http.Request, first string) httpmock.Responder {
			return func(r *http.Request) (*http.Response, error) {
				mu.Lock()
				running++
				most = max(most, running)
				mu.Unlock()
				time.Sleep(map[string]time.Duration{"0": 10 * time.Second}[first] + time.Second)
				mu.Lock()
				running--
				mu.Unlock()
				return echoKeys(r)
			}
		}}
		start := time.Now()
		result, err := sending(t, server).SendBatch(t.Context(), manyItems(200))
		require.NoError(t, err)
		for i, item := range result.Items {
			assert.Equal(t, fmt.Sprint(i), item.Result.IdempotencyKey)
		}
		assert.Equal(t, 4, most)
		assert.Equal(t, 11*time.Second, time.Since(start))
	})
}

func TestItemsFailByThemselves(t *testing.T) {
	t.Parallel()
	client := sending(t, roundTrip(reply(207, string(fixture(t, "sent_batch_mixed.json")))))
	result, err := client.SendBatch(t.Context(), sendItems)
	require.NoError(t, err)
	assert.Equal(t, nahook.BatchItem[nahook.SendResult]{Result: &sent, IdempotencyKey: "order-4711"}, result.Items[0])
	assert.Nil(t, result.Items[1].Result)
	require.EqualError(t, result.Err(), "nahook: item 1 (ep_def456): POST /batch: 404 not_found: Endpoint not found (request req_1)")
	require.ErrorIs(t, result.Err(), nahook.ErrNotFound)
	require.ErrorIs(t, result.Err(), result.Items[1].Err)
	var refused *nahook.APIError
	require.ErrorAs(t, result.Err(), &refused)
	assert.Equal(t, nahook.APIError{
		StatusCode: 404, Code: "not_found", Message: "Endpoint not found", RequestID: "req_1", Op: "POST /batch", Attempts: 1,
	}, *refused)

	client = sending(t, roundTrip(reply(207, string(fixture(t, "triggered_batch_mixed.json")))))
	triggered, err := client.TriggerBatch(t.Context(), triggerItems)
	require.NoError(t, err)
	assert.Equal(t, nahook.BatchItem[nahook.TriggerResult]{Result: &triggered2, IdempotencyKey: "order-4712"}, triggered.Items[1])
	require.EqualError(t, triggered.Err(), "nahook: item 0 (order.created): POST /event/batch: 400 validation_error: payload must be an object (request req_1)")
	require.ErrorIs(t, triggered.Err(), nahook.ErrValidation)
}

// An item's error is what the item would have got by itself.
func TestItemErrors(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		entry, text string
		want        []error
	}{
		{`{"code": "validation_error", "message": "why"}`, "400 validation_error: why", []error{nahook.ErrValidation}},
		{`{"code": "payload_too_large", "message": "why"}`, "413 payload_too_large: why", []error{nahook.ErrValidation}},
		{`{"code": "not_found"}`, "404 not_found: Not Found", []error{nahook.ErrNotFound}},
		{`{"code": "conflict", "message": "Endpoint is disabled"}`, "409 conflict: Endpoint is disabled", []error{nahook.ErrConflict}},
		{`{"code": "forbidden", "message": "why"}`, "403 forbidden: why", []error{nahook.ErrForbidden}},
		{`{"code": "feature_disabled", "message": "why"}`, "403 feature_disabled: why", []error{nahook.ErrForbidden, nahook.ErrFeatureDisabled}},
		{`{"code": "token_disabled", "message": "why"}`, "403 token_disabled: why", []error{nahook.ErrForbidden, nahook.ErrTokenDisabled}},
		{`{"code": "rate_limited", "message": "why"}`, "429 rate_limited: why", []error{nahook.ErrRateLimited}},
		{`{"code": "internal_error", "message": "why"}`, "500 internal_error: why", []error{nahook.ErrServer}},
		{`{"code": "of_tomorrow", "message": "why"}`, "207 of_tomorrow: why", nil},
		{`{}`, "207 unknown: no reason given", nil},
		{`{"code": "` + secretKey + `", "message": "a\nb ` + secretKey + `"}`, `207 [redacted]: a\nb [redacted]`, nil},
	} {
		client := sending(t, roundTrip(reply(207, `{"items": [{"index": 0, "deliveryId": "del_1", "error": `+c.entry+`}]}`)))
		result, err := client.SendBatch(t.Context(), []nahook.SendItem{{EndpointID: secretKey, Payload: order{}}})
		require.NoError(t, err)
		assert.Nil(t, result.Items[0].Result)
		require.EqualError(t, result.Err(), "nahook: item 0 ([redacted]): POST /batch: "+c.text+" (request req_1)")
		for name, sentinel := range sentinels {
			assert.Equal(t, slices.Contains(c.want, sentinel), errors.Is(result.Err(), sentinel), "%s %s", c.entry, name)
		}
	}
}

// An error of another form than the documented one is that item's alone.
func TestOddItemErrors(t *testing.T) {
	t.Parallel()
	for entry, want := range map[string]string{
		`"error": "Bad Request", "message": "why"`:                   "207 unknown: why",
		`"error": {"code": 404, "message": "why"}`:                   "207 unknown: why",
		`"error": {"code": "not_found", "message": null}`:            "404 not_found: Not Found",
		`"error": {"code": "not_found", "message": {"text": "why"}}`: "404 not_found: Not Found",
		`"error": []`:                     "207 unknown: no reason given",
		`"error": false, "deliveryId": 3`: "207 unknown: no reason given",
		`"error": {"code": "not_found", "message": "why"}, "status": 3`: "404 not_found: why",
	} {
		result, err := sending(t, roundTrip(reply(207, `{"items": [{"index": 0, "deliveryId": "del_1"}, {"index": 1, `+entry+`}]}`))).SendBatch(t.Context(), sendItems)
		require.NoError(t, err)
		require.NoError(t, result.Items[0].Err, entry)
		assert.Equal(t, "del_1", result.Items[0].Result.DeliveryID)
		assert.Nil(t, result.Items[1].Result)
		require.EqualError(t, result.Items[1].Err, "nahook: item 1 (ep_def456): POST /batch: "+want+" (request req_1)")
	}
	result, err := sending(t, roundTrip(reply(202, `{"items": [{"index": 0, "deliveryId": "del_1"}, {"index": 1, "error": null, "deliveryId": "del_2"}]}`))).SendBatch(t.Context(), sendItems)
	require.NoError(t, err)
	require.NoError(t, result.Err())
	assert.Equal(t, "del_2", result.Items[1].Result.DeliveryID)
}

// The line of an item's error holds whatever the item is called.
func TestItemsAreNamedOnOneLine(t *testing.T) {
	t.Parallel()
	id := "a\u2028b" + strings.Repeat("x", 10_000)
	result, err := sending(t, roundTrip(reply(404, envelope("not_found", "Not here")))).SendBatch(t.Context(), []nahook.SendItem{{EndpointID: id, Payload: order{}}})
	require.NoError(t, err)
	require.ErrorContains(t, result.Err(), `nahook: item 0 (a\u2028bxxx`)
	assert.Less(t, len(result.Err().Error()), 1000)
}

// The caller may go on using its options, and the room behind them.
func TestBatchLeavesItsOptionsAlone(t *testing.T) {
	t.Parallel()
	opts := append(make([]nahook.CallOption, 0, 2), nahook.WithoutRetry())
	_, err := sending(t, new(intake)).SendBatch(t.Context(), manyItems(45), opts...)
	require.NoError(t, err)
	assert.Nil(t, opts[:2][1])
}

// A request that fails takes its items with it, and no others.
func TestOneRequestOfABatchFails(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fail httpmock.Responder
		want string
		is   error
	}{
		"refused":    {fail: reply(401, string(fixture(t, "error_unauthorized.json"))), want: "401 unauthorized: Missing or invalid authorization header (request req_1)", is: nahook.ErrUnauthorized},
		"reset":      {fail: failing(errReset), want: "connection reset by peer", is: errReset},
		"unsent":     {fail: undialled(failing(errRefused)), want: "connection refused (nothing was sent)", is: errRefused},
		"unreadable": {fail: reply(202, "<html>"), want: "202 unknown: the response is not the documented JSON: invalid character '<' looking for beginning of value at byte 1 (request req_1)"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := &intake{answer: func(_ *http.Request, first string) httpmock.Responder {
				if first == "20" {
					return c.fail
				}
				return echoKeys
			}}
			var response nahook.Response
			result, err := sending(t, server).SendBatch(t.Context(), manyItems(45), nahook.WithoutRetry(), nahook.WithResponse(&response))
			require.NoError(t, err)
			for i, item := range result.Items {
				if i < 20 || i >= 40 {
					require.NoError(t, item.Err)
					require.Equal(t, fmt.Sprint("del_", i), item.Result.DeliveryID)
					continue
				}
				assert.Nil(t, item.Result)
				require.EqualError(t, item.Err, fmt.Sprintf("nahook: item %d (ep_%d): POST /batch: %s", i, i, c.want))
				if c.is != nil {
					require.ErrorIs(t, item.Err, c.is)
				}
			}
			assert.Equal(t, 20, strings.Count(result.Err().Error(), "nahook: item "))
			assert.Len(t, server.keys, 3)
			assert.Equal(t, 202, response.StatusCode)
		})
	}
}

// The second result is for batches of which certainly nothing was sent.
func TestNothingOfABatchWasSent(t *testing.T) {
	t.Parallel()
	calls := func(client *nahook.Client, opts ...nahook.CallOption) (*nahook.BatchResult[nahook.SendResult], error) {
		return client.SendBatch(t.Context(), manyItems(45), append(opts, nahook.WithoutRetry())...)
	}
	result, err := calls(sending(t, roundTrip(undialled(failing(errRefused)))))
	require.EqualError(t, err, "nahook: POST /batch: connection refused (nothing was sent)")
	require.ErrorIs(t, err, errRefused)
	assert.Nil(t, result)
	require.NoError(t, result.Err())

	for name, answer := range map[string]httpmock.Responder{"answered": reply(401, ""), "lost": failing(errReset), "unreadable": reply(202, "{}")} {
		result, err = calls(sending(t, roundTrip(answer)))
		require.NoError(t, err, name)
		for _, item := range result.Items {
			require.Error(t, item.Err, name)
		}
	}

	client := sending(t, newMock(t))
	var none context.Context
	result, err = client.SendBatch(none, manyItems(1))
	require.EqualError(t, err, "nahook: invalid argument: ingest.sendBatch: the context is nil")
	assert.Nil(t, result)
	items := manyItems(45)
	items[44].EndpointID = ".."
	_, err = client.SendBatch(t.Context(), items)
	require.EqualError(t, err, `nahook: invalid argument: ingest.sendBatch: item 44: the endpoint id is "..", which addresses something else`)
	_, err = client.TriggerBatch(t.Context(), []nahook.TriggerItem{{Payload: order{}}})
	require.EqualError(t, err, "nahook: invalid argument: ingest.triggerBatch: item 0: the eventType is empty")
}

// Requests that were not begun when the context ended fail with it; those that
// were answered keep their answers.
func TestBatchIsCancelled(t *testing.T) {
	t.Parallel()
	inBubble(t, "", func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 1500*time.Millisecond)
		defer cancel()
		server := &intake{answer: func(r *http.Request, _ string) httpmock.Responder {
			select {
			case <-time.After(time.Second):
				return echoKeys
			case <-r.Context().Done():
				return failing(r.Context().Err())
			}
		}}
		start := time.Now()
		result, err := sending(t, server).SendBatch(ctx, manyItems(200))
		require.NoError(t, err)
		assert.Equal(t, 1500*time.Millisecond, time.Since(start))
		assert.Len(t, server.keys, 8)
		for i, item := range result.Items {
			assert.Equal(t, i < 80, item.Err == nil, i)
			assert.Equal(t, i >= 80, errors.Is(item.Err, context.DeadlineExceeded), i)
		}
	})
}

// What ended the caller's context may be anything. It tells nothing of what was
// sent.
func TestCausesOfABatchProveNothing(t *testing.T) {
	t.Parallel()
	_, unsent := sending(t, roundTrip(undialled(failing(errRefused)))).Send(t.Context(), "ep", sendOptions, nahook.WithoutRetry())
	for _, cause := range []error{fmt.Errorf("%w: of another call", nahook.ErrInvalidArgument), unsent} {
		ctx, cancel := context.WithCancelCause(t.Context())
		client := sending(t, roundTrip(func(r *http.Request) (*http.Response, error) {
			_ = bodyOf(r)
			cancel(cause)
			return nil, r.Context().Err()
		}))
		result, err := client.SendBatch(ctx, manyItems(3))
		require.NoError(t, err)
		for _, item := range result.Items {
			require.ErrorIs(t, item.Err, context.Canceled)
			require.ErrorIs(t, item.Err, cause)
			var failed *nahook.TransportError
			require.ErrorAs(t, item.Err, &failed)
			assert.True(t, failed.Sent)
		}
	}
}

// An http.RoundTripper that ends its goroutine, as one does that fails a test,
// leaves the items of its request without an outcome, and nobody waiting.
func TestARequestOfABatchEndsItsGoroutine(t *testing.T) {
	t.Parallel()
	inBubble(t, "one", func(t *testing.T) {
		server := &intake{answer: func(_ *http.Request, first string) httpmock.Responder {
			if first == "20" {
				runtime.Goexit()
			}
			return echoKeys
		}}
		result, err := sending(t, server).SendBatch(t.Context(), manyItems(45))
		require.NoError(t, err)
		for i, item := range result.Items {
			assert.Equal(t, fmt.Sprint(i), item.IdempotencyKey)
			if i < 20 || i >= 40 {
				require.NoError(t, item.Err)
				assert.Equal(t, fmt.Sprint("del_", i), item.Result.DeliveryID)
				continue
			}
			assert.Nil(t, item.Result)
			require.EqualError(t, item.Err, fmt.Sprintf("nahook: item %d (ep_%d): POST /batch: the request ended without an outcome", i, i))
			var failed *nahook.TransportError
			require.ErrorAs(t, item.Err, &failed)
			assert.True(t, failed.Sent)
		}
	})
	inBubble(t, "all", func(t *testing.T) {
		result, err := sending(t, roundTrip(func(*http.Request) (*http.Response, error) {
			runtime.Goexit()
			return nil, nil
		})).SendBatch(t.Context(), manyItems(200))
		require.NoError(t, err, "nobody knows whether they were sent")
		for _, item := range result.Items {
			require.ErrorContains(t, item.Err, "the request ended without an outcome")
		}
	})
}

// A panic is the caller's, as it would be with Send, when no request is under way
// any more.
func TestARequestOfABatchPanics(t *testing.T) {
	t.Parallel()
	inBubble(t, "", func(t *testing.T) {
		bug := errors.New("of a middleware")
		answered := atomic.Int32{}
		server := &intake{answer: func(_ *http.Request, first string) httpmock.Responder {
			if first == "20" {
				panic(bug)
			}
			time.Sleep(time.Second)
			answered.Add(1)
			return echoKeys
		}}
		client := sending(t, server)
		assert.PanicsWithValue(t, bug, func() { _, _ = client.SendBatch(t.Context(), manyItems(200)) })
		assert.EqualValues(t, 9, answered.Load())
		assert.PanicsWithValue(t, bug, func() {
			_, _ = client.Send(t.Context(), "ep", nahook.SendOptions{Payload: order{}, IdempotencyKey: "20"})
		})
	})
}

// A batch has as much time as its requests need, each with its own limit.
func TestLimitsOfABatchAreThoseOfOneRequest(t *testing.T) {
	t.Parallel()
	inBubble(t, "", func(t *testing.T) {
		start := time.Now()
		result, err := sending(t, roundTrip(hanging)).SendBatch(t.Context(), manyItems(100), nahook.WithCallTimeout(10*time.Second))
		require.NoError(t, err)
		for _, item := range result.Items {
			require.ErrorIs(t, item.Err, nahook.ErrCallTimeout)
		}
		assert.Equal(t, 20*time.Second, time.Since(start), "five requests, four at once")
	})
}

// Of a body that gives its items twice nothing is mixed.
func TestBatchesWithItemsTwice(t *testing.T) {
	t.Parallel()
	client := sending(t, roundTrip(reply(207, `{
		"items": [{"index": 0, "error": {"code": "not_found"}}, {"index": 1, "deliveryId": "del_1"}],
		"items": [{"index": 0, "deliveryId": "del_2"}, {"index": 1, "deliveryId": "del_3", "status": "accepted"}]
	}`)))
	result, err := client.SendBatch(t.Context(), sendItems)
	require.NoError(t, err)
	require.NoError(t, result.Err())
	assert.Equal(t, "del_2", result.Items[0].Result.DeliveryID)

	client = sending(t, roundTrip(reply(207, `{
		"items": [{"index": 0, "deliveryId": "del_0"}, {"index": 1, "deliveryId": "del_1"}],
		"items": [{"index": 0, "deliveryId": "del_2"}, {"index": 1}]
	}`)))
	result, err = client.SendBatch(t.Context(), sendItems)
	require.NoError(t, err)
	require.ErrorContains(t, result.Items[1].Err, `it has no "deliveryId"`)
	assert.Nil(t, result.Items[0].Result, "what has been read does not count")
}

func TestBatchesLogInShort(t *testing.T) {
	t.Parallel()
	entries := []string{}
	for i := range 6 {
		entries = append(entries, fmt.Sprintf(`{"index": %d, "deliveryId": "del_%d", "status": "accepted"}`, i, i))
		if i > 0 {
			entries[i] = fmt.Sprintf(`{"index": %d, "error": {"code": "not_found", "message": "no %s"}}`, i, secretKey)
		}
	}
	client := sending(t, roundTrip(reply(207, `{"items": [`+strings.Join(entries, ",")+`]}`)))
	result, err := client.SendBatch(t.Context(), manyItems(6))
	require.NoError(t, err)
	hides(t, result, secretKey)
	logged := printed(result)
	assert.Contains(t, logged["slog JSON"], `"v":{"results":1,"errors":5,"first":[`+
		`"nahook: item 1 (ep_1): POST /batch: 404 not_found: no [redacted] (request req_1)",`+
		`"nahook: item 2 (ep_2): POST /batch: 404 not_found: no [redacted] (request req_1)",`+
		`"nahook: item 3 (ep_3): POST /batch: 404 not_found: no [redacted] (request req_1)"]}`)
	assert.Contains(t, logged["slog text"], "v.results=1 v.errors=5 v.first=")
	assert.NotContains(t, logged["slog text"], "item 4")

	hides(t, result.Items[1], secretKey)
	assert.Contains(t, printed(result.Items[0])["slog JSON"], `"v":{"result":{"deliveryId":"del_0","idempotencyKey":"0","status":"accepted"}}`)
	assert.Contains(t, printed(result.Items[1])["slog JSON"], `"v":{"error":"nahook: item 1 (ep_1): POST /batch: 404 not_found: no [redacted] (request req_1)"}`)

	good, err := sending(t, roundTrip(echoKeys)).SendBatch(t.Context(), manyItems(2))
	require.NoError(t, err)
	assert.Contains(t, printed(good)["slog JSON"], `"v":{"results":2,"errors":0}`)
	var none *nahook.BatchResult[nahook.SendResult]
	assert.Contains(t, printed(none)["slog JSON"], `"v":null`)
}

// One entry for each item, with its index: else nobody knows whose it is.
func TestUnreadableBatches(t *testing.T) {
	t.Parallel()
	const misplaced = "its items do not have the index that they stand at, such as "
	good := `{"index": 0, "deliveryId": "del_0"}`
	for body, want := range map[string]string{
		`{}`:                        "it has 0 items, want 2",
		`{"items": null}`:           "it has 0 items, want 2",
		`{"items": [` + good + `]}`: "it has 1 items, want 2",
		`{"items": [` + good + `, {"index": 1, "deliveryId": "d"}, {"index": 2, "deliveryId": "d"}]}`: "it has 3 items, want 2",
		`{"items": [` + good + `, {"index": 0, "deliveryId": "d"}]}`:                                  misplaced + "1",
		`{"items": [` + good + `, {"index": 2, "deliveryId": "d"}]}`:                                  misplaced + "1",
		`{"items": [` + good + `, {"deliveryId": "d"}]}`:                                              misplaced + "1",
		`{"items": [{"index": 1, "deliveryId": "d"}, ` + good + `]}`:                                  misplaced + "0",
		`{"items": [` + good + `, {"index": -1, "error": {"code": "not_found"}}]}`:                    misplaced + "1",
		`{"items": [` + good + `, {"index": 1, "status": "accepted"}]}`:                               `it has no "deliveryId"`,
		`{"items": [` + good + `, {"index": "s3cr3t", "deliveryId": "d"}]}`:                           `"items.index" is a JSON string, want integer`,
		`{"items": [` + good + `, {"index": 1, "deliveryId": 3}]}`:                                    `"items.deliveryId" is a JSON number, want string`,
		`{"items": [` + good + `, null]}`:                                                             misplaced + "1",
		`[]`:                                                                                          "it is a JSON array, want object",
	} {
		result, err := sending(t, roundTrip(reply(202, body))).SendBatch(t.Context(), sendItems)
		require.NoError(t, err)
		for i, item := range result.Items {
			assert.Nil(t, item.Result, body)
			require.EqualError(t, item.Err, fmt.Sprintf("nahook: item %d (%s): POST /batch: 202 unknown: the response is not the documented JSON: %s (request req_1)", i, sendItems[i].EndpointID, want))
		}
	}
}
