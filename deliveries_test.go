package nahook_test

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nahook/nahook-go"
)

func delivered(t *testing.T) nahook.Delivery {
	return nahook.Delivery{
		ID: "del_abc123", IdempotencyKey: "order-4711", EndpointID: "ep_abc123", Status: nahook.DeliveryStatusDelivered, TotalAttempts: 2,
		FirstAttemptAt: at(t, "2026-01-15T10:30:01.275Z"), DeliveredAt: at(t, "2026-01-15T10:30:06.515Z"), HasPayload: true,
		CreatedAt: at(t, "2026-01-15T10:30:00.125Z"), UpdatedAt: at(t, "2026-01-15T10:30:06.625Z"),
	}
}

func scheduled(t *testing.T) nahook.Delivery {
	return nahook.Delivery{
		ID: "del_def456", IdempotencyKey: "order-4712", EndpointID: "ep_abc123", Status: nahook.DeliveryStatusScheduledRetry, TotalAttempts: 1,
		FirstAttemptAt: at(t, "2026-01-15T10:31:01.275Z"), NextRetryAt: at(t, "2026-01-15T10:31:06.775Z"), HasPayload: true,
		CreatedAt: at(t, "2026-01-15T10:31:00.125Z"), UpdatedAt: at(t, "2026-01-15T10:31:01.515Z"),
	}
}

func pending(t *testing.T) nahook.Delivery {
	return nahook.Delivery{
		ID: "del_ghi789", IdempotencyKey: "order-4713", EndpointID: "ep_abc123", Status: nahook.DeliveryStatusPending,
		CreatedAt: at(t, "2026-01-15T10:32:00.125Z"), UpdatedAt: at(t, "2026-01-15T10:32:00.125Z"),
	}
}

func withPayload(t *testing.T) nahook.Delivery {
	d := delivered(t)
	d.Payload = &nahook.DeliveryPayload{
		Status: nahook.PayloadStatusAvailable, Data: json.RawMessage(`{"orderId": "ord_123", "amount": 49.90}`), ContentType: "application/json",
	}
	return d
}

func attempts(t *testing.T) []nahook.Attempt {
	return []nahook.Attempt{
		{ID: "att_abc123", Number: 1, Status: nahook.AttemptStatusFailed, ErrorMessage: "connection refused", CreatedAt: at(t, "2026-01-15T10:30:01.275Z")},
		{
			ID: "att_def456", Number: 2, Status: nahook.AttemptStatusFailed, ResponseStatusCode: 502, ResponseTime: 88 * time.Millisecond,
			ErrorMessage: "status 502", CreatedAt: at(t, "2026-01-15T10:30:06.275Z"),
		},
		{
			ID: "att_ghi789", Number: 3, Status: nahook.AttemptStatusSuccess, ResponseStatusCode: 200, ResponseTime: 1204 * time.Millisecond,
			CreatedAt: at(t, "2026-01-15T10:35:06.515Z"),
		},
	}
}

func TestDeliveryOperations(t *testing.T) {
	t.Parallel()
	file := func(name string) string { return string(fixture(t, name)) }
	const list, one = "/workspaces/ws/endpoints/ep/deliveries", "/workspaces/ws/deliveries/del"
	page := &nahook.DeliveryPage{Data: []nahook.Delivery{pending(t), scheduled(t), delivered(t)}, NextCursor: "b3BhcXVl-cursor_1"}
	runOperations(t, map[string]operation{
		"deliveries.list": {exchange{method: "GET", path: list, query: "cursor=a%2Bb%26c&limit=20&status=dead_letter", status: 200, answer: file("deliveries_list.json")},
			func(ctx context.Context, m *nahook.Management) (any, error) {
				return m.Deliveries.List(ctx, "ws", "ep", &nahook.ListDeliveriesOptions{Limit: 20, Cursor: "a+b&c", Status: nahook.DeliveryStatusDeadLetter})
			}, page},
		"deliveries.list with nil options": {exchange{method: "GET", path: list, status: 200, answer: file("deliveries_list.json")},
			func(ctx context.Context, m *nahook.Management) (any, error) {
				return m.Deliveries.List(ctx, "ws", "ep", nil)
			}, page},
		"deliveries.list with nothing": {exchange{method: "GET", path: list, status: 200, answer: `{"deliveries": [], "nextCursor": null}`},
			func(ctx context.Context, m *nahook.Management) (any, error) {
				return m.Deliveries.List(ctx, "ws", "ep", &nahook.ListDeliveriesOptions{})
			}, &nahook.DeliveryPage{Data: []nahook.Delivery{}}},
		"deliveries.get": {exchange{method: "GET", path: one, query: "include=payload", status: 200, answer: file("delivery_payload.json")},
			func(ctx context.Context, m *nahook.Management) (any, error) {
				return m.Deliveries.Get(ctx, "ws", "del", &nahook.GetDeliveryOptions{IncludePayload: true})
			}, nahook.Ptr(withPayload(t))},
		"deliveries.get without payload": {exchange{method: "GET", path: one, status: 200, answer: file("delivery.json")},
			func(ctx context.Context, m *nahook.Management) (any, error) {
				return m.Deliveries.Get(ctx, "ws", "del", &nahook.GetDeliveryOptions{})
			}, nahook.Ptr(delivered(t))},
		"deliveries.get with nulls": {exchange{method: "GET", path: one, status: 200, answer: file("delivery_nulls.json")},
			func(ctx context.Context, m *nahook.Management) (any, error) {
				return m.Deliveries.Get(ctx, "ws", "del", nil)
			},
			nahook.Ptr(pending(t))},
		"deliveries.attempts": {exchange{method: "GET", path: one + "/attempts", status: 200, answer: file("attempts_list.json")},
			func(ctx context.Context, m *nahook.Management) (any, error) {
				return m.Deliveries.Attempts(ctx, "ws", "del")
			},
			&nahook.List[nahook.Attempt]{Data: attempts(t)}},
	})
}

// Both directions: what has been read can be stored.
func TestDeliveriesAreTheDocumentedJSON(t *testing.T) {
	t.Parallel()
	all := withPayload(t)
	all.NextRetryAt = scheduled(t).NextRetryAt
	everyField(t, all)
	everyField(t, *all.Payload)
	everyField(t, attempts(t)[1])
	for name, record := range map[string]any{
		"delivery.json":         delivered(t),
		"delivery_nulls.json":   pending(t),
		"delivery_payload.json": withPayload(t),
		"deliveries_list.json":  nahook.DeliveryPage{Data: []nahook.Delivery{pending(t), scheduled(t), delivered(t)}, NextCursor: "b3BhcXVl-cursor_1"},
		"attempts_list.json":    attempts(t),
	} {
		sameBothWaysButNulls(t, name, record)
	}
	require.Error(t, json.Unmarshal([]byte(`{"responseTimeMs": "88"}`), new(nahook.Attempt)))
	encoded, err := json.Marshal(attempts(t))
	require.NoError(t, err)
	assert.JSONEq(t, string(fixture(t, "attempts_list.json")), string(encoded), "nulls and all")
}

// What the API writes comes out as it went in.
func TestAttemptsKeepTheirNulls(t *testing.T) {
	t.Parallel()
	for in, out := range map[string]string{
		`{"responseStatusCode": null, "responseTimeMs": null, "errorMessage": null}`:               "",
		`{"responseStatusCode": null, "responseTimeMs": 30000, "errorMessage": "timeout"}`:         "",
		`{"responseStatusCode": 502, "responseTimeMs": 0, "errorMessage": "status 502"}`:           "",
		`{"responseStatusCode": 200, "responseTimeMs": 9223372036854, "errorMessage": null}`:       "",
		`{"responseStatusCode": 200, "responseTimeMs": 9223372036855, "errorMessage": null}`:       `{"responseStatusCode": 200, "responseTimeMs": 9223372036854, "errorMessage": null}`,
		`{"responseStatusCode": 200, "responseTimeMs": 9223372036854775807, "errorMessage": null}`: `{"responseStatusCode": 200, "responseTimeMs": 9223372036854, "errorMessage": null}`,
		`{"responseStatusCode": 200, "responseTimeMs": -5, "errorMessage": null}`:                  `{"responseStatusCode": 200, "responseTimeMs": 0, "errorMessage": null}`,
		`{}`: `{"responseStatusCode": null, "responseTimeMs": null, "errorMessage": null}`,
	} {
		const rest = `{"id": "att", "attemptNumber": 1, "status": "failed", "createdAt": "2026-01-15T10:30:01.275Z", `
		var a nahook.Attempt
		require.NoError(t, json.Unmarshal([]byte(strings.Replace(rest+in[1:], ", }", "}", 1)), &a), in)
		assert.GreaterOrEqual(t, a.ResponseTime, time.Duration(0))
		encoded, err := json.Marshal(a)
		require.NoError(t, err)
		assert.JSONEq(t, rest+cmp.Or(out, in)[1:], string(encoded))
	}
	a := attempts(t)[1]
	require.NoError(t, json.Unmarshal([]byte("null"), &a))
	assert.Equal(t, attempts(t)[1], a, "null does nothing")
}

// There is no payload of null.
func TestPayloadOfNullIsNil(t *testing.T) {
	t.Parallel()
	const payload = `{"status": "forbidden", "data": null, "contentType": null}`
	m := through(t, roundTrip(func(r *http.Request) (*http.Response, error) {
		one := `{"id": "del", "payload": ` + payload + `}`
		if strings.HasSuffix(r.URL.Path, "/deliveries") {
			one = `{"deliveries": [` + one + `]}`
		}
		return reply(200, one)(r)
	}))
	d, err := m.Deliveries.Get(t.Context(), "ws", "del", &nahook.GetDeliveryOptions{IncludePayload: true})
	require.NoError(t, err)
	assert.Equal(t, &nahook.DeliveryPayload{Status: nahook.PayloadStatusForbidden}, d.Payload)
	page, err := m.Deliveries.List(t.Context(), "ws", "ep", nil)
	require.NoError(t, err)
	assert.Equal(t, d.Payload, page.Data[0].Payload)
}

// sameBothWaysButNulls is sameBothWays for a record that leaves out, or writes as
// zero, what the server writes as null.
func sameBothWaysButNulls(t *testing.T, name string, value any) {
	t.Helper()
	encoded, err := json.Marshal(value)
	require.NoError(t, err)
	var got, want any
	require.NoError(t, json.Unmarshal(encoded, &got))
	require.NoError(t, json.Unmarshal(fixture(t, name), &want))
	assert.Equal(t, withoutZeros(want), withoutZeros(got), name)
}

func withoutZeros(v any) any {
	switch v := v.(type) {
	case []any:
		for i := range v {
			v[i] = withoutZeros(v[i])
		}
	case map[string]any:
		for key := range v {
			v[key] = withoutZeros(v[key])
		}
		for key, value := range v {
			if value == nil || value == "" || value == 0.0 {
				delete(v, key)
			}
		}
	}
	return v
}

func TestDeliveryWords(t *testing.T) {
	t.Parallel()
	assert.Equal(t, []nahook.DeliveryStatus{"pending", "delivering", "delivered", "scheduled_retry", "failed", "dead_letter"}, []nahook.DeliveryStatus{
		nahook.DeliveryStatusPending, nahook.DeliveryStatusDelivering, nahook.DeliveryStatusDelivered,
		nahook.DeliveryStatusScheduledRetry, nahook.DeliveryStatusFailed, nahook.DeliveryStatusDeadLetter,
	})
	assert.Equal(t, []nahook.PayloadStatus{"available", "processing", "forbidden", "not_found", "error"}, []nahook.PayloadStatus{
		nahook.PayloadStatusAvailable, nahook.PayloadStatusProcessing, nahook.PayloadStatusForbidden, nahook.PayloadStatusNotFound, nahook.PayloadStatusError,
	})
	assert.Equal(t, []nahook.AttemptStatus{"success", "failed"}, []nahook.AttemptStatus{nahook.AttemptStatusSuccess, nahook.AttemptStatusFailed})
}

func TestForeignJSONIsNoDelivery(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`{"error": "login first"}`: `it has no "deliveries"`,
		`{"deliveries": null}`:     `it has no "deliveries"`,
		`{"deliveries": [{}]}`:     `it has no "id"`,
		`{"deliveries": [{"id": "del_1", "totalAttempts": "s3cr3t"}]}`: `"deliveries.totalAttempts" is a JSON string, want integer`,
	} {
		_, err := through(t, roundTrip(reply(200, body))).Deliveries.List(t.Context(), "ws", "ep", nil)
		require.EqualError(t, err, "nahook: GET /workspaces/ws/endpoints/ep/deliveries: 200 unknown: the response is not the documented JSON: "+want+" (request req_1)")
	}
	_, err := through(t, roundTrip(reply(200, `{}`))).Deliveries.Get(t.Context(), "ws", "del", nil)
	require.ErrorContains(t, err, `it has no "id"`)
	_, err = through(t, roundTrip(reply(200, `[{}]`))).Deliveries.Attempts(t.Context(), "ws", "del")
	require.ErrorContains(t, err, `it has no "id"`)
	_, err = through(t, roundTrip(reply(200, `[{"attemptNumber": "s3cr3t"}]`))).Deliveries.Attempts(t.Context(), "ws", "del")
	require.ErrorContains(t, err, `: "attemptNumber" is a JSON string, want integer`)
}

// feed is a server that pages through ids by cursor, newest first.
type feed struct {
	ids     []string
	queries []url.Values
	before  func(request int) *http.Response // each answer; may change ids, or answer by itself
}

func (f *feed) RoundTrip(r *http.Request) (*http.Response, error) {
	query := r.URL.Query()
	f.queries = append(f.queries, query)
	if f.before != nil {
		if res := f.before(len(f.queries)); res != nil {
			return res, nil
		}
	}
	limit, _ := strconv.Atoi(query.Get("limit"))
	start := slices.Index(f.ids, query.Get("cursor")) + 1
	end := min(start+limit, len(f.ids))
	rows, next := []map[string]string{}, nahook.Null[string]()
	for _, id := range f.ids[start:end] {
		rows = append(rows, map[string]string{"id": id})
	}
	if end < len(f.ids) {
		next = nahook.Value(f.ids[end-1])
	}
	body, err := json.Marshal(map[string]any{"deliveries": rows, "nextCursor": next})
	if err != nil {
		return nil, err
	}
	return reply(200, string(body))(r)
}

// walkDeliveries collects what All yields.
func walkDeliveries(ctx context.Context, m *nahook.Management, o *nahook.ListDeliveriesOptions) (ids []string, err error) {
	for d, err := range m.Deliveries.All(ctx, "ws", "ep", o) {
		if err != nil {
			return ids, err
		}
		ids = append(ids, d.ID)
	}
	return ids, nil
}

func TestAllDeliveries(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		rows    int
		options *nahook.ListDeliveriesOptions
		skipped int
		queries []string
	}{
		"none":                       {0, nil, 0, []string{"limit=100"}},
		"one full page":              {100, nil, 0, []string{"limit=100"}},
		"a full one and a short one": {101, nil, 0, []string{"limit=100", "cursor=app_2&limit=100"}},
		"more than the server gives": {150, &nahook.ListDeliveriesOptions{Limit: 1000}, 0, []string{"limit=100", "cursor=app_51&limit=100"}},
		"small pages of one status":  {5, &nahook.ListDeliveriesOptions{Limit: 2, Status: "x"}, 0, []string{"limit=2&status=x", "cursor=app_4&limit=2&status=x", "cursor=app_2&limit=2&status=x"}},
		"from the middle":            {5, &nahook.ListDeliveriesOptions{Limit: 2, Cursor: "app_4"}, 2, []string{"cursor=app_4&limit=2", "cursor=app_2&limit=2"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := &feed{ids: rows(c.rows)}
			got, err := walkDeliveries(t.Context(), through(t, server), c.options)
			require.NoError(t, err)
			assert.ElementsMatch(t, rows(c.rows)[c.skipped:], got)
			queries := []string{}
			for _, query := range server.queries {
				queries = append(queries, query.Encode())
			}
			assert.Equal(t, c.queries, queries)
		})
	}
}

// A cursor stands at a row: what is created meanwhile moves nothing.
func TestAllDeliveriesSeesNoneTwice(t *testing.T) {
	t.Parallel()
	server := &feed{ids: rows(50)}
	server.before = func(request int) *http.Response {
		server.ids = slices.Concat([]string{fmt.Sprint("new_", request)}, server.ids)
		if request > 10 { // who does not send the cursor would go on for ever
			res, _ := reply(404, "")(nil)
			return res
		}
		return nil
	}
	got, err := walkDeliveries(t.Context(), through(t, server), &nahook.ListDeliveriesOptions{Limit: 7})
	require.NoError(t, err)
	assert.Equal(t, append([]string{"new_1"}, rows(50)...), got)
}

// A circle of cursors is noticed where it closes, wherever that is.
func TestAllDeliveriesNoticesARepeatedCursor(t *testing.T) {
	t.Parallel()
	for _, cursors := range [][]string{{"a", "a"}, {"a", "b", "c", "a"}, {"a", "b", "c", "b"}, {"a", "start"}, {"start"}} {
		requests := 0
		server := roundTrip(func(r *http.Request) (*http.Response, error) {
			requests++
			return reply(200, fmt.Sprintf(`{"deliveries": [{"id": "del_%d"}], "nextCursor": %q}`, requests, cursors[requests-1]))(r)
		})
		got, err := walkDeliveries(t.Context(), through(t, server), &nahook.ListDeliveriesOptions{Cursor: "start"})
		require.EqualError(t, err, "nahook: deliveries.list: the server repeats a cursor")
		assert.Len(t, got, len(cursors), "what came with it is new all the same")
		assert.Equal(t, len(cursors), requests)
	}
}

// A server may give a new cursor for what it always sends, and so may never end.
func TestAllDeliveriesNoticesAnIgnoredCursor(t *testing.T) {
	t.Parallel()
	for page, yielded := range map[string][]string{`{"id": "del_2"}, {"id": "del_1"}`: {"del_2", "del_1"}, "": nil} {
		requests := 0
		server := roundTrip(func(r *http.Request) (*http.Response, error) {
			if requests++; requests > 10 {
				return reply(404, "")(r)
			}
			return reply(200, fmt.Sprintf(`{"deliveries": [%s], "nextCursor": "c%d"}`, page, requests))(r)
		})
		got, err := walkDeliveries(t.Context(), through(t, server), nil)
		require.EqualError(t, err, "nahook: deliveries.list: the server ignores the cursor: 3 times in a row it sent nothing new")
		assert.Equal(t, yielded, got)
	}
}

// Pages that overlap, by less than what is remembered, yield each row once; and
// the last may bring nothing new.
func TestAllDeliveriesDropsRepeats(t *testing.T) {
	t.Parallel()
	pages := []string{
		`{"deliveries": [{"id": "5"}, {"id": "4"}, {"id": "4"}], "nextCursor": "a"}`, `{"deliveries": [{"id": "5"}, {"id": "4"}], "nextCursor": "b"}`,
		`{"deliveries": [], "nextCursor": "c"}`, `{"deliveries": [{"id": "4"}, {"id": "3"}], "nextCursor": "d"}`,
		`{"deliveries": [{"id": "5"}], "nextCursor": "e"}`, `{"deliveries": [{"id": "4"}], "nextCursor": "f"}`, `{"deliveries": [{"id": "3"}]}`,
	}
	requests := 0
	server := roundTrip(func(r *http.Request) (*http.Response, error) {
		requests++
		return reply(200, pages[requests-1])(r)
	})
	got, err := walkDeliveries(t.Context(), through(t, server), nil)
	require.NoError(t, err)
	assert.Equal(t, []string{"5", "4", "3"}, got)
	assert.Len(t, pages, requests)
}

func TestAllDeliveriesEndsWithItsError(t *testing.T) {
	t.Parallel()
	server := &feed{ids: rows(10)}
	server.before = func(request int) *http.Response {
		if request < 3 {
			return nil
		}
		res, _ := reply(400, string(fixture(t, "error_invalid_cursor.json")))(nil)
		return res
	}
	yielded, failed := 0, 0
	for d, err := range through(t, server).Deliveries.All(t.Context(), "ws", "ep", &nahook.ListDeliveriesOptions{Limit: 4}) {
		if err == nil {
			yielded++
			continue
		}
		failed++
		assert.Nil(t, d)
		require.ErrorIs(t, err, nahook.ErrInvalidCursor)
	}
	assert.Equal(t, []int{8, 1, 3}, []int{yielded, failed, len(server.queries)})
}

func TestAllDeliveriesStopsWithTheLoop(t *testing.T) {
	t.Parallel()
	server := &feed{ids: rows(10)}
	all := through(t, server).Deliveries.All(t.Context(), "ws", "ep", &nahook.ListDeliveriesOptions{Limit: 4})
	for range 2 { // it starts anew each time
		server.queries = nil
		var got []string
		for d, err := range all {
			require.NoError(t, err)
			if got = append(got, d.ID); len(got) == 8 {
				break
			}
		}
		assert.Equal(t, rows(10)[:8], got)
		assert.Len(t, server.queries, 2)
	}
}

func TestNegativeLimitOfDeliveries(t *testing.T) {
	t.Parallel()
	mgmt, mock := mocked(t)
	o := &nahook.ListDeliveriesOptions{Limit: -1}
	_, err := mgmt.Deliveries.List(t.Context(), "ws", "ep", o)
	require.EqualError(t, err, "nahook: invalid argument: deliveries.list: limit is negative")
	_, err = walkDeliveries(t.Context(), mgmt, o)
	require.ErrorIs(t, err, nahook.ErrInvalidArgument)
	assert.Zero(t, mock.GetTotalCallCount())
}
