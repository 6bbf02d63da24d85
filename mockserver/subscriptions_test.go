package mockserver_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// subscriptionsOf compares the subscriptions of an endpoint of ws_a with rows
// that lack their generated ids, and gives these.
func (a api) subscriptionsOf(endpoint string, want ...string) []string {
	a.t.Helper()
	res := a.get(inA + "/endpoints/" + endpoint + "/subscriptions")
	ids := res.ids()
	require.Len(a.t, ids, len(want), res.body)
	rows := make([]string, 0, len(want))
	for i, row := range want {
		require.Regexp(a.t, `^sub_\w+$`, ids[i])
		rows = append(rows, with(a.t, row, `{"id": "`+ids[i]+`"}`))
	}
	res.is(200, "["+strings.Join(rows, ",")+"]")
	return ids
}

func (a api) subscribe(endpoint string, n int, eventTypes ...string) {
	a.t.Helper()
	a.post(inA+"/endpoints/"+endpoint+"/subscriptions", `{"eventTypeIds":["`+strings.Join(eventTypes, `","`)+`"]}`).
		is(201, fmt.Sprintf(`{"subscribed": %d}`, n))
}

func TestSubscribe(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		eventTypes []string
		subscribed int
		want       []string // of ep_a, which has evt_a from the start
	}{
		"to one":                      {[]string{"evt_b"}, 1, []string{toB, toA}},
		"to one that it has":          {[]string{"evt_a"}, 0, []string{toA}},
		"to a new one and one it has": {[]string{"evt_a", "evt_b"}, 1, []string{toB, toA}},
		"to the same one twice":       {[]string{"evt_b", "evt_b"}, 1, []string{toB, toA}},
		"to what it has, twice":       {[]string{"evt_a", "evt_a"}, 0, []string{toA}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := serve(t)
			before := a.subscriptionsOf("ep_a", toA)
			a.subscribe("ep_a", c.subscribed, c.eventTypes...)
			after := a.subscriptionsOf("ep_a", c.want...)
			require.Equal(t, before[0], after[len(after)-1], "a subscription that exists stays")
			a.subscribe("ep_a", 0, c.eventTypes...)
			require.Equal(t, after, a.subscriptionsOf("ep_a", c.want...))
			a.subscriptionsOf("ep_b")
		})
	}
}

func TestSubscriptionsAreListedNewestFirst(t *testing.T) {
	t.Parallel()
	a := serve(t)
	a.subscribe("ep_ws", 2, "evt_b", "evt_a") // at one instant
	ids := a.subscriptionsOf("ep_ws", toA, toB)
	require.NotEqual(t, ids[0], ids[1])
	a.srv.Advance(time.Second)
	a.delete(inA + "/endpoints/ep_ws/subscriptions/evt_b").isDeleted()
	a.subscribe("ep_ws", 1, "evt_a", "evt_b")
	again := a.subscriptionsOf("ep_ws", with(t, toB, `{"createdAt": "2026-01-15T10:30:01.000Z"}`), toA)
	require.Equal(t, ids[0], again[1])
	require.NotContains(t, ids, again[0])
}

// Neither a hidden catalog, nor what is unpublished, nor a disabled endpoint is
// a reason to refuse; nor is the type of the endpoint.
func TestAnyEndpointMaySubscribeToAnyEventType(t *testing.T) {
	t.Parallel()
	a := serve(t)
	a.put(inA+"/environments/env_a/event-types/evt_b/visibility", `{"published":false}`)
	a.subscribe("ep_a", 1, "evt_b") // disabled, of an application with showEventTypes false
	a.subscriptionsOf("ep_a", toB, toA)
	for _, endpoint := range []string{"ep_b", "ep_ws", "ep_slack"} {
		a.subscriptionsOf(endpoint)
		a.subscribe(endpoint, 2, "evt_a", "evt_b")
		a.subscriptionsOf(endpoint, toB, toA)
	}
	created := a.post(inA+"/endpoints", `{"url":"https://a.test"}`).text("id")
	a.subscriptionsOf(created)
	a.subscribe(created, 1, "evt_a")
	a.patch(inA+"/endpoints/"+created, `{"isActive":false}`)
	a.subscriptionsOf(created, toA)
}

func TestSubscribeRefuses(t *testing.T) {
	t.Parallel()
	a := serve(t)
	const kind = "eventTypeIds must be an array of strings"
	for name, c := range map[string]struct{ body, message string }{
		"nothing":          {`{}`, "eventTypeIds is required"},
		"an empty array":   {`{"eventTypeIds":[]}`, "eventTypeIds must contain at least one id"},
		"null":             {`{"eventTypeIds":null}`, kind},
		"one id bare":      {`{"eventTypeIds":"evt_b"}`, kind},
		"a null id":        {`{"eventTypeIds":["evt_b",null]}`, kind},
		"an object per id": {`{"eventTypeIds":[{"id":"evt_b"}]}`, kind},
	} {
		t.Run(name, func(t *testing.T) {
			a.in(t).post(inA+"/endpoints/ep_a/subscriptions", c.body).invalid(c.message)
			a.in(t).post(inA+"/endpoints/ep_missing/subscriptions", c.body).invalid(c.message)
		})
	}
	for name, ids := range map[string]string{
		"an unknown id":                `"evt_missing"`,
		"an empty id":                  `""`,
		"an unknown id behind a known": `"evt_b","evt_missing"`,
		"an unknown id before a known": `"evt_missing","evt_b"`,
		"a name for an id":             `"order.paid"`,
		"an id in upper case":          `"EVT_B"`,
		"another workspace's id":       `"evt_b","evt_c"`,
		"an endpoint's id":             `"ep_a"`,
	} {
		t.Run(name, func(t *testing.T) {
			a.in(t).post(inA+"/endpoints/ep_a/subscriptions", `{"eventTypeIds":[`+ids+`]}`).refuses(404, "not_found", "Event type not found")
		})
	}
	t.Run("and applies nothing", func(t *testing.T) {
		a.in(t).subscriptionsOf("ep_a", toA)
	})
}

func TestUnsubscribe(t *testing.T) {
	t.Parallel()
	a := serve(t)
	a.subscribe("ep_a", 1, "evt_b")
	a.subscribe("ep_b", 2, "evt_a", "evt_b")
	of := inA + "/endpoints/ep_a/subscriptions/"
	for _, id := range append(a.subscriptionsOf("ep_a", toB, toA), "order.created", "EVT_A", "evt_missing", "evt_c", "%2A") {
		a.delete(of+id).refuses(404, "not_found", "Subscription not found")
	}
	a.subscriptionsOf("ep_a", toB, toA)

	a.delete(of + "evt_a").isDeleted() // by the id of the event type
	a.subscriptionsOf("ep_a", toB)
	a.subscriptionsOf("ep_b", toB, toA)
	a.delete(of+"evt_a").refuses(404, "not_found", "Subscription not found")
	a.delete(of + "evt_b").isDeleted()
	require.Equal(t, "[]", a.get(inA+"/endpoints/ep_a/subscriptions").body)
	a.delete(of+"evt_b").refuses(404, "not_found", "Subscription not found")
	a.get(inA+"/event-types").is(200, "["+evtB+","+evtA+"]")

	a.subscribe("ep_a", 2, "evt_a", "evt_b")
	a.subscriptionsOf("ep_a", toB, toA)
}

func TestSubscriptionsOfNoEndpoint(t *testing.T) {
	t.Parallel()
	a := serve(t)
	for _, endpoint := range []string{"ep_missing", "ep_c", "app_a", "EP_A"} {
		path := inA + "/endpoints/" + endpoint + "/subscriptions"
		a.get(path).refuses(404, "not_found", "Endpoint not found")
		a.post(path, `{"eventTypeIds":["evt_missing"]}`).refuses(404, "not_found", "Endpoint not found")
		a.delete(path+"/evt_a").refuses(404, "not_found", "Endpoint not found")
		a.delete(path+"/evt_missing").refuses(404, "not_found", "Endpoint not found")
	}
}

// However an endpoint goes, its subscriptions go with it, and no others.
func TestSubscriptionsGoWithTheirEndpoint(t *testing.T) {
	t.Parallel()
	for path, gone := range map[string]string{
		"/endpoints/ep_a":             "ep_a",
		"/applications/app_a":         "ep_a",
		"/environments/env_a_staging": "ep_ws",
	} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			a := serve(t)
			for _, endpoint := range []string{"ep_ws", "ep_b"} {
				a.subscribe(endpoint, 2, "evt_a", "evt_b")
			}
			a.delete(inA + path).isDeleted()
			of := inA + "/endpoints/" + gone + "/subscriptions"
			a.get(of).refuses(404, "not_found", "Endpoint not found")
			a.post(of, `{"eventTypeIds":["evt_a"]}`).refuses(404, "not_found", "Endpoint not found")
			a.delete(of+"/evt_a").refuses(404, "not_found", "Endpoint not found")
			a.subscriptionsOf("ep_b", toB, toA)
			a.delete(inA + "/event-types/evt_a").isDeleted()
			a.subscriptionsOf("ep_b", toB)
		})
	}
}

// Of many that subscribe at once, one creates each subscription.
func TestConcurrentSubscribes(t *testing.T) {
	t.Parallel()
	a := serve(t)
	bodies := make([]string, 32)
	var posts sync.WaitGroup
	for i := range bodies {
		posts.Go(func() {
			res, err := a.send(t.Context(), "POST", inA+"/endpoints/ep_b/subscriptions", `{"eventTypeIds":["evt_a","evt_b"]}`)
			if err == nil {
				bodies[i] = res.body
			}
		})
	}
	posts.Wait()
	counts := map[string]int{}
	for _, body := range bodies {
		counts[body]++
	}
	require.Equal(t, map[string]int{`{"subscribed":2}`: 1, `{"subscribed":0}`: 31}, counts)
	a.subscriptionsOf("ep_b", toB, toA)
}
