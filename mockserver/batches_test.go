package mockserver_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const batchSize = "items must contain between 1 and 20 entries"

// repeated is the body of a batch of n times the same item.
func repeated(item string, n int) string {
	return `{"items":[` + strings.TrimSuffix(strings.Repeat(item+",", n), ",") + `]}`
}

// item gives one item of a batch's answer.
func (r response) item(i int) response {
	r.t.Helper()
	var batch struct{ Items []json.RawMessage }
	require.NoError(r.t, json.Unmarshal([]byte(r.body), &batch))
	require.Greater(r.t, len(batch.Items), i, r.body)
	r.body = string(batch.Items[i])
	return r
}

func TestSendBatch(t *testing.T) {
	t.Parallel()
	a := busy(t)
	res := a.post(ingest+"/batch", `{"items":[{"endpointId":"ep_2","payload":{"n":0},"idempotencyKey":"k"},{"endpointId":"ep_1","payload":{"n":1}},
		{"endpointId":"ep_2","payload":{"n":2},"idempotencyKey":null}]}`)
	keys, ids := [3]string{}, [3]string{}
	for i := range 3 {
		keys[i], ids[i] = res.item(i).text("idempotencyKey"), res.item(i).text("deliveryId")
	}
	res.is(202, fmt.Sprintf(`{"items": [
		{"index": 0, "deliveryId": %q, "idempotencyKey": "k", "status": "accepted"},
		{"index": 1, "deliveryId": %q, "idempotencyKey": %q, "status": "accepted"},
		{"index": 2, "deliveryId": %q, "idempotencyKey": %q, "status": "accepted"}]}`, ids[0], ids[1], keys[1], ids[2], keys[2]))
	require.Equal(t, []string{ids[2], ids[0]}, a.deliveriesOf("ep_2"))
	require.Equal(t, []string{ids[1]}, a.deliveriesOf("ep_1"))
	require.NotEqual(t, keys[1], keys[2])
	a.post(ingest+"/ep_2", `{"payload":{},"idempotencyKey":"k"}`).is(202,
		`{"deliveryId": "`+ids[0]+`", "idempotencyKey": "k", "status": "accepted"}`) // keys are those of single sends
}

func TestTriggerBatch(t *testing.T) {
	t.Parallel()
	a := busy(t)
	res := a.post(ingest+"/event/batch", `{"items":[{"eventType":"order.paid","payload":{}},{"eventType":"order.created","payload":{"n":1},"metadata":{"a":"b"}},
		{"eventType":"batch","payload":{},"metadata":null,"idempotencyKey":null}]}`)
	ids := res.item(1).deliveryIDs()
	require.Len(t, ids, 3)
	res.is(202, fmt.Sprintf(`{"items": [
		{"index": 0, "eventTypeId": "evt_2", "deliveryIds": [], "status": "accepted"},
		{"index": 1, "eventTypeId": "evt_1", "deliveryIds": [%q, %q, %q], "status": "accepted"},
		{"index": 2, "eventTypeId": "evt_batch", "deliveryIds": [%q], "status": "accepted"}]}`, ids[0], ids[1], ids[2], a.deliveriesOf("batch")[0]))
	for i, endpoint := range []string{"ep_2", "ep_3", "ep_1"} {
		require.Equal(t, []string{ids[i]}, a.deliveriesOf(endpoint))
	}
}

// Attempts are made in the order of the items.
func TestBatchesAreAttemptedInOrder(t *testing.T) {
	t.Parallel()
	p := deliver(t)
	items := make([]string, 20)
	for i := range items {
		items[i] = fmt.Sprintf(`{"endpointId":%q,"payload":{"n":%d}}`, p.endpoint, i)
	}
	require.Equal(t, 202, p.as("nhk_us_a").post(ingest+"/batch", `{"items":[`+strings.Join(items, ",")+`]}`).status)
	require.Len(t, p.receiver.Requests(), 20)
	for i, r := range p.receiver.Requests() {
		require.Equal(t, fmt.Sprintf(`{"n":%d}`, i), string(r.Body))
	}
}

func TestBatchesHold1To20Items(t *testing.T) {
	t.Parallel()
	a := busy(t)
	for path, item := range map[string]string{"/batch": `{"endpointId":"ep_1","payload":{}}`, "/event/batch": `{"eventType":"order.paid","payload":{}}`} {
		a.post(ingest+path, repeated(item, 0)).invalid(batchSize)
		a.post(ingest+path, repeated("{}", 21)).invalid(batchSize)
		a.post(ingest+path, repeated("3", 21)).invalid(batchSize)
		a.post(ingest+path, `{}`).invalid(batchSize)
		for _, wrong := range []string{"null", "3", `"items"`, "{}", "true"} {
			a.post(ingest+path, `{"items":`+wrong+`}`).invalid("items must be an array of objects")
		}
	}
	require.Empty(t, a.deliveriesOf("ep_1"))
	for n := range 20 {
		res := a.post(ingest+"/batch", repeated(`{"endpointId":"ep_1","payload":{}}`, n+1))
		require.Equal(t, 202, res.status, res.body)
		require.Contains(t, res.item(n).body, fmt.Sprintf(`{"index":%d,"deliveryId":`, n))
		require.NotContains(t, res.body, fmt.Sprintf(`"index":%d,`, n+1))
	}
	require.Equal(t, 202, a.post(ingest+"/event/batch", repeated(`{"eventType":"order.paid","payload":{}}`, 20)).status)
}

// Each kind of mistake costs the item that makes it, and no other.
func TestItemsFailAlone(t *testing.T) {
	t.Parallel()
	const name = "eventType must be lowercase words of a-z, 0-9, _ and - joined by dots, such as order.created"
	large := sized(256<<10 + 1)
	for path, c := range map[string]struct {
		good  string
		wrong []struct{ item, code, message string }
	}{
		"/batch": {`{"endpointId":"ep_1","payload":{}}`, []struct{ item, code, message string }{
			{`3`, "validation_error", "items[1] must be an object"},
			{`null`, "validation_error", "items[1] must be an object"},
			{`[]`, "validation_error", "items[1] must be an object"},
			{`"ep_1"`, "validation_error", "items[1] must be an object"},
			{`{}`, "validation_error", "endpointId is required"},
			{`{"payload":{}}`, "validation_error", "endpointId is required"},
			{`{"endpointId":3,"payload":{}}`, "validation_error", "endpointId must be a string"},
			{`{"endpointId":null,"payload":{}}`, "validation_error", "endpointId must be a string"},
			{`{"endpointId":"ep_1"}`, "validation_error", "payload is required"},
			{`{"endpointId":"ep_1","payload":null}`, "validation_error", "payload must be an object"},
			{`{"endpointId":"ep_1","payload":[]}`, "validation_error", "payload must be an object"},
			{`{"endpointId":"ep_1","payload":` + large + `}`, "payload_too_large", "payload must be at most 262144 bytes"},
			{`{"endpointId":"ep_1","payload":{},"idempotencyKey":3}`, "validation_error", "idempotencyKey must be a string"},
			{`{"endpointId":"ep_1","payload":{},"idempotencyKey":""}`, "validation_error", "idempotencyKey must be between 1 and 255 characters"},
			{`{"endpointId":"ep_1","payload":{},"idempotencyKey":"` + strings.Repeat("é", 256) + `"}`, "validation_error", "idempotencyKey must be between 1 and 255 characters"},
			{`{"endpointId":"","payload":{}}`, "not_found", "Endpoint not found"},
			{`{"endpointId":"ep_missing","payload":{}}`, "not_found", "Endpoint not found"},
			{`{"endpointId":"ep_s","payload":{}}`, "not_found", "Endpoint not found"},
			{`{"endpointId":"ep_off","payload":{}}`, "conflict", "Endpoint is disabled"},
		}},
		"/event/batch": {`{"eventType":"order.created","payload":{}}`, []struct{ item, code, message string }{
			{`true`, "validation_error", "items[1] must be an object"},
			{`null`, "validation_error", "items[1] must be an object"},
			{`{"payload":{}}`, "validation_error", "eventType is required"},
			{`{"eventType":3,"payload":{}}`, "validation_error", "eventType must be a string"},
			{`{"eventType":"Order","payload":{}}`, "validation_error", name},
			{`{"eventType":"","payload":{}}`, "validation_error", "eventType must be between 1 and 100 characters"},
			{`{"eventType":"order.created"}`, "validation_error", "payload is required"},
			{`{"eventType":"order.created","payload":"{}"}`, "validation_error", "payload must be an object"},
			{`{"eventType":"order.created","payload":` + large + `}`, "payload_too_large", "payload must be at most 262144 bytes"},
			{`{"eventType":"order.created","payload":{},"metadata":3}`, "validation_error", "metadata must be an object"},
			{`{"eventType":"order.created","payload":{},"metadata":{"a":1}}`, "validation_error", "metadata.a must be a string"},
			{`{"eventType":"order.created","payload":{},"idempotencyKey":""}`, "validation_error", "idempotencyKey must be between 1 and 255 characters"},
			{`{"eventType":"order.lost","payload":{}}`, "not_found", "Event type not found"},
		}},
	} {
		for _, w := range c.wrong {
			t.Run(path+" "+w.item[:min(len(w.item), 80)], func(t *testing.T) {
				t.Parallel()
				a := busy(t)
				res := a.post(ingest+path, `{"items":[`+c.good+`,`+w.item+`,`+c.good+`]}`)
				require.Equal(t, 207, res.status, res.body)
				first, third := res.item(0).body, res.item(2).body
				require.Contains(t, first, `"status":"accepted"`)
				require.Contains(t, third, `"status":"accepted"`)
				res.is(207, fmt.Sprintf(`{"items": [%s, {"index": 1, "error": {"code": %q, "message": %q}}, %s]}`, first, w.code, w.message, third))
				require.Len(t, a.deliveriesOf("ep_1"), 2)
				require.Equal(t, 207, a.post(ingest+path, `{"items":[`+w.item+`]}`).status, "also where all fail")
			})
		}
	}
}

func TestKeysWithinABatch(t *testing.T) {
	t.Parallel()
	a := busy(t)
	res := a.post(ingest+"/batch", repeated(`{"endpointId":"ep_1","payload":{},"idempotencyKey":"k"}`, 3))
	require.Equal(t, 202, res.status)
	for i := range 3 {
		require.Equal(t, a.deliveriesOf("ep_1"), []string{res.item(i).text("deliveryId")})
	}
	a.post(ingest+"/batch", repeated(`{"endpointId":"ep_1","payload":{"other":1},"idempotencyKey":"k"}`, 3)).is(202, res.body)

	res = a.post(ingest+"/event/batch", repeated(`{"eventType":"order.created","payload":{},"idempotencyKey":"k"}`, 2))
	require.Equal(t, res.item(0).deliveryIDs(), res.item(1).deliveryIDs())
	require.Len(t, res.item(0).deliveryIDs(), 3)
	require.Len(t, a.deliveriesOf("ep_1"), 2, "its key is another matter than that of a send")
}

// On an item of a trigger batch a key repeats the item's answer, for 24 hours and
// whatever has become of the subscriptions.
func TestKeysOfTriggers(t *testing.T) {
	t.Parallel()
	a := busy(t)
	a.srv.Advance(time.Millisecond)
	trigger := func(token, eventType string) string {
		t.Helper()
		res := a.as(token).post(ingest+"/event/batch", `{"items":[{"eventType":"`+eventType+`","payload":{},"idempotencyKey":"k"}]}`)
		require.Equal(t, 202, res.status, res.body)
		return res.body
	}
	first, none := trigger("nhk_us_a", "order.created"), trigger("nhk_us_a", "order.paid")
	require.Contains(t, none, `"deliveryIds":[]`)
	staging := trigger("nhk_us_staging", "order.created")
	require.NotEqual(t, first, staging, "a key is good for one environment")
	require.Contains(t, staging, a.deliveriesOf("ep_s")[0])
	require.Equal(t, first, trigger("nhk_eu_a", "order.created"), "but not for one API key")

	require.Equal(t, 201, a.owner().post(inA+"/endpoints/batch/subscriptions", `{"eventTypeIds":["evt_1","evt_2"]}`).status)
	require.Equal(t, first, trigger("nhk_us_a", "order.created"))
	require.Equal(t, none, trigger("nhk_us_a", "order.paid"))
	require.Empty(t, a.deliveriesOf("batch"))
	a.srv.Advance(24*time.Hour - time.Millisecond)
	require.Equal(t, first, trigger("nhk_us_a", "order.created"))
	a.srv.Advance(time.Millisecond)
	require.NotEqual(t, first, trigger("nhk_us_a", "order.created"))
	require.NotEqual(t, none, trigger("nhk_us_a", "order.paid"))
	require.Len(t, a.deliveriesOf("batch"), 2)
}

func TestBodiesOfBatchesHave8MiB(t *testing.T) {
	t.Parallel()
	a := busy(t).direct()
	const most = 8 << 20
	for path, item := range map[string]string{"/batch": `{"endpointId":"ep_1","payload":{}}`, "/event/batch": `{"eventType":"order.paid","payload":{}}`} {
		require.Equal(t, 202, a.post(ingest+path, padded(repeated(item, 1), most)).status)
		a.post(ingest+path, padded(repeated(item, 1), most+1)).refuses(413, "payload_too_large", "Request body must be at most 8388608 bytes")
	}
	// twenty payloads of the full size fit
	full := `{"endpointId":"ep_2","payload":` + sized(256<<10) + `}`
	require.Equal(t, 202, a.post(ingest+"/batch", repeated(full, 20)).status)
	require.Len(t, a.deliveriesOf("ep_2"), 20)
	require.Len(t, a.deliveriesOf("ep_1"), 1)
}
