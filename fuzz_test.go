package nahook_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/nahook/nahook-go"
)

// What a fuzzed answer holds in the place of the caller's token, as it is and
// as JSON may spell it, and what no error repeats of a success.
const (
	tokenMark   = "TOKEN"
	escapedMark = "ESCAPED"
	bodyMark    = "m4rk3r"
)

// fuzzed is a server that gives one and the same answer to everything.
type fuzzed struct {
	status int
	header string // the value of every header that the client reads
	body   string
}

func (f fuzzed) RoundTrip(r *http.Request) (*http.Response, error) {
	h := http.Header{}
	for _, name := range []string{"X-Request-Id", "Retry-After", "Location", "X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"} {
		h.Set(name, f.in(f.header, r))
	}
	body := f.in(f.body, r)
	return &http.Response{StatusCode: f.status, Header: h, Request: r, Body: io.NopCloser(strings.NewReader(body)), ContentLength: -1}, nil
}

// in is a text with the token of the request in its marks.
func (f fuzzed) in(text string, r *http.Request) string {
	token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	return strings.NewReplacer(tokenMark, token, escapedMark, `\u006e`+token[1:]).Replace(text)
}

// FuzzAnswers has every method read whatever a server may answer. Either it is
// what was asked for, and then it is whole and means the same when it is encoded
// and read once more, or there is an error that names the operation and gives
// nothing away.
func FuzzAnswers(f *testing.F) {
	all := methods(f, fuzzed{})
	for i, m := range all {
		if m.pages {
			all[i].name += " in pages"
		}
		for _, body := range []string{"", "null", "{}", "[]", "[{}]", "<html>" + bodyMark + "</html>", `{"id":"` + bodyMark + `"}`} {
			f.Add(all[i].name, 200, "req_1", body)
		}
		f.Add(all[i].name, 200, "7", sample(f, m.name))
		f.Add(all[i].name, 404, "https://"+tokenMark+".test/", envelope("not_found", "No "+tokenMark))
	}
	for _, status := range []int{-1, 0, 199, 200, 299, 300, 399, 400, 499, 500, 999, 1000} {
		f.Add("endpoints.get", status, "", `{"id":"ep_1"}`)
	}
	f.Fuzz(func(t *testing.T, name string, status int, header, body string) {
		which := slices.IndexFunc(all, func(m method) bool { return m.name == name })
		if which < 0 {
			which = len(name) % len(all)
		}
		server := fuzzed{status, header, body}
		m := methods(t, server)[which]
		var response nahook.Response
		rows, err := m.rows(t.Context(), someIDs(m.ids), nahook.WithoutRetry(), nahook.WithResponse(&response))
		require.Equal(t, 1, response.Attempts)
		if err != nil {
			checkFailure(t, m, server, err)
			return
		}
		require.Equal(t, 2, status/100)
		require.Equal(t, status, response.StatusCode)
		require.Contains(t, []string{server.in(body, requestOf(secretToken)), server.in(body, requestOf(secretKey))}, string(response.Body), "whole on success")
		require.True(t, json.Valid(response.Body) || len(rows) == 0 && len(bytes.TrimSpace(response.Body)) == 0)
		for _, row := range rows {
			checkWhole(t, reflect.ValueOf(row).Elem())
			if encoded := encodedAnswer(t, row); encoded != nil && !m.pages {
				again, err := methods(t, fuzzed{status, header, string(encoded)})[which].rows(t.Context(), someIDs(m.ids))
				require.NoError(t, err, "%s", encoded)
				require.Len(t, again, 1)
				require.Equal(t, string(encoded), string(encodedAnswer(t, again[0])))
			}
		}
	})
}

func requestOf(token string) *http.Request {
	return &http.Request{Header: http.Header{"Authorization": {"Bearer " + token}}}
}

// sample is the documented answer to the operation called name, empty if it
// has none.
func sample(tb testing.TB, name string) string {
	tb.Helper()
	file, known := map[string]string{
		"applications.list": "applications_list", "applications.get": "application", "applications.create": "application", "applications.update": "application_nulls",
		"applications.listEndpoints": "endpoints_list", "applications.createEndpoint": "endpoint",
		"endpoints.list": "endpoints_list", "endpoints.get": "endpoint", "endpoints.create": "endpoint", "endpoints.update": "endpoint_slack",
		"eventTypes.list": "event_types_list", "eventTypes.get": "event_type", "eventTypes.create": "event_type", "eventTypes.update": "event_type",
		"subscriptions.list": "subscriptions_list", "subscriptions.create": "subscribed",
		"environments.list": "environments_list", "environments.get": "environment", "environments.create": "environment", "environments.update": "environment",
		"environments.listVisibility": "visibility_list", "environments.setVisibility": "visibility",
		"deliveries.list": "deliveries_list", "deliveries.get": "delivery_payload", "deliveries.attempts": "attempts_list",
		"portalSessions.create": "portal_session", "auditLogs.list": "audit_logs",
		"ingest.send": "sent", "ingest.trigger": "triggered", "ingest.sendBatch": "sent_batch", "ingest.triggerBatch": "triggered_batch",
	}[name]
	if !known {
		return ""
	}
	return string(fixture(tb, file+".json"))
}

// checkFailure is what every error of an answer is: a line that names the
// operation, and that neither the token nor what could not be read is part of.
func checkFailure(t *testing.T, m method, server fuzzed, err error) {
	t.Helper()
	text := err.Error()
	require.Regexp(t, `^nahook: ((item 0 \(ws_1\): )?(GET|POST|PUT|PATCH|DELETE) `+m.path+`|`+regexp.QuoteMeta(m.name)+`: the server (ignores|repeats) )`, text)
	require.NotContains(t, text, secretToken)
	require.NotContains(t, text, secretKey)
	require.False(t, strings.ContainsFunc(text, unicode.IsControl), "%q", text)
	require.True(t, utf8.ValidString(text), "%q", text)
	require.Less(t, len(text), 4<<10)
	for _, never := range []error{nahook.ErrInvalidArgument, nahook.ErrAttemptTimeout, nahook.ErrCallTimeout, context.Canceled, context.DeadlineExceeded} {
		require.NotErrorIs(t, err, never)
	}
	var refused *nahook.APIError
	var failed *nahook.TransportError
	switch {
	case errors.As(err, &refused):
		require.True(t, server.status >= 200 && server.status <= 999)
		checkRefusal(t, m, server, refused)
	case errors.As(err, &failed):
		require.True(t, server.status < 200 || server.status > 999)
		require.True(t, failed.Sent)
		require.Equal(t, 1, failed.Attempts)
	default:
		require.Contains(t, text, "nahook: "+m.name+": the server ", "a listing that leads nowhere")
		require.Equal(t, 2, server.status/100)
	}
}

func checkRefusal(t *testing.T, m method, server fuzzed, refused *nahook.APIError) {
	t.Helper()
	for _, text := range []string{refused.Code, refused.Message, refused.RequestID, refused.Op, string(refused.Body)} {
		require.NotContains(t, text, secretToken)
		require.NotContains(t, text, secretKey)
	}
	require.NotEmpty(t, refused.Code)
	require.NotEmpty(t, refused.Message)
	require.GreaterOrEqual(t, refused.RetryAfter, time.Duration(0))
	require.LessOrEqual(t, len(refused.Body), 64<<10)
	matched := 0
	for _, sentinel := range []error{
		nahook.ErrValidation, nahook.ErrUnauthorized, nahook.ErrForbidden, nahook.ErrNotFound, nahook.ErrConflict, nahook.ErrRateLimited, nahook.ErrServer,
	} {
		if errors.Is(refused, sentinel) {
			matched++
		}
	}
	require.LessOrEqual(t, matched, 1)
	if m.batch && refused.Body == nil && server.status/100 == 2 {
		return // an item, whose status is that of its code
	}
	require.Equal(t, server.status, refused.StatusCode)
	require.Equal(t, server.status >= 500, errors.Is(refused, nahook.ErrServer))
	if server.status/100 == 2 {
		require.Zero(t, matched)
		require.Equal(t, "unknown", refused.Code)
		require.Error(t, refused.Unwrap())
		require.NotContains(t, refused.Error(), bodyMark)
		require.NotContains(t, refused.Message, bodyMark)
		return
	}
	require.NoError(t, refused.Unwrap())
}

// checkWhole is that a record has an id, or what it has in place of one, and so
// have those in a page, which is not nil.
func checkWhole(t *testing.T, v reflect.Value) {
	t.Helper()
	if rows := v.FieldByName("Data"); rows.IsValid() && v.Type() != reflect.TypeFor[nahook.DeliveryPayload]() {
		require.False(t, rows.IsNil(), "%s.Data", v.Type())
		for i := range rows.Len() {
			checkWhole(t, rows.Index(i))
		}
		return
	}
	if items := v.FieldByName("Items"); items.IsValid() {
		require.Equal(t, 1, items.Len())
		require.NotEmpty(t, items.Index(0).FieldByName("IdempotencyKey").String())
		checkWhole(t, items.Index(0).FieldByName("Result").Elem())
		return
	}
	for _, name := range []string{"ID", "DeliveryID", "URL", "EventTypeID"} {
		if id := v.FieldByName(name); id.IsValid() {
			require.NotEmpty(t, id.String(), "%s.%s", v.Type(), name)
			return
		}
	}
	require.Equal(t, reflect.TypeFor[nahook.SubscribeResult](), v.Type())
}

// encodedAnswer is the answer that would be read as row, nil for the result of
// a batch, which has more than its answer.
func encodedAnswer(t *testing.T, row any) []byte {
	t.Helper()
	v := reflect.ValueOf(row).Elem()
	switch name := v.Type().Name(); {
	case strings.HasPrefix(name, "BatchResult["):
		return nil
	case strings.HasPrefix(name, "List["):
		row = v.FieldByName("Data").Interface()
	}
	encoded, err := json.Marshal(row)
	require.NoError(t, err)
	return encoded
}

// FuzzNullable compares what an update sends and reads with encoding/json's own
// pointers and raw messages.
func FuzzNullable(f *testing.F) {
	for _, raw := range []string{"", "{}", `{"v":null}`, `{"v":0}`, `{"v":-7}`, `{"v":"7"}`, `{"v":1e2}`, `{"v":9223372036854775808}`, `{"v":[]}`, `{"v":1,"v":null}`, `{"V":3}`, `{"v": null }`} {
		f.Add(3, "text", raw)
	}
	f.Add(-1<<63, "\xff<&>\u2028\x00", `{"v":{"v":null}}`)
	f.Fuzz(func(t *testing.T, n int, text, raw string) {
		checkSent(t, nahook.Nullable[int]{}, map[string]any{})
		checkSent(t, nahook.Null[int](), map[string]any{"maxEndpoints": nil})
		checkSent(t, nahook.Value(n), map[string]any{"maxEndpoints": n})
		checkEncoded(t, n)
		checkEncoded(t, text)
		checkEncoded(t, []string{text})
		checkEncoded(t, map[string]int{text: n})
		checkRead[int](t, raw)
		checkRead[string](t, raw)
		checkRead[map[string]any](t, raw)
	})
}

// checkSent is the body of an update.
func checkSent(t *testing.T, n nahook.Nullable[int], want map[string]any) {
	t.Helper()
	var sent string
	mgmt := through(t, roundTrip(func(r *http.Request) (*http.Response, error) {
		sent = bodyOf(r)
		return reply(200, `{"id":"app_1"}`)(r)
	}))
	_, err := mgmt.Applications.Update(t.Context(), "ws", "app_1", nahook.UpdateApplicationOptions{MaxEndpoints: n})
	require.NoError(t, err)
	encoded, err := json.Marshal(want)
	require.NoError(t, err)
	require.Equal(t, string(encoded), sent)
}

type nullable[T any] struct {
	V nahook.Nullable[T] `json:"v,omitzero"`
}

// checkEncoded is that a value is encoded as it would be by itself, and read back.
func checkEncoded[T any](t *testing.T, v T) {
	t.Helper()
	want, err := json.Marshal(struct {
		V T `json:"v"`
	}{v})
	require.NoError(t, err)
	got, err := json.Marshal(nullable[T]{nahook.Value(v)})
	require.NoError(t, err)
	require.Equal(t, string(want), string(got))
	checkRead[T](t, string(got))
}

// checkRead is that JSON is refused where a pointer refuses it, and that absent,
// null and a value are told apart.
func checkRead[T any](t *testing.T, raw string) {
	t.Helper()
	var got nullable[T]
	var pointer struct {
		V *T `json:"v"`
	}
	var present struct {
		V json.RawMessage `json:"v"`
	}
	err := json.Unmarshal([]byte(raw), &got)
	require.Equal(t, json.Unmarshal([]byte(raw), &pointer) == nil, err == nil, "%v", err)
	if err != nil {
		return
	}
	require.NoError(t, json.Unmarshal([]byte(raw), &present))
	value, set := got.V.Get()
	require.Equal(t, present.V == nil, got.V.IsZero())
	require.Equal(t, pointer.V != nil, set)
	if set {
		require.Equal(t, *pointer.V, value)
	}
	encoded, err := json.Marshal(got)
	require.NoError(t, err)
	require.Equal(t, present.V == nil, string(encoded) == `{}`)
	require.Equal(t, present.V != nil && pointer.V == nil, string(encoded) == `{"v":null}`)
	var again nullable[T]
	require.NoError(t, json.Unmarshal(encoded, &again))
	require.Equal(t, got, again)
}
