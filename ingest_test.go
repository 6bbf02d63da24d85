package nahook_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nahook/nahook-go"
)

var uuid = regexp.MustCompile("^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$")

// order is what a user sends.
type order struct {
	ID     string      `json:"orderId"`
	Amount json.Number `json:"amount,omitempty"`
}

var (
	sendOptions    = nahook.SendOptions{Payload: order{"ord_123", "49.90"}, IdempotencyKey: "order-4711"}
	triggerOptions = nahook.TriggerOptions{Payload: order{"ord_123", "49.90"}, Metadata: map[string]string{"source": "checkout"}}
	sendItems      = []nahook.SendItem{
		{EndpointID: "ep_abc123", Payload: order{ID: "ord_123"}, IdempotencyKey: "order-4711"},
		{EndpointID: "ep_def456", Payload: order{ID: "ord_124"}, IdempotencyKey: "order-4712"},
	}
	triggerItems = []nahook.TriggerItem{
		{EventType: "order.created", Payload: order{ID: "ord_123"}, Metadata: map[string]string{"source": "checkout"}, IdempotencyKey: "order-4711"},
		{EventType: "order.paid", Payload: order{ID: "ord_124"}, IdempotencyKey: "order-4712"},
	}

	sent      = nahook.SendResult{DeliveryID: "del_abc123", IdempotencyKey: "order-4711", Status: "accepted"}
	sent2     = nahook.SendResult{DeliveryID: "del_def456", IdempotencyKey: "order-4712", Status: "accepted"}
	triggered = nahook.TriggerResult{EventTypeID: "evt_abc123", DeliveryIDs: []string{"del_abc123", "del_def456"}, Status: "accepted"}
	// nobody is subscribed to this one
	triggered2 = nahook.TriggerResult{EventTypeID: "evt_def456", DeliveryIDs: []string{}, Status: "accepted"}
)

func TestIngestOperations(t *testing.T) {
	t.Parallel()
	file := func(name string) string { return string(fixture(t, name)) }
	for _, v := range []any{sendOptions, triggerOptions, sendItems[0], triggerItems[0], sent, triggered} {
		everyField(t, v)
	}
	for name, c := range map[string]struct {
		exchange
		call func(context.Context, *nahook.Client) (any, error)
		want any
	}{
		"ingest.send": {exchange{method: "POST", path: "/ep_abc123", body: file("send_payload.json"), status: 202, answer: file("sent.json")},
			func(ctx context.Context, c *nahook.Client) (any, error) { return c.Send(ctx, "ep_abc123", sendOptions) }, &sent},
		"ingest.trigger": {exchange{method: "POST", path: "/event/order.created", body: file("trigger_event.json"), status: 202, answer: file("triggered.json")},
			func(ctx context.Context, c *nahook.Client) (any, error) {
				return c.Trigger(ctx, "order.created", triggerOptions)
			}, &triggered},
		"ingest.trigger with nobody": {exchange{method: "POST", path: "/event/order.paid", body: `{"payload": {}}`, status: 202, answer: `{"eventTypeId": "evt_def456", "deliveryIds": null, "status": "accepted"}`},
			func(ctx context.Context, c *nahook.Client) (any, error) {
				return c.Trigger(ctx, "order.paid", nahook.TriggerOptions{Payload: struct{}{}})
			}, &triggered2},
		"ingest.sendBatch": {exchange{method: "POST", path: "/batch", body: file("send_batch.json"), status: 202, answer: file("sent_batch.json")},
			func(ctx context.Context, c *nahook.Client) (any, error) { return c.SendBatch(ctx, sendItems) },
			&nahook.BatchResult[nahook.SendResult]{Items: []nahook.BatchItem[nahook.SendResult]{{Result: &sent, IdempotencyKey: "order-4711"}, {Result: &sent2, IdempotencyKey: "order-4712"}}}},
		"ingest.triggerBatch": {exchange{method: "POST", path: "/event/batch", body: file("trigger_batch.json"), status: 202, answer: file("triggered_batch.json")},
			func(ctx context.Context, c *nahook.Client) (any, error) { return c.TriggerBatch(ctx, triggerItems) },
			&nahook.BatchResult[nahook.TriggerResult]{Items: []nahook.BatchItem[nahook.TriggerResult]{{Result: &triggered, IdempotencyKey: "order-4711"}, {Result: &triggered2, IdempotencyKey: "order-4712"}}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			mock := newMock(t)
			c.onIngestion(mock)
			got, err := c.call(t.Context(), sending(t, mock))
			require.NoError(t, err)
			assert.Equal(t, c.want, got)
			assert.Equal(t, 1, mock.GetTotalCallCount())
		})
	}
}

// Both directions of what can be stored: a queue of items to send, and results.
func TestIngestIsTheDocumentedJSON(t *testing.T) {
	t.Parallel()
	sameBothWays(t, "sent.json", sent)
	sameBothWays(t, "triggered.json", triggered)
	for name, value := range map[string]any{
		"send_payload.json": sendOptions, "trigger_event.json": triggerOptions,
		"send_batch.json":    map[string]any{"items": sendItems},
		"trigger_batch.json": map[string]any{"items": triggerItems},
	} {
		encoded, err := json.Marshal(value)
		require.NoError(t, err)
		assert.JSONEq(t, string(fixture(t, name)), string(encoded), name)
	}
}

func TestRegions(t *testing.T) {
	t.Parallel()
	for key, host := range map[string]string{
		"nhk_us_k": "https://us.api.nahook.com", "nhk_eu_k": "https://eu.api.nahook.com", "nhk_ap_k": "https://ap.api.nahook.com",
		"nhk_k": "https://api.nahook.com", "nhk_sa_k": "https://api.nahook.com", "nhk_usk": "https://api.nahook.com",
		"nhk_us": "https://api.nahook.com", "nhk_k_us_": "https://api.nahook.com", "nhk_US_k": "https://api.nahook.com",
	} {
		client, err := nahook.NewClient(key)
		require.NoError(t, err)
		assert.Equal(t, "nahook.Client{"+host+"/api/ingest [redacted]}", client.LogValue().String(), key)
		require.NoError(t, client.Close())
		client, err = nahook.NewClient(key, nahook.WithBaseURL("http://127.0.0.1:3001/x/"))
		require.NoError(t, err)
		assert.Equal(t, "nahook.Client{http://127.0.0.1:3001/x/api/ingest [redacted]}", client.LogValue().String(), key)
	}
	mgmt, err := nahook.NewManagement("nhm_us_token")
	require.NoError(t, err)
	assert.Equal(t, "nahook.Management{https://api.nahook.com/management/v1 [redacted]}", mgmt.LogValue().String())
}

func TestBadKeys(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{"", "nhk_", "nhm_s3cr3t", "s3cr3t", "Bearer nhk_s3cr3t", " nhk_s3cr3t", "nhk_us_s3cr3t\n", "nhk_s3 cr3t"} {
		client, err := nahook.NewClient(bad)
		require.ErrorIs(t, err, nahook.ErrInvalidArgument, "%q", bad)
		assert.NotContains(t, err.Error(), "cr3t")
		assert.Nil(t, client)
	}
	_, err := nahook.NewClient(secretKey, nahook.WithTimeout(0))
	require.ErrorContains(t, err, "nahook: invalid argument: WithTimeout: 0s")
	_, err = nahook.NewClient("nhm_s3cr3t")
	require.EqualError(t, err, `nahook: invalid argument: the token does not start with "nhk_": is it of another kind, or not set?`)
}

// custom is a payload with an encoding of its own.
type custom struct {
	json string
	err  error
}

func (c custom) MarshalJSON() ([]byte, error) { return []byte(c.json), c.err }

// bodies answers everything and keeps what it was sent.
func bodies(sent *[]string) roundTrip {
	return func(r *http.Request) (*http.Response, error) {
		*sent = append(*sent, bodyOf(r))
		return reply(202, `{"deliveryId": "del_1", "eventTypeId": "evt_1"}`)(r)
	}
}

// A payload goes out as it was written, but for the white space around it.
func TestPayloads(t *testing.T) {
	t.Parallel()
	for want, payload := range map[string]any{
		`{}`:                                struct{}{},
		`{"a":1}`:                           map[string]int{"a": 1},
		`{"orderId":"o","amount":1.10}`:     &order{"o", "1.10"},
		`{"b":1,"a":1e2,"a":"<&> é\u00e9"}`: json.RawMessage(" {\"b\": 1,\n\"a\":1e2, \"a\":\"<&> é\\u00e9\"} "),
		`{"html":"<a&b>"}`:                  map[string]any{"html": "<a&b>"},
		`{"own":"<>"}`:                      custom{json: ` {"own": "<>"}`},
	} {
		var sent []string
		client := sending(t, bodies(&sent))
		_, err := client.Send(t.Context(), "ep", nahook.SendOptions{Payload: payload, IdempotencyKey: "k<"})
		require.NoError(t, err)
		_, err = client.Trigger(t.Context(), "a.b", nahook.TriggerOptions{Payload: payload})
		require.NoError(t, err)
		_, _ = client.SendBatch(t.Context(), []nahook.SendItem{{EndpointID: "ep", Payload: payload, IdempotencyKey: "k"}})
		_, _ = client.TriggerBatch(t.Context(), []nahook.TriggerItem{{EventType: "a.b", Payload: payload, IdempotencyKey: "k"}})
		assert.Equal(t, []string{
			`{"payload":` + want + `,"idempotencyKey":"k<"}`,
			`{"payload":` + want + `}`,
			`{"items":[{"endpointId":"ep","payload":` + want + `,"idempotencyKey":"k"}]}`,
			`{"items":[{"eventType":"a.b","payload":` + want + `,"idempotencyKey":"k"}]}`,
		}, sent)
	}
}

// nested is a payload of that many levels.
func nested(levels int) json.RawMessage {
	return json.RawMessage(strings.Repeat(`{"a":`, levels-1) + "{}" + strings.Repeat("}", levels-1))
}

// Only levels count, and not brackets.
func TestDeepPayloads(t *testing.T) {
	t.Parallel()
	for _, payload := range []any{
		nested(1000),
		json.RawMessage(`{"a":[` + strings.Repeat("{},[],", 2000) + `0]}`),
		map[string]string{"a": strings.Repeat(`[{`, 2000), "b": `\" \\` + strings.Repeat(`[`, 2000)},
		json.RawMessage(`{"a":` + string(nested(999)) + `,"b":` + string(nested(999)) + `}`),
	} {
		var sent []string
		for name, err := range each(t.Context(), sending(t, bodies(&sent)), payload, "") {
			require.NoError(t, err, name)
		}
		assert.Len(t, sent, 4)
	}
}

// counting is a payload that tells how often it is encoded, and is none any more
// when that is done again.
type counting struct{ count *int }

func (c counting) MarshalJSON() ([]byte, error) {
	*c.count++
	return []byte(map[bool]string{true: "{}", false: "3"}[*c.count == 1]), nil
}

func TestPayloadsAreEncodedOnce(t *testing.T) {
	t.Parallel()
	for name, call := range map[string]func(context.Context, *nahook.Client, any) error{
		"send": func(ctx context.Context, c *nahook.Client, payload any) error {
			_, err := c.Send(ctx, "ep", nahook.SendOptions{Payload: payload, IdempotencyKey: "k"})
			return err
		},
		"trigger": func(ctx context.Context, c *nahook.Client, payload any) error {
			_, err := c.Trigger(ctx, "a.b", nahook.TriggerOptions{Payload: payload})
			return err
		},
		"sendBatch": func(ctx context.Context, c *nahook.Client, payload any) error {
			_, err := c.SendBatch(ctx, []nahook.SendItem{{EndpointID: "ep", Payload: payload, IdempotencyKey: "k"}})
			return err
		},
		"triggerBatch": func(ctx context.Context, c *nahook.Client, payload any) error {
			_, err := c.TriggerBatch(ctx, []nahook.TriggerItem{{EventType: "a.b", Payload: payload, IdempotencyKey: "k"}})
			return err
		},
	} {
		var sent []string
		count := 0
		require.NoError(t, call(t.Context(), sending(t, bodies(&sent)), counting{&count}), name)
		assert.Equal(t, 1, count, name)
		require.Len(t, sent, 1, name)
		assert.Contains(t, sent[0], `"payload":{}`, name)
	}
}

// each is every way to send something, under the name of its operation.
func each(ctx context.Context, c *nahook.Client, payload any, key string) map[string]error {
	_, send := c.Send(ctx, "ep", nahook.SendOptions{Payload: payload, IdempotencyKey: key})
	_, trigger := c.Trigger(ctx, "a.b", nahook.TriggerOptions{Payload: payload})
	good := map[string]any{}
	_, sendBatch := c.SendBatch(ctx, []nahook.SendItem{{EndpointID: "ep", Payload: good}, {EndpointID: "ep", Payload: payload, IdempotencyKey: key}})
	_, triggerBatch := c.TriggerBatch(ctx, []nahook.TriggerItem{{EventType: "a.b", Payload: good}, {EventType: "a.b", Payload: payload, IdempotencyKey: key}})
	return map[string]error{"ingest.send": send, "ingest.trigger": trigger, "ingest.sendBatch: item 1": sendBatch, "ingest.triggerBatch: item 1": triggerBatch}
}

func TestBadPayloads(t *testing.T) {
	t.Parallel()
	client := sending(t, newMock(t))
	own := errors.New("card s3cr3t")
	const unencodable = "the payload cannot be encoded as JSON"
	for _, c := range []struct {
		payload any
		want    string
	}{
		{nil, "the payload is a JSON null, want object"},
		{(*order)(nil), "the payload is a JSON null, want object"},
		{map[string]int(nil), "the payload is a JSON null, want object"},
		{json.RawMessage(nil), "the payload is a JSON null, want object"},
		{[]string{"s3cr3t"}, "the payload is a JSON array, want object"},
		{"s3cr3t", "the payload is a JSON string, want object"},
		{[]byte("{}"), "the payload is a JSON string, want object"},
		{true, "the payload is a JSON bool, want object"},
		{false, "the payload is a JSON bool, want object"},
		{-3, "the payload is a JSON number, want object"},
		{custom{json: `"s3cr3t"`}, "the payload is a JSON string, want object"},
		{json.RawMessage{}, unencodable + ": unexpected end of JSON input"},
		{json.RawMessage(`{"s3cr3t": x}`), unencodable + ": invalid character 'x' looking for beginning of value"},
		{json.RawMessage(`{} {}`), unencodable + ": invalid character '{' after top-level value"},
		{map[string]any{"s3cr3t": func() {}}, unencodable + ": unsupported type: func()"},
		{map[string]any{"s3cr3t": math.NaN()}, unencodable + ": unsupported value: NaN"},
		{json.RawMessage("{\"a\": \"s3cr3t\xff\"}"), "the payload is not UTF-8"},
		{custom{json: "{\"\xff\": 1}"}, "the payload is not UTF-8"},
		{nested(1001), "the payload is nested over 1000 levels deep"},
		{json.RawMessage(`{"a":` + strings.Repeat(`[`, 1000) + strings.Repeat(`]`, 1000) + `}`), "the payload is nested over 1000 levels deep"},
		{json.RawMessage(`{"\\":"]}\"]}",` + string(nested(1001))[1:]), "the payload is nested over 1000 levels deep"},
		{nested(9999), "the payload is nested over 1000 levels deep"},
		{nested(10_001), unencodable + ": invalid character '{' exceeded max depth"},
		{order{"o", "s3cr3t"}, unencodable},
		{custom{err: own}, unencodable},
	} {
		for name, err := range each(t.Context(), client, c.payload, "") {
			require.EqualError(t, err, "nahook: invalid argument: "+name+": "+c.want)
			require.ErrorIs(t, err, nahook.ErrInvalidArgument)
			mine, isMine := c.payload.(custom)
			assert.Equal(t, isMine && mine.err != nil, errors.Is(err, own), "the cause is within reach")
		}
	}
}

func TestIdempotencyKeys(t *testing.T) {
	t.Parallel()
	var sent []string
	client := sending(t, bodies(&sent))
	for bad, want := range map[string]string{
		strings.Repeat("é", 256): "the idempotency key is over 255 characters", "\xff": "the idempotency key is not UTF-8",
	} {
		errs := each(t.Context(), client, struct{}{}, bad)
		for _, name := range []string{"ingest.send", "ingest.sendBatch: item 1", "ingest.triggerBatch: item 1"} {
			require.EqualError(t, errs[name], "nahook: invalid argument: "+name+": "+want)
		}
	}
	assert.Equal(t, []string{`{"payload":{}}`, `{"payload":{}}`}, sent, "a trigger has no key")
	longest := strings.Repeat("é", 255)
	_, err := client.Send(t.Context(), "ep", nahook.SendOptions{Payload: struct{}{}, IdempotencyKey: longest})
	require.NoError(t, err)
	assert.Equal(t, `{"payload":{},"idempotencyKey":"`+longest+`"}`, sent[2])
}

// What would reach the batches' routes is refused; as an item's id it addresses
// nothing else.
func TestBatchIsNoID(t *testing.T) {
	t.Parallel()
	client := sending(t, newMock(t))
	_, err := client.Send(t.Context(), "batch", sendOptions)
	require.EqualError(t, err, `nahook: invalid argument: ingest.send: the endpoint id is "batch", which addresses something else: SendBatch takes it`)
	require.ErrorIs(t, err, nahook.ErrInvalidArgument)
	_, err = client.Trigger(t.Context(), "batch", triggerOptions)
	require.EqualError(t, err, `nahook: invalid argument: ingest.trigger: the eventType is "batch", which addresses something else: TriggerBatch takes it`)
	require.ErrorIs(t, err, nahook.ErrInvalidArgument)

	var sent []string
	client = sending(t, bodies(&sent))
	_, err = client.SendBatch(t.Context(), []nahook.SendItem{{EndpointID: "batch", Payload: struct{}{}, IdempotencyKey: "k"}})
	require.NoError(t, err)
	_, err = client.TriggerBatch(t.Context(), []nahook.TriggerItem{{EventType: "batch", Payload: struct{}{}, IdempotencyKey: "k"}})
	require.NoError(t, err)
	assert.Equal(t, []string{
		`{"items":[{"endpointId":"batch","payload":{},"idempotencyKey":"k"}]}`, `{"items":[{"eventType":"batch","payload":{},"idempotencyKey":"k"}]}`,
	}, sent)
}

// An event type goes by its name, an endpoint by its id.
func TestTargetsAreCalledWhatTheyAre(t *testing.T) {
	t.Parallel()
	client := sending(t, newMock(t))
	for bad, want := range map[string]string{
		"": "is empty", "..": `is "..", which addresses something else`, "a\nb": "holds a control character", "ep_\xff": "is not UTF-8",
	} {
		_, err := client.SendBatch(t.Context(), []nahook.SendItem{{EndpointID: bad, Payload: order{}}})
		require.EqualError(t, err, "nahook: invalid argument: ingest.sendBatch: item 0: the endpoint id "+want)
		_, err = client.TriggerBatch(t.Context(), []nahook.TriggerItem{{EventType: bad, Payload: order{}}})
		require.EqualError(t, err, "nahook: invalid argument: ingest.triggerBatch: item 0: the eventType "+want)
		if bad == "ep_\xff" {
			continue // a path can carry it
		}
		_, err = client.Send(t.Context(), bad, sendOptions)
		require.EqualError(t, err, "nahook: invalid argument: ingest.send: the endpoint id "+want)
		_, err = client.Trigger(t.Context(), bad, triggerOptions)
		require.EqualError(t, err, "nahook: invalid argument: ingest.trigger: the eventType "+want)
	}
}

// keys are the idempotency keys in a body, in order.
func keys(body string) []string {
	found := strings.Split(body, `"idempotencyKey":"`)[1:]
	for i := range found {
		found[i], _, _ = strings.Cut(found[i], `"`)
	}
	return found
}

// A key is made once for a call, whatever its attempts, and anew for the next.
func TestKeysAreMade(t *testing.T) {
	t.Parallel()
	calls := map[string]func(context.Context, *nahook.Client) error{
		"send": func(ctx context.Context, c *nahook.Client) error {
			_, err := c.Send(ctx, "ep", nahook.SendOptions{Payload: order{}})
			return err
		},
		"sendBatch": func(ctx context.Context, c *nahook.Client) error {
			items := []nahook.SendItem{{EndpointID: "ep", Payload: order{}}, {EndpointID: "ep", Payload: order{}}}
			result, err := c.SendBatch(ctx, items)
			assert.Empty(t, items[0].IdempotencyKey, "the caller's items are left alone")
			return errors.Join(err, result.Err())
		},
		"triggerBatch": func(ctx context.Context, c *nahook.Client) error {
			result, err := c.TriggerBatch(ctx, []nahook.TriggerItem{{EventType: "a", Payload: order{}}, {EventType: "a", Payload: order{}}})
			return errors.Join(err, result.Err())
		},
	}
	for name, items := range map[string]int{"send": 1, "sendBatch": 2, "triggerBatch": 2} {
		inBubble(t, name, func(t *testing.T) {
			all := map[string]bool{}
			for range 2 {
				var attempts [][]string
				answers := []httpmock.Responder{failing(errReset), reply(503, ""), echoKeys}
				client := sending(t, roundTrip(func(r *http.Request) (*http.Response, error) {
					body, err := r.GetBody()
					require.NoError(t, err)
					attempts = append(attempts, keys(bodyOf(&http.Request{Body: body})))
					return answers[len(attempts)-1](r)
				}))
				require.NoError(t, calls[name](t.Context(), client))
				require.Len(t, attempts, 3)
				assert.Len(t, attempts[0], items)
				assert.Equal(t, attempts[0], attempts[1])
				assert.Equal(t, attempts[0], attempts[2])
				for _, key := range attempts[0] {
					assert.Regexp(t, uuid, key)
					assert.False(t, all[key], "a key came twice")
					all[key] = true
				}
			}
		})
	}
}

// echoKeys answers as the server does, with the keys that it was sent.
func echoKeys(r *http.Request) (*http.Response, error) {
	found := keys(bodyOf(r))
	if !strings.HasSuffix(r.URL.Path, "/batch") {
		return reply(202, fmt.Sprintf(`{"deliveryId": "del_1", "idempotencyKey": %q, "status": "accepted"}`, found[0]))(r)
	}
	entries := make([]string, len(found))
	for i, key := range found {
		entries[i] = fmt.Sprintf(`{"index": %d, "deliveryId": "del_%s", "eventTypeId": "evt_%s", "idempotencyKey": %q, "status": "accepted"}`, i, key, key, key)
	}
	return reply(202, `{"items": [`+strings.Join(entries, ",")+`]}`)(r)
}

func TestMadeKeyIsReturned(t *testing.T) {
	t.Parallel()
	result, err := sending(t, roundTrip(echoKeys)).Send(t.Context(), "ep", nahook.SendOptions{Payload: order{}})
	require.NoError(t, err)
	assert.Regexp(t, uuid, result.IdempotencyKey)
}

// A result has the key that was sent also where the answer does not repeat it.
func TestKeysAreReturnedWithoutTheServer(t *testing.T) {
	t.Parallel()
	var sent []string
	client := sending(t, roundTrip(func(r *http.Request) (*http.Response, error) {
		sent = append(sent, keys(bodyOf(r))...)
		return reply(202, `{"deliveryId": "del_1", "items": [{"index": 0, "deliveryId": "del_1"}, {"index": 1, "deliveryId": "del_2", "idempotencyKey": "theirs"}]}`)(r)
	}))
	result, err := client.Send(t.Context(), "ep", nahook.SendOptions{Payload: order{}})
	require.NoError(t, err)
	assert.Equal(t, &nahook.SendResult{DeliveryID: "del_1", IdempotencyKey: sent[0]}, result)
	batch, err := client.SendBatch(t.Context(), []nahook.SendItem{{EndpointID: "ep", Payload: order{}}, {EndpointID: "ep", Payload: order{}, IdempotencyKey: "mine"}})
	require.NoError(t, err)
	assert.Equal(t, []nahook.BatchItem[nahook.SendResult]{
		{Result: &nahook.SendResult{DeliveryID: "del_1", IdempotencyKey: sent[1]}, IdempotencyKey: sent[1]},
		{Result: &nahook.SendResult{DeliveryID: "del_2", IdempotencyKey: "theirs"}, IdempotencyKey: "mine"},
	}, batch.Items)
	assert.Regexp(t, uuid, sent[1])
}

// What may have been sent can be sent again under the same keys, which are the
// caller's or were made.
func TestKeysSurviveErrors(t *testing.T) {
	t.Parallel()
	for name, fail := range map[string]httpmock.Responder{
		"lost": failing(errReset), "refused": reply(503, ""), "unreadable": reply(202, "{}"),
		"by items": reply(207, `{"items": [{"index": 0, "error": {"code": "internal_error"}}, {"index": 1, "error": {"code": "internal_error"}}]}`),
	} {
		var sent []string
		client := sending(t, roundTrip(func(r *http.Request) (*http.Response, error) {
			sent = append(sent, keys(bodyOf(r))...)
			return fail(r)
		}))
		result, err := client.SendBatch(t.Context(), []nahook.SendItem{{EndpointID: "ep", Payload: order{}}, {EndpointID: "ep", Payload: order{}, IdempotencyKey: "mine"}}, nahook.WithoutRetry())
		require.NoError(t, err, name)
		require.Error(t, result.Items[0].Err, name)
		require.Error(t, result.Items[1].Err, name)
		assert.Regexp(t, uuid, sent[0], name)
		assert.Equal(t, []string{sent[0], "mine"}, []string{result.Items[0].IdempotencyKey, result.Items[1].IdempotencyKey}, name)
		triggered, err := client.TriggerBatch(t.Context(), []nahook.TriggerItem{{EventType: "a.b", Payload: order{}}, {EventType: "a.b", Payload: order{}}}, nahook.WithoutRetry())
		require.NoError(t, err, name)
		require.Error(t, triggered.Items[0].Err, name)
		assert.Equal(t, sent[2:], []string{triggered.Items[0].IdempotencyKey, triggered.Items[1].IdempotencyKey}, name)
	}
}

// What carries keys is repeated like a GET, and a trigger like any POST.
func TestWhatIsSentAgain(t *testing.T) {
	t.Parallel()
	const keyed, always, never = "send sendBatch triggerBatch", "send sendBatch triggerBatch trigger", ""
	for name, c := range map[string]struct {
		fail     httpmock.Responder
		repeated string
	}{
		"400": {reply(400, ""), never}, "404": {reply(404, ""), never}, "409": {reply(409, ""), never}, "413": {reply(413, ""), never},
		"429": {reply(429, ""), always}, "500": {reply(500, ""), keyed}, "502": {reply(502, ""), keyed}, "503": {reply(503, ""), keyed},
		"504": {reply(504, ""), keyed}, "reset": {failing(errReset), keyed}, "truncated": {brokenOff, keyed}, "hung": {hanging, keyed},
		"refused": {undialled(failing(errRefused)), always},
	} {
		for verb, call := range map[string]func(context.Context, *nahook.Client) error{
			"send": func(ctx context.Context, c *nahook.Client) error {
				_, err := c.Send(ctx, "ep", sendOptions)
				return err
			},
			"trigger": func(ctx context.Context, c *nahook.Client) error {
				_, err := c.Trigger(ctx, "a.b", triggerOptions)
				return err
			},
			"sendBatch": func(ctx context.Context, c *nahook.Client) error {
				result, err := c.SendBatch(ctx, sendItems)
				return firstOf(result, err)
			},
			"triggerBatch": func(ctx context.Context, c *nahook.Client) error {
				result, err := c.TriggerBatch(ctx, triggerItems)
				return firstOf(result, err)
			},
		} {
			inBubble(t, name+" "+verb, func(t *testing.T) {
				count := 0
				err := call(t.Context(), sending(t, inTurn(&count, c.fail), nahook.WithAttemptTimeout(time.Second)))
				require.Error(t, err)
				again := strings.Contains(" "+c.repeated+" ", " "+verb+" ")
				assert.Equal(t, map[bool]int{true: 3, false: 1}[again], count)
				assert.Equal(t, again, strings.HasSuffix(err.Error(), " (3 attempts)"), err.Error())
			})
		}
	}
}

// firstOf is why a batch, or the first item of it, failed.
func firstOf[T any](result *nahook.BatchResult[T], err error) error {
	if err != nil {
		return err
	}
	return result.Items[0].Err
}

func TestUnreadableIngestAnswers(t *testing.T) {
	t.Parallel()
	client := sending(t, roundTrip(reply(202, `{"error": "log in first"}`)))
	_, err := client.Send(t.Context(), "ep", sendOptions)
	require.EqualError(t, err, `nahook: POST /ep: 202 unknown: the response is not the documented JSON: it has no "deliveryId" (request req_1)`)
	_, err = client.Trigger(t.Context(), "a.b", triggerOptions)
	require.EqualError(t, err, `nahook: POST /event/a.b: 202 unknown: the response is not the documented JSON: it has no "eventTypeId" (request req_1)`)
}

func TestKeyIsNeverPrinted(t *testing.T) {
	t.Parallel()
	client := sending(t, newMock(t))
	type holder struct{ client nahook.Client }
	for _, v := range []any{client, *client, []any{client, *client}, holder{*client}, &holder{*client}, map[string]*nahook.Client{"c": client}} {
		hides(t, v, secretKey)
		assert.NotContains(t, fmt.Sprintf("%p %p", v, []any{v}), secretKey, "where fmt asks no method")
	}
	assert.Equal(t, "nahook.Client{https://us.api.nahook.com/api/ingest [redacted]}", fmt.Sprintf("%+v", *client))
	assert.Equal(t, "nahook.Client{}", fmt.Sprint(nahook.Client{}))
}
