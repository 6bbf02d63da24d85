package mockserver_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/nahook/nahook-go/mockserver"
)

// seeded gives fixtures with these deliveries, on ep_1 of one workspace.
func seeded(deliveries string) string {
	return `{"workspaces": [{"id": "ws_a", "managementTokens": [{"token": "nhm_a"}], "apiKeys": [{"key": "nhk_us_a"}], "sessionTokens": [{"token": "nhs_a"}],
		"eventTypes": [{"id": "evt_1", "name": "order.created"}], "schedule": [60, 600],
		"endpoints": [{"id": "ep_1", "url": "https://one.test", "deliver": "accept"}, {"id": "ep_off", "url": "https://off.test", "isActive": false}],
		"deliveries": [` + deliveries + `]}]}`
}

// They take no part in the engine: nothing recovers, schedules or drains them.
func TestSeededDeliveriesStayAsTheyAre(t *testing.T) {
	t.Parallel()
	a := serveFixtures(t, six)
	for range 3 {
		a.srv.Drain()
		require.Equal(t, opening, a.srv.Now(), "there is nothing to wait for")
	}
	a.srv.Advance(48 * time.Hour)
	for _, s := range states {
		a.get(inA+"/deliveries/"+s.id).is(200, s.row)
	}
}

func TestWhatASeededDeliveryTakesByDefault(t *testing.T) {
	t.Parallel()
	a := serveFixtures(t, seeded(`{"endpointId": "ep_1", "status": "pending"}, {"endpointId": "ep_1", "status": "delivered"},
		{"endpointId": "ep_1", "status": "scheduled_retry", "attempts": [{"status": "failed"}, {"status": "failed", "createdAt": "2026-01-15T10:30:02.000Z"}]}`))
	ids := a.deliveriesOf("ep_1")
	require.Len(t, ids, 3)
	row := func(id, rest string) string {
		res := a.get(inA + "/deliveries/" + id)
		require.NotEmpty(t, res.text("idempotencyKey"))
		require.Regexp(t, `^del_\w+$`, id)
		return with(t, `{"id": "`+id+`", "idempotencyKey": "`+res.text("idempotencyKey")+`", "endpointId": "ep_1", "totalAttempts": 0, "firstAttemptAt": null,
			"deliveredAt": null, "nextRetryAt": null, "hasPayload": false, "createdAt": "2026-01-15T10:30:00.000Z", "updatedAt": "2026-01-15T10:30:00.000Z"}`, rest)
	}
	a.get(inA+"/endpoints/ep_1/deliveries").is(200, `{"deliveries": [`+strings.Join([]string{ // of one instant, the later in the file are newer
		row(ids[0], `{"status": "scheduled_retry", "totalAttempts": 2, "firstAttemptAt": "2026-01-15T10:30:00.000Z",
			"nextRetryAt": "2026-01-15T10:40:02.000Z", "updatedAt": "2026-01-15T10:30:02.000Z"}`),
		row(ids[1], `{"status": "delivered", "deliveredAt": "2026-01-15T10:30:00.000Z"}`),
		row(ids[2], `{"status": "pending"}`),
	}, ",")+`], "nextCursor": null}`)
}

// They are ordered by createdAt and then as the file has them, and come before
// what is sent at their instant.
func TestOrderOfSeededDeliveries(t *testing.T) {
	t.Parallel()
	a := serveFixtures(t, seeded(`
		{"id": "d3", "endpointId": "ep_1", "status": "failed", "createdAt": "2026-01-12T00:00:00.000Z"},
		{"id": "d1", "endpointId": "ep_1", "status": "failed", "createdAt": "2026-01-10T00:00:00.000Z"},
		{"id": "d5", "endpointId": "ep_1", "status": "failed"},
		{"id": "d2", "endpointId": "ep_1", "status": "failed", "createdAt": "2026-01-10T00:00:00.000Z"},
		{"id": "d6", "endpointId": "ep_1", "status": "failed", "createdAt": "2026-01-15T10:30:00.000Z"},
		{"id": "d4", "endpointId": "ep_1", "status": "failed", "createdAt": "2026-01-12T00:00:00.001Z"}`))
	sent := a.as("nhk_us_a").post(ingest+"/ep_1", `{"payload":{}}`).text("deliveryId")
	want := []string{sent, "d6", "d5", "d4", "d3", "d2", "d1"}
	require.Equal(t, want, a.deliveriesOf("ep_1"))
	require.Equal(t, want, a.walk(inA+"/endpoints/ep_1/deliveries?", 2))
	require.Equal(t, want[1:], a.walk(inA+"/endpoints/ep_1/deliveries?status=failed&", 2))
}

// The keys of seeded deliveries are known for 24 hours from their creation on.
func TestKeysOfSeededDeliveries(t *testing.T) {
	t.Parallel()
	a := serveFixtures(t, seeded(`
		{"id": "d_new", "endpointId": "ep_1", "status": "failed", "idempotencyKey": "new", "createdAt": "2026-01-14T10:30:00.001Z"},
		{"id": "d_old", "endpointId": "ep_1", "status": "failed", "idempotencyKey": "old", "createdAt": "2026-01-14T10:30:00.000Z"}`)).as("nhk_us_a")
	a.post(ingest+"/ep_1", `{"payload":{},"idempotencyKey":"new"}`).is(202, `{"deliveryId": "d_new", "idempotencyKey": "new", "status": "accepted"}`)
	require.NotEqual(t, "d_old", a.post(ingest+"/ep_1", `{"payload":{},"idempotencyKey":"old"}`).text("deliveryId"))
	a.srv.Advance(time.Millisecond)
	require.NotEqual(t, "d_new", a.post(ingest+"/ep_1", `{"payload":{},"idempotencyKey":"new"}`).text("deliveryId"))
}

// They may belong to an endpoint that is disabled, and are free text.
func TestSeededDeliveriesOfAnyID(t *testing.T) {
	t.Parallel()
	a := serveFixtures(t, seeded(`{"id": "the first delivery/of all %", "endpointId": "ep_off", "status": "failed", "payload": {"a": [1, 2.50]}, "eventType": "order.created"}`))
	require.Equal(t, []string{"the first delivery/of all %"}, a.deliveriesOf("ep_off"))
	res := a.get(inA + "/deliveries/the%20first%20delivery%2Fof%20all%20%25?include=payload")
	require.Contains(t, res.body, `"data":{"a":[1,2.50]}`)
}

func TestSeededDeliveriesThatMakeNoSense(t *testing.T) {
	t.Parallel()
	for want, delivery := range map[string]string{
		`status: "done" does not exist; there are [pending delivering scheduled_retry delivered failed dead_letter]`: `{"endpointId": "ep_1", "status": "done"}`,
		`status: "" does not exist; there are [pending delivering scheduled_retry delivered failed dead_letter]`:     `{"endpointId": "ep_1"}`,
		"Endpoint not found":                                                            `{"endpointId": "ep_0000", "status": "failed"}`,
		`eventType: there is no event type "order.lost"`:                                `{"endpointId": "ep_1", "status": "failed", "eventType": "order.lost"}`,
		`the id ".." cannot stand in a path`:                                            `{"id": "..", "endpointId": "ep_1", "status": "failed"}`,
		"idempotencyKey must be between 1 and 255 characters":                           `{"endpointId": "ep_1", "status": "failed", "idempotencyKey": "` + strings.Repeat("k", 256) + `"}`,
		"payload: want an object of at most 262144 bytes":                               `{"endpointId": "ep_1", "status": "failed", "payload": [1]}`,
		`payloadStatus: "available" needs a payload`:                                    `{"endpointId": "ep_1", "status": "failed", "payloadStatus": "available"}`,
		`payloadStatus: "lost" is none of available, processing, not_found, error`:      `{"endpointId": "ep_1", "status": "failed", "payloadStatus": "lost"}`,
		`payloadStatus: "forbidden" is none of available, processing, not_found, error`: `{"endpointId": "ep_1", "status": "failed", "payloadStatus": "forbidden"}`,
		`attempts[0]: status: "ok" is neither success nor failed`:                       `{"endpointId": "ep_1", "status": "failed", "attempts": [{"status": "ok"}]}`,
		"attempts[0]: responseStatusCode: 99 is not between 100 and 999":                `{"endpointId": "ep_1", "status": "failed", "attempts": [{"status": "failed", "responseStatusCode": 99}]}`,
		"attempts[1]: responseTimeMs: -1 is not between 0 and 2147483647":               `{"endpointId": "ep_1", "status": "failed", "attempts": [{"status": "failed"}, {"status": "failed", "responseTimeMs": -1}]}`,
		"attempts[0]: createdAt: it is before that of the delivery, or of the attempt before": `{"endpointId": "ep_1", "status": "failed", "attempts": [{"status": "failed", "createdAt": "2026-01-01T00:00:00Z"}],
			"createdAt": "2026-01-02T00:00:00Z"}`,
		"attempts[1]: createdAt: it is before that of the delivery, or of the attempt before": `{"endpointId": "ep_1", "status": "failed", "createdAt": "2026-01-02T00:00:00Z",
			"attempts": [{"status": "failed", "createdAt": "2026-01-02T00:00:02Z"}, {"status": "failed", "createdAt": "2026-01-02T00:00:01Z"}]}`,
	} {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			_, err := mockserver.ParseFixtures([]byte(seeded(`{"endpointId": "ep_1", "status": "failed"},` + delivery)))
			require.EqualError(t, err, "workspaces[0]: deliveries[1]: "+want)
		})
	}
	_, err := mockserver.ParseFixtures([]byte(seeded(`{"id": "d", "endpointId": "ep_1", "status": "failed"}, {"id": "d", "endpointId": "ep_1", "status": "failed"}`)))
	require.EqualError(t, err, `workspaces[0]: deliveries[1]: the delivery id "d" is given twice`)
	_, err = mockserver.ParseFixtures([]byte(seeded(fmt.Sprintf(`{"endpointId": "ep_1", "status": "failed", "payload": %s}`, sized(256<<10)))))
	require.NoError(t, err)
}
