package mockserver_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/nahook/nahook-go/mockserver"
)

// traffic is a workspace whose endpoints take everything: three in the default
// environment that are subscribed to order.created, in an order that is not the
// one in which they were made, and one in staging.
const traffic = `{"workspaces": [{
  "id": "ws_a", "managementTokens": [{"id": "tok_a", "token": "nhm_a"}], "sessionTokens": [{"id": "user_a", "token": "nhs_a"}],
  "apiKeys": [{"key": "nhk_us_a"}, {"key": "nhk_eu_a"}, {"key": "nhk_legacy"}, {"key": "nhk_us_staging", "environment": "staging"}],
  "environments": [{"id": "env_a", "name": "Production", "slug": "production"}, {"id": "env_s", "name": "Staging", "slug": "staging"}],
  "eventTypes": [{"id": "evt_1", "name": "order.created"}, {"id": "evt_2", "name": "order.paid"}, {"id": "evt_batch", "name": "batch", "publishedIn": []}],
  "endpoints": [
    {"id": "ep_1", "url": "https://one.test", "deliver": "accept"},
    {"id": "ep_2", "url": "https://two.test", "deliver": "accept", "subscriptions": ["order.created"]},
    {"id": "ep_3", "url": "https://three.test", "deliver": "accept", "subscriptions": ["order.created"]},
    {"id": "ep_s", "url": "https://staging.test", "deliver": "accept", "environment": "staging", "subscriptions": ["order.created"]},
    {"id": "ep_off", "url": "https://off.test", "deliver": "accept", "isActive": false, "subscriptions": ["order.created"]},
    {"id": "batch", "url": "https://batch.test", "deliver": "accept", "subscriptions": ["batch"]},
    {"id": "event", "url": "https://event.test", "deliver": "accept"}
  ]
}]}`

// busy serves traffic, with ep_1 subscribed last.
func busy(t *testing.T, opts ...mockserver.Option) api {
	t.Helper()
	a := serveFixtures(t, traffic, opts...)
	a.post(inA+"/endpoints/ep_1/subscriptions", `{"eventTypeIds":["evt_1"]}`).is(201, `{"subscribed": 1}`)
	return a.as("nhk_us_a")
}

// owner reads what a key cannot.
func (a api) owner() api { return a.as("nhm_a") }

// deliveriesOf gives the ids of an endpoint's deliveries, newest first.
func (a api) deliveriesOf(endpoint string) []string {
	a.t.Helper()
	res := a.owner().get(inA + "/endpoints/" + endpoint + "/deliveries?limit=100")
	require.Equal(a.t, 200, res.status, res.body)
	var page struct {
		Deliveries []struct{ ID string }
		NextCursor *string
	}
	require.NoError(a.t, json.Unmarshal([]byte(res.body), &page))
	require.Nil(a.t, page.NextCursor)
	ids := []string{}
	for _, d := range page.Deliveries {
		ids = append(ids, d.ID)
	}
	return ids
}

// deliveryIDs gives those of a trigger.
func (r response) deliveryIDs() []string {
	r.t.Helper()
	var members map[string]json.RawMessage
	require.NoError(r.t, json.Unmarshal([]byte(r.body), &members), r.body)
	var texts []string
	require.NoError(r.t, json.Unmarshal(members["deliveryIds"], &texts), r.body)
	require.NotNil(r.t, texts)
	return texts
}

const sent = `{"deliveryId": "$deliveryId", "idempotencyKey": "$idempotencyKey", "status": "accepted"}`

func TestSendAcceptsADelivery(t *testing.T) {
	t.Parallel()
	a := busy(t)
	a.srv.Advance(1500 * time.Millisecond)
	res := a.post(ingest+"/ep_1", `{"payload":{"order":"ord_1"},"idempotencyKey":"k-1"}`)
	res.is(202, `{"deliveryId": "$deliveryId", "idempotencyKey": "k-1", "status": "accepted"}`)
	id := res.text("deliveryId")
	require.Regexp(t, `^del_\w+$`, id)
	a.owner().get(inA+"/deliveries/"+id).is(200, `{"id": "`+id+`", "idempotencyKey": "k-1", "endpointId": "ep_1", "status": "delivered",
		"totalAttempts": 1, "firstAttemptAt": "2026-01-15T10:30:01.500Z", "deliveredAt": "2026-01-15T10:30:01.500Z", "nextRetryAt": null,
		"hasPayload": true, "createdAt": "2026-01-15T10:30:01.500Z", "updatedAt": "2026-01-15T10:30:01.500Z"}`)
	require.Equal(t, []string{id}, a.deliveriesOf("ep_1"))
	require.Empty(t, a.deliveriesOf("ep_2"))
}

// Every key of the environment sends into it, whatever region it names.
func TestEveryKeyOfAnEnvironmentSends(t *testing.T) {
	t.Parallel()
	a := busy(t)
	minted := a.srv.NewAPIKey(mockserver.APIKeyOptions{Environment: "staging"})
	for token, endpoint := range map[string]string{"nhk_eu_a": "ep_1", "nhk_legacy": "ep_1", "nhk_us_staging": "ep_s", minted: "ep_s"} {
		a.as(token).post(ingest+"/"+endpoint, `{"payload":{}}`).is(202, sent)
	}
	a.as(a.srv.NewAPIKey(mockserver.APIKeyOptions{Disabled: true})).post(ingest+"/ep_1", `{"payload":{}}`).
		refuses(403, "token_disabled", "API key is disabled")
	require.Len(t, a.deliveriesOf("ep_1"), 2)
	require.Len(t, a.deliveriesOf("ep_s"), 2)
}

func TestKeysAreMadeWhereNoneIsGiven(t *testing.T) {
	t.Parallel()
	a := busy(t)
	keys, ids := map[string]bool{}, map[string]bool{}
	for _, body := range []string{`{"payload":{}}`, `{"payload":{},"idempotencyKey":null}`, `{"payload":{}}`, `{"payload":{},"idempotencyKey":null}`} {
		res := a.post(ingest+"/ep_1", body)
		res.is(202, sent)
		require.NotEmpty(t, res.text("idempotencyKey"))
		keys[res.text("idempotencyKey")], ids[res.text("deliveryId")] = true, true
	}
	require.Len(t, keys, 4)
	require.Len(t, ids, 4)
	require.Len(t, a.deliveriesOf("ep_1"), 4)

	// a key that the server made works like any other
	res := a.post(ingest+"/ep_1", `{"payload":{}}`)
	a.post(ingest+"/ep_1", `{"payload":{},"idempotencyKey":"`+res.text("idempotencyKey")+`"}`).is(202, res.body)
}

func TestTheSameKeyIsTheSameDelivery(t *testing.T) {
	t.Parallel()
	a := serveFixtures(t, blank)
	p := a.pipeTo(a.srv.Receiver())
	key := a.as("nhk_us_a")
	first := key.post(ingest+"/"+p.endpoint, `{"payload":{"n":1},"idempotencyKey":"k"}`)
	first.is(202, sent)
	for _, body := range []string{`{"payload":{"n":1},"idempotencyKey":"k"}`, `{"payload":{"n":2},"idempotencyKey":"k"}`, `{"idempotencyKey":"\u006b","payload":{}}`} {
		key.post(ingest+"/"+p.endpoint, body).is(202, first.body)
	}
	require.Len(t, p.receiver.Requests(), 1)
	require.Equal(t, `{"n":1}`, string(p.receiver.Requests()[0].Body), "the first payload wins")
	a.get(inA+"/deliveries/"+first.text("deliveryId")+"?include=payload").is(200, with(t, a.get(inA+"/deliveries/"+first.text("deliveryId")).body,
		`{"payload": {"status": "available", "data": {"n": 1}, "contentType": "application/json"}}`))

	for _, other := range []string{"K", "k ", " k", "k\\u0000"} {
		require.NotEqual(t, first.text("deliveryId"), key.post(ingest+"/"+p.endpoint, `{"payload":{},"idempotencyKey":"`+other+`"}`).text("deliveryId"))
	}
	second := a.pipeTo(p.receiver)
	require.NotEqual(t, first.text("deliveryId"), key.post(ingest+"/"+second.endpoint, `{"payload":{},"idempotencyKey":"k"}`).text("deliveryId"),
		"another endpoint")
	require.Len(t, p.receiver.Requests(), 6)
}

// A request that was refused leaves its key unused.
func TestRefusedRequestsUseNoKey(t *testing.T) {
	t.Parallel()
	a := busy(t)
	a.post(ingest+"/ep_off", `{"payload":{},"idempotencyKey":"k"}`).refuses(409, "conflict", "Endpoint is disabled")
	a.post(ingest+"/ep_1", `{"payload":[],"idempotencyKey":"k"}`).invalid("payload must be an object")
	require.Equal(t, 200, a.owner().patch(inA+"/endpoints/ep_off", `{"isActive":true}`).status)
	for _, endpoint := range []string{"ep_off", "ep_1"} {
		res := a.post(ingest+"/"+endpoint, `{"payload":{},"idempotencyKey":"k"}`)
		require.Equal(t, []string{res.text("deliveryId")}, a.deliveriesOf(endpoint))
	}
}

func TestAKeyIsKnownFor24Hours(t *testing.T) {
	t.Parallel()
	a := busy(t)
	a.srv.Advance(time.Millisecond)
	const body = `{"payload":{},"idempotencyKey":"k"}`
	first := a.post(ingest+"/ep_1", body)
	a.srv.Advance(12 * time.Hour)
	a.post(ingest+"/ep_1", body).is(202, first.body) // does not begin anew
	a.srv.Advance(12*time.Hour - time.Millisecond)
	a.post(ingest+"/ep_1", body).is(202, first.body)
	a.srv.Advance(time.Millisecond)
	second := a.post(ingest+"/ep_1", body)
	second.is(202, sent)
	require.NotEqual(t, first.text("deliveryId"), second.text("deliveryId"))
	a.srv.Advance(24*time.Hour - time.Millisecond)
	a.post(ingest+"/ep_1", body).is(202, second.body)
	require.Equal(t, []string{second.text("deliveryId"), first.text("deliveryId")}, a.deliveriesOf("ep_1"))
}

// Keys count code points, and nothing is trimmed.
func TestLengthOfKeys(t *testing.T) {
	t.Parallel()
	a := busy(t)
	const message = "idempotencyKey must be between 1 and 255 characters"
	a.post(ingest+"/ep_1", `{"payload":{},"idempotencyKey":""}`).invalid(message)
	for _, unit := range []string{"a", "é", "😀", " ", `\u00e9`, `\ud83d\ude00`} {
		stored := strings.NewReplacer(`\u00e9`, "é", `\ud83d\ude00`, "😀").Replace(unit)
		res := a.post(ingest+"/ep_1", `{"payload":{},"idempotencyKey":"`+strings.Repeat(unit, 255)+`"}`)
		require.Equal(t, 202, res.status, res.body)
		require.Equal(t, strings.Repeat(stored, 255), res.text("idempotencyKey"))
		a.post(ingest+"/ep_1", `{"payload":{},"idempotencyKey":"`+strings.Repeat(unit, 256)+`"}`).invalid(message)
	}
	for _, wrong := range []string{"3", "true", "[]", "{}"} {
		a.post(ingest+"/ep_1", `{"payload":{},"idempotencyKey":`+wrong+`}`).invalid("idempotencyKey must be a string")
	}
}

func TestPayloadsAreObjects(t *testing.T) {
	t.Parallel()
	a := busy(t)
	for _, path := range []string{"/ep_1", "/event/order.created"} {
		for _, wrong := range []string{"null", "3", "true", `"{}"`, "[]", "[{}]", `""`} {
			a.post(ingest+path, `{"payload":`+wrong+`}`).invalid("payload must be an object")
		}
		a.post(ingest+path, `{}`).invalid("payload is required")
		a.post(ingest+path, `{"payload":{"a":"\ud800"}}`).invalid("Request body must be valid JSON")
		require.Equal(t, 202, a.post(ingest+path, `{"payload":null,"payload":{}}`).status, "of a duplicate the last wins")
	}
	require.Len(t, a.deliveriesOf("ep_1"), 2)
}

// What arrives is what was sent, byte by byte.
func TestPayloadsArriveAsTheyAre(t *testing.T) {
	t.Parallel()
	p := deliver(t)
	payloads := []string{
		`{}`, `{ "b" : 1.0,  "a":1e2 }`, `{"a":1,"a":2}`, `{"html":"<b>&amp;"}`, `{"\u0061":"\u00e9é😀\/"}`, "{\n\t\"line\": \"\u2028\"\r\n}",
		`{"n":123456789012345678901234567890.000}`, `{"deep":` + strings.Repeat("[", 1000) + strings.Repeat("]", 1000) + `}`,
	}
	for _, payload := range payloads {
		id := p.send("  " + payload + " ")
		require.Contains(t, p.get(inA+"/deliveries/"+id+"?include=payload").body, `"status":"available"`)
	}
	for i, r := range p.receiver.Requests() {
		require.Equal(t, payloads[i], string(r.Body))
		require.Equal(t, mockserver.SignatureValid, r.Signature)
	}
	require.Len(t, p.receiver.Requests(), len(payloads))
}

// sized is a JSON object of exactly size bytes.
func sized(size int) string { return `{"a":"` + strings.Repeat("x", size-8) + `"}` }

func TestPayloadsHave256KiB(t *testing.T) {
	t.Parallel()
	const most = 256 << 10
	p := deliver(t)
	require.Len(t, sized(most), 262144)
	id := p.send(sized(most))
	require.Equal(t, sized(most), string(p.receiver.Requests()[0].Body))
	require.Contains(t, p.get(inA+"/deliveries/"+id+"?include=payload").body, sized(most))

	a := p.as("nhk_us_a")
	const tooLarge = "payload must be at most 262144 bytes"
	a.post(ingest+"/"+p.endpoint, `{"payload":`+sized(most+1)+`}`).refuses(413, "payload_too_large", tooLarge)
	spaced := `{"a": "` + strings.Repeat("é", most/2-4) + `"}` // bytes count, and so does white space inside
	require.Len(t, spaced, most+1)
	a.post(ingest+"/"+p.endpoint, `{"payload":`+spaced+`}`).refuses(413, "payload_too_large", tooLarge)
	p.owner().post(inA+"/event-types", `{"name":"order.created"}`)
	a.post(ingest+"/event/order.created", `{"payload":`+sized(most+1)+`}`).refuses(413, "payload_too_large", tooLarge)
	a.post(ingest+"/event/order.created", `{"payload":`+sized(most)+`}`).is(202, `{"eventTypeId": "$eventTypeId", "deliveryIds": [], "status": "accepted"}`)
	require.Len(t, p.receiver.Requests(), 1)
}

func TestBodiesOfIngestionHave1MiB(t *testing.T) {
	t.Parallel()
	a := busy(t)
	for path, status := range map[string]int{"/ep_1": 202, "/event/order.paid": 202} {
		require.Equal(t, status, a.post(ingest+path, padded(`{"payload":{}}`, 1<<20)).status)
		a.post(ingest+path, padded(`{"payload":{}}`, 1<<20+1)).refuses(413, "payload_too_large", "Request body must be at most 1048576 bytes")
	}
	require.Len(t, a.deliveriesOf("ep_1"), 1)
}

func TestIngestionReadsBodiesLikeEveryFamily(t *testing.T) {
	t.Parallel()
	a := busy(t)
	for _, op := range []operation{
		{path: "/ep_1", body: `{"payload":{}}`}, {path: "/event/order.created", body: `{"payload":{}}`},
		{path: "/batch", body: `{"items":[]}`}, {path: "/event/batch", body: `{"items":[]}`},
	} {
		text := header("Content-Type", "text/plain")
		a.post(ingest+op.path, "").invalid("Request body must be valid JSON")
		a.post(ingest+op.path, "{").invalid("Request body must be valid JSON")
		a.post(ingest+op.path, "{\"a\":\"\xff\"}").invalid("Request body must be valid JSON")
		a.post(ingest+op.path, op.body+op.body).invalid("Request body must be valid JSON")
		a.post(ingest+op.path, "[]").invalid("Request body must be a JSON object")
		a.post(ingest+op.path, "null").invalid("Request body must be a JSON object")
		a.post(ingest+op.path, op.body, text).refuses(415, "unsupported_media_type", "Content-Type must be application/json")
		a.post(ingest+op.path, op.body, header("Content-Type")).refuses(415, "unsupported_media_type", "Content-Type must be application/json")
	}
	require.Empty(t, a.deliveriesOf("ep_1"))
}

func TestSendIntoAnotherEnvironment(t *testing.T) {
	t.Parallel()
	a := busy(t)
	missing := a.post(ingest+"/ep_missing", `{"payload":{}}`)
	missing.refuses(404, "not_found", "Endpoint not found")
	same(t, missing, a.post(ingest+"/ep_s", `{"payload":{}}`))
	same(t, missing, a.as("nhk_us_staging").post(ingest+"/ep_1", `{"payload":{}}`))
	same(t, missing, a.as("nhk_us_staging").post(ingest+"/ep_off", `{"payload":{}}`)) // nor is it told that it is disabled
	a.as("nhk_us_staging").post(ingest+"/ep_s", `{"payload":{},"idempotencyKey":"k"}`).is(202, sent)
	same(t, missing, a.post(ingest+"/ep_s", `{"payload":{},"idempotencyKey":"k"}`)) // nor a known key
	require.Len(t, a.deliveriesOf("ep_s"), 1)
	require.Empty(t, a.deliveriesOf("ep_1"))
}

func TestSendToADisabledEndpoint(t *testing.T) {
	t.Parallel()
	a := busy(t)
	const path, body = inA + "/endpoints/ep_1", `{"payload":{},"idempotencyKey":"k"}`
	first := a.post(ingest+"/ep_1", body)
	require.Equal(t, 200, a.owner().patch(path, `{"isActive":false}`).status)
	a.post(ingest+"/ep_1", `{"payload":{}}`).refuses(409, "conflict", "Endpoint is disabled")
	a.post(ingest+"/ep_1", `{"payload":{},"idempotencyKey":"new"}`).refuses(409, "conflict", "Endpoint is disabled")
	a.post(ingest+"/ep_1", body).is(202, first.body) // what was accepted stays so
	require.Equal(t, 200, a.owner().patch(path, `{"isActive":true}`).status)
	a.post(ingest+"/ep_1", body).is(202, first.body)
	a.post(ingest+"/ep_1", `{"payload":{},"idempotencyKey":"new"}`).is(202, sent)
	require.Len(t, a.deliveriesOf("ep_1"), 2)
	a.owner().delete(path).isDeleted()
	a.post(ingest+"/ep_1", body).refuses(404, "not_found", "Endpoint not found")
}

// However many requests with one key come at once, one delivery is made.
func TestParallelSendsWithOneKey(t *testing.T) {
	t.Parallel()
	p := deliver(t)
	a := p.as("nhk_us_a")
	ids := make([]string, 100)
	var group sync.WaitGroup
	for i := range ids {
		group.Go(func() {
			res, err := a.send(t.Context(), http.MethodPost, ingest+"/"+p.endpoint, `{"payload":{"n":`+strconv.Itoa(i)+`},"idempotencyKey":"k"}`)
			if err == nil && res.status == 202 {
				ids[i] = res.body
			}
		})
	}
	group.Wait()
	slices.Sort(ids)
	require.NotEmpty(t, ids[0])
	require.Len(t, slices.Compact(ids), 1)
	require.Len(t, p.receiver.Requests(), 1)
	require.Len(t, p.deliveriesOf(p.endpoint), 1)
}

func TestTriggerFansOut(t *testing.T) {
	t.Parallel()
	a := busy(t)
	res := a.post(ingest+"/event/order.created", `{"payload":{"order":"ord_1"}}`)
	ids := res.deliveryIDs()
	require.Len(t, ids, 3)
	res.is(202, fmt.Sprintf(`{"eventTypeId": "evt_1", "deliveryIds": [%q, %q, %q], "status": "accepted"}`, ids[0], ids[1], ids[2]))
	for i, endpoint := range []string{"ep_2", "ep_3", "ep_1"} { // in the order of the subscriptions
		row := a.owner().get(inA + "/deliveries/" + ids[i])
		row.is(200, `{"id": "`+ids[i]+`", "idempotencyKey": "$idempotencyKey", "endpointId": "`+endpoint+`", "status": "delivered",
			"totalAttempts": 1, "firstAttemptAt": "2026-01-15T10:30:00.000Z", "deliveredAt": "2026-01-15T10:30:00.000Z", "nextRetryAt": null,
			"hasPayload": true, "createdAt": "2026-01-15T10:30:00.000Z", "updatedAt": "2026-01-15T10:30:00.000Z"}`)
		require.NotEmpty(t, row.text("idempotencyKey"))
	}
	for _, endpoint := range []string{"ep_s", "ep_off", "batch", "event"} {
		require.Empty(t, a.deliveriesOf(endpoint))
	}
	again := a.post(ingest+"/event/order.created", `{"payload":{"order":"ord_1"}}`)
	require.NotEqual(t, ids, again.deliveryIDs(), "there is no key here")

	staging := a.as("nhk_us_staging").post(ingest+"/event/order.created", `{"payload":{}}`)
	require.Equal(t, a.deliveriesOf("ep_s"), staging.deliveryIDs())
	require.Len(t, a.deliveriesOf("ep_1"), 2)
}

func TestTriggerFollowsSubscriptions(t *testing.T) {
	t.Parallel()
	a := busy(t)
	endpoints := func() []string {
		t.Helper()
		var got []string
		for _, id := range a.post(ingest+"/event/order.created", `{"payload":{}}`).deliveryIDs() {
			got = append(got, a.owner().get(inA+"/deliveries/"+id).text("endpointId"))
		}
		return got
	}
	require.Equal(t, []string{"ep_2", "ep_3", "ep_1"}, endpoints())
	a.owner().delete(inA + "/endpoints/ep_2/subscriptions/evt_1").isDeleted()
	require.Equal(t, []string{"ep_3", "ep_1"}, endpoints())
	a.owner().post(inA+"/endpoints/ep_2/subscriptions", `{"eventTypeIds":["evt_1"]}`).is(201, `{"subscribed": 1}`)
	require.Equal(t, []string{"ep_3", "ep_1", "ep_2"}, endpoints())
	a.owner().patch(inA+"/endpoints/ep_3", `{"isActive":false}`)
	a.owner().patch(inA+"/endpoints/ep_off", `{"isActive":true}`)
	require.Equal(t, []string{"ep_off", "ep_1", "ep_2"}, endpoints())
	a.owner().delete(inA + "/endpoints/ep_off").isDeleted()
	a.owner().put(inA+"/environments/env_a/event-types/evt_1/visibility", `{"published":false}`).
		is(200, `{"eventTypeId": "evt_1", "eventTypeName": "order.created", "published": false}`)
	require.Equal(t, []string{"ep_1", "ep_2"}, endpoints(), "publication stops no delivery")
}

func TestTriggerWithoutSubscribers(t *testing.T) {
	t.Parallel()
	a := busy(t)
	res := a.post(ingest+"/event/order.paid", `{"payload":{}}`)
	require.Equal(t, 202, res.status)
	require.Equal(t, `{"eventTypeId":"evt_2","deliveryIds":[],"status":"accepted"}`, res.body)
}

func TestEventNamesAreCheckedBeforeTheyAreLookedUp(t *testing.T) {
	t.Parallel()
	a := busy(t)
	const shape = "eventType must be lowercase words of a-z, 0-9, _ and - joined by dots, such as order.created"
	for _, name := range []string{
		"Order.created", "order..created", ".order", "order.", "order%20created", "order%2Fcreated", "order+created", "caf%C3%A9", "order.created%00",
		"%2A", "order:created", "evt_1%0A",
	} {
		a.post(ingest+"/event/"+name, `{"payload":{}}`).invalid(shape)
	}
	a.post(ingest+"/event/"+strings.Repeat("a", 101), `{"payload":{}}`).invalid("eventType must be between 1 and 100 characters")
	for _, name := range []string{"order.shipped", "order", "orders.created", "evt_1", "event", strings.Repeat("a", 100), "0.1-_"} {
		a.post(ingest+"/event/"+name, `{"payload":{}}`).refuses(404, "not_found", "Event type not found")
	}
	require.Equal(t, []string{"evt_batch", "evt_2", "evt_1"}, a.owner().get(inA+"/event-types").ids(), "nothing is made on the way")
	require.Equal(t, 202, a.post(ingest+"/event/order%2Ecreated", `{"payload":{}}`).status, "escapes are decoded")
}

func TestMetadataIsAcceptedAndNotDelivered(t *testing.T) {
	t.Parallel()
	p := deliver(t)
	p.post(inA+"/event-types", `{"name":"order.created"}`)
	p.post(inA+"/endpoints/"+p.endpoint+"/subscriptions", fmt.Sprintf(`{"eventTypeIds":[%q]}`, p.get(inA + "/event-types").ids()[0]))
	a := p.as("nhk_us_a")
	require.Len(t, a.post(ingest+"/event/order.created", `{"payload":{"n":1},"metadata":{"source":"shop-7"}}`).deliveryIDs(), 1)
	require.Len(t, a.post(ingest+"/event/order.created", `{"payload":{"n":2},"metadata":null}`).deliveryIDs(), 1)
	requests := p.receiver.Requests()
	require.Len(t, requests, 2)
	for i, r := range requests {
		require.Equal(t, fmt.Sprintf(`{"n":%d}`, i+1), string(r.Body))
		require.NotContains(t, fmt.Sprint(r.Header), "shop-7")
	}
	require.NotContains(t, p.get(inA+"/endpoints/"+p.endpoint+"/deliveries").body, "shop-7")
	for _, wrong := range []string{"3", `"a"`, "[]"} {
		a.post(ingest+"/event/order.created", `{"payload":{},"metadata":`+wrong+`}`).invalid("metadata must be an object")
	}
	require.Len(t, p.receiver.Requests(), 2)
}

// The words of the routes win over ids and names that are spelt like them.
func TestStaticRoutesOfIngestionWin(t *testing.T) {
	t.Parallel()
	a := busy(t)
	a.post(ingest+"/batch", `{"items":[]}`).invalid("items must contain between 1 and 20 entries")
	require.Empty(t, a.deliveriesOf("batch"))
	require.Equal(t, 202, a.post(ingest+"/batch", `{"items":[{"endpointId":"batch","payload":{}}]}`).status)
	require.Len(t, a.deliveriesOf("batch"), 1)
	a.post(ingest+"/event/batch", `{"items":[]}`).invalid("items must contain between 1 and 20 entries")
	require.Len(t, a.deliveriesOf("batch"), 1)
	require.Equal(t, 202, a.post(ingest+"/event", `{"payload":{}}`).status, "an endpoint may be called event")
	require.Len(t, a.deliveriesOf("event"), 1)
}

func TestIngestionTakesPOSTAlone(t *testing.T) {
	t.Parallel()
	a := busy(t)
	for _, path := range []string{"/ep_1", "/batch", "/event", "/event/order.created", "/event/batch"} {
		for _, method := range []string{http.MethodGet, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions, http.MethodTrace} {
			res := a.do(method, ingest+path, "")
			res.refuses(405, "method_not_allowed", "Method not allowed")
			require.Equal(t, []string{"POST"}, res.header["Allow"])
		}
	}
}
