package mockserver_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/nahook/nahook-go/mockserver"
)

const week = 7 * 24 * time.Hour

// gone tells that nothing shows a delivery any more.
func (a api) gone(endpoint, id string) {
	a.t.Helper()
	for _, path := range []string{"", "?include=payload", "/attempts"} {
		a.owner().get(inA+"/deliveries/"+id+path).refuses(404, "not_found", "Delivery not found")
	}
	a.as("nhs_a").get(dashA+"/deliveries/"+id).refuses(404, "not_found", "Delivery not found")
	a.as("nhs_a").get(dashA+"/deliveries/"+id+"/payload").refuses(404, "not_found", "Delivery not found")
	a.as("nhs_a").post(dashA+"/deliveries/"+id+"/retry", "").refuses(404, "not_found", "Delivery not found")
	require.NotContains(a.t, a.deliveriesOf(endpoint), id)
}

func TestDeliveriesAreKeptForSevenDays(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		status string
		reply  int
	}{{"delivered", 200}, {"failed", 410}, {"dead_letter", 500}} {
		t.Run(c.status, func(t *testing.T) {
			t.Parallel()
			p := deliver(t, mockserver.Reply{Status: c.reply})
			first := p.send(`{}`)
			p.srv.Advance(time.Hour)
			second := p.send(`{}`)
			p.srv.Advance(week - time.Hour - time.Millisecond)
			require.Equal(t, c.status, p.state(first).Status)
			require.Equal(t, []string{second, first}, p.deliveriesOf(p.endpoint))
			p.srv.Advance(time.Millisecond)
			p.gone(p.endpoint, first)
			require.Equal(t, c.status, p.state(second).Status)
			p.get(inA+"/endpoints/"+p.endpoint+"/deliveries?status="+c.status).is(200, `{"deliveries": [`+p.get(inA+"/deliveries/"+second).body+`], "nextCursor": null}`)
			p.srv.Advance(time.Hour)
			p.gone(p.endpoint, second)
			p.get(inA+"/endpoints/"+p.endpoint+"/deliveries").is(200, `{"deliveries": [], "nextCursor": null}`)
		})
	}
}

// What is not final yet is kept until it is.
func TestUnfinishedDeliveriesAreKept(t *testing.T) {
	t.Parallel()
	a := serveFixtures(t, blank, mockserver.WithSchedule(week, 24*time.Hour))
	p := a.pipeTo(a.srv.Receiver(mockserver.Reply{Status: 500}))
	id := p.send(`{}`)
	p.srv.Advance(week + 12*time.Hour)
	require.Equal(t, "scheduled_retry", p.state(id).Status)
	require.Equal(t, []string{id}, p.deliveriesOf(p.endpoint))
	p.srv.Advance(12*time.Hour - time.Millisecond)
	require.Equal(t, 2, p.state(id).TotalAttempts)
	p.srv.Advance(time.Millisecond)
	p.gone(p.endpoint, id)
	require.Len(t, p.receiver.Requests(), 3)
}

// A retry by hand does not lengthen the window, and one that is under way at its
// end is finished.
func TestRetriesDoNotLengthenRetention(t *testing.T) {
	t.Parallel()
	p := deliver(t, mockserver.Reply{Status: 410}, mockserver.Reply{})
	id := p.send(`{}`)
	p.srv.Advance(week - time.Millisecond)
	require.Equal(t, 200, p.as("nhs_a").post(dashA+"/deliveries/"+id+"/retry", "").status)
	require.Equal(t, "delivered", p.state(id).Status)
	p.srv.Advance(time.Millisecond)
	p.gone(p.endpoint, id)
}

// A key lives on its own time: it may be used anew while its first delivery is
// still there, and names what is gone only as long as it is known.
func TestRetentionAndKeys(t *testing.T) {
	t.Parallel()
	a := busy(t)
	const body = `{"payload":{},"idempotencyKey":"k"}`
	first := a.post(ingest+"/ep_1", body).text("deliveryId")
	a.srv.Advance(24 * time.Hour)
	second := a.post(ingest+"/ep_1", body).text("deliveryId")
	require.NotEqual(t, first, second)
	a.srv.Advance(week - 24*time.Hour)
	a.gone("ep_1", first)
	require.Equal(t, []string{second}, a.deliveriesOf("ep_1"))
}

func TestSeededDeliveriesAreKeptForEver(t *testing.T) {
	t.Parallel()
	a := serveFixtures(t, six)
	a.srv.Advance(365 * 24 * time.Hour)
	a.srv.Drain()
	for _, s := range states {
		a.get(inA+"/deliveries/"+s.id).is(200, s.row)
	}
	require.Equal(t, 200, a.as("nhs_a").post(dashA+"/deliveries/del_dead/retry", "").status)
	a.srv.Advance(365 * 24 * time.Hour)
	require.Len(t, a.deliveriesOf("ep_1"), 6)
	require.Equal(t, "delivered", a.get(inA+"/deliveries/del_dead").text("status"), "retried or not")
}

func TestLastDeliveriesAreForgottenToo(t *testing.T) {
	t.Parallel()
	a := busy(t)
	a.post(ingest+"/ep_1", `{"payload":{}}`)
	last := func() string { return a.as("nhs_a").get(dashA + "/endpoints/ep_1").body }
	require.Contains(t, last(), `"lastDeliveryAt":"2026-01-15T10:30:00.000Z"`)
	a.srv.Advance(week - time.Millisecond)
	require.Contains(t, last(), `"lastDeliveryAt":"2026-01-15T10:30:00.000Z"`)
	a.srv.Advance(time.Millisecond)
	require.Contains(t, last(), `"lastDeliveryAt":null`)
}
