package mockserver_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const nameTaken = "An event type with this name already exists"

func TestCreateEventType(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ body, want string }{
		"with the name alone": {
			`{"name":"order.shipped"}`,
			`{"id": "$id", "name": "order.shipped", "description": null, "createdAt": "2026-01-15T10:30:00.000Z"}`,
		},
		"with every field": {
			`{"name":"order.shipped","description":" An <order> & more left "}`,
			`{"id": "$id", "name": "order.shipped", "description": " An <order> & more left ", "createdAt": "2026-01-15T10:30:00.000Z"}`,
		},
		"with a null for no description": {
			`{"name":"order.shipped","description":null}`,
			`{"id": "$id", "name": "order.shipped", "description": null, "createdAt": "2026-01-15T10:30:00.000Z"}`,
		},
		"with an empty description": {
			`{"name":"order.shipped","description":""}`,
			`{"id": "$id", "name": "order.shipped", "description": null, "createdAt": "2026-01-15T10:30:00.000Z"}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := serve(t)
			res := a.post(inA+"/event-types", c.body)
			res.is(201, c.want)
			id := res.text("id")
			require.Regexp(t, `^evt_\w+$`, id)
			a.get(inA+"/event-types/"+id).is(200, res.body)
			a.get(inA+"/event-types").is(200, "["+res.body+","+evtB+","+evtA+"]")
		})
	}
}

func TestEventTypeNames(t *testing.T) {
	t.Parallel()
	longest := strings.Repeat("a.", 49) + "aa"
	for _, name := range []string{
		"a", "0", "-", "_", "a.b", "order-1_x.y-z.0", "a.b.c.d.e.f", "--.__", longest, strings.Repeat("a", 100),
	} {
		t.Run("accepted: "+name, func(t *testing.T) {
			t.Parallel()
			serve(t).post(inA+"/event-types", `{"name":"`+name+`"}`).is(201,
				`{"id": "$id", "name": "`+name+`", "description": null, "createdAt": "2026-01-15T10:30:00.000Z"}`)
		})
	}
	const length = "name must be between 1 and 100 characters"
	const pattern = "name must be lowercase words of a-z, 0-9, _ and - joined by dots, such as order.created"
	a := serve(t)
	for name, c := range map[string]struct{ body, message string }{
		"none":                        {`{}`, "name is required"},
		"only a description":          {`{"description":"An order was placed"}`, "name is required"},
		"an empty one":                {`{"name":""}`, "name is required"},
		"one that is too long":        {`{"name":"` + longest + `a"}`, length},
		"too many letters of any":     {`{"name":"` + strings.Repeat("é", 101) + `"}`, length},
		"letters of other alphabets":  {`{"name":"` + strings.Repeat("é", 100) + `"}`, pattern},
		"upper case":                  {`{"name":"Order.created"}`, pattern},
		"upper case at the end":       {`{"name":"order.createD"}`, pattern},
		"a dot in front":              {`{"name":".order"}`, pattern},
		"a dot behind":                {`{"name":"order."}`, pattern},
		"two dots":                    {`{"name":"order..created"}`, pattern},
		"a dot alone":                 {`{"name":"."}`, pattern},
		"a space":                     {`{"name":"order created"}`, pattern},
		"a space in front":            {`{"name":" order"}`, pattern},
		"a line break behind":         {`{"name":"order\n"}`, pattern},
		"a NUL":                       {`{"name":"order\u0000"}`, pattern},
		"a slash":                     {`{"name":"order/created"}`, pattern},
		"a colon":                     {`{"name":"order:created"}`, pattern},
		"a star":                      {`{"name":"order.*"}`, pattern},
		"the name before a bad extra": {`{"name":"ORDER","description":"` + strings.Repeat("x", 501) + `"}`, pattern},
	} {
		t.Run("refused: "+name, func(t *testing.T) {
			a.in(t).post(inA+"/event-types", c.body).invalid(c.message)
		})
	}
	t.Run("and nothing is stored", func(t *testing.T) {
		a.in(t).get(inA+"/event-types").is(200, "["+evtB+","+evtA+"]")
	})
}

func TestEventTypeNamesAreUnique(t *testing.T) {
	t.Parallel()
	a := serve(t)
	a.post(inA+"/event-types", `{"name":"order.created"}`).refuses(409, "conflict", nameTaken)
	a.get(inA+"/event-types").is(200, "["+evtB+","+evtA+"]")
	for _, free := range []string{"order", "order.created.v2", "order-created", "invoice.sent"} { // the last is taken in another workspace
		require.Equal(t, 201, a.post(inA+"/event-types", `{"name":"`+free+`"}`).status, free)
		a.post(inA+"/event-types", `{"name":"`+free+`"}`).refuses(409, "conflict", nameTaken)
	}
	a.patch(inA+"/event-types/evt_a", `{"description":"Changed"}`)
	a.post(inA+"/event-types", `{"name":"order.created"}`).refuses(409, "conflict", nameTaken)

	a.delete(inA + "/event-types/evt_a").isDeleted()
	again := a.post(inA+"/event-types", `{"name":"order.created"}`)
	again.is(201, `{"id": "$id", "name": "order.created", "description": null, "createdAt": "2026-01-15T10:30:00.000Z"}`)
	require.NotEqual(t, "evt_a", again.text("id"))
	a.post(inA+"/event-types", `{"name":"order.created"}`).refuses(409, "conflict", nameTaken)
}

func TestConcurrentCreatesOfOneName(t *testing.T) {
	t.Parallel()
	for path, body := range map[string]string{"/event-types": `{"name":"order.shipped"}`, "/environments": `{"name":"QA","slug":"qa"}`} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			a := serve(t)
			require.Equal(t, map[int]int{201: 1, 409: 31}, a.atOnce(32, func(int) (string, string) { return inA + path, body }))
			require.Len(t, a.get(inA+path).ids(), 3)
		})
	}
}

// atOnce posts n bodies and counts the answers by status.
func (a api) atOnce(n int, request func(i int) (path, body string)) map[int]int {
	a.t.Helper()
	answers, failures := make([]response, n), make([]error, n)
	var posts sync.WaitGroup
	for i := range n {
		posts.Go(func() {
			path, body := request(i)
			answers[i], failures[i] = a.send(a.t.Context(), "POST", path, body)
		})
	}
	posts.Wait()
	statuses := map[int]int{}
	for i, res := range answers {
		require.NoError(a.t, failures[i])
		res.t = a.t
		res.keepsThePromises()
		statuses[res.status]++
	}
	return statuses
}

func TestEventTypesAreListedNewestFirst(t *testing.T) {
	t.Parallel()
	a := serve(t)
	a.get(inA+"/event-types").is(200, "["+evtB+","+evtA+"]")
	first := a.post(inA+"/event-types", `{"name":"z"}`).text("id")
	second := a.post(inA+"/event-types", `{"name":"a"}`).text("id") // at the same instant
	a.srv.Advance(time.Millisecond)
	third := a.post(inA+"/event-types", `{"name":"m"}`)
	third.is(201, `{"id": "$id", "name": "m", "description": null, "createdAt": "2026-01-15T10:30:00.001Z"}`)
	a.patch(inA+"/event-types/evt_a", `{"description":"updates move nothing"}`)
	require.Equal(t, []string{third.text("id"), second, first, "evt_b", "evt_a"}, a.get(inA+"/event-types").ids())
	a.delete(inA + "/event-types/" + second).isDeleted()
	require.Equal(t, []string{third.text("id"), first, "evt_b", "evt_a"}, a.get(inA+"/event-types?limit=1&offset=zero").ids())
}

func TestEmptyCatalogIsAnArray(t *testing.T) {
	t.Parallel()
	a := serve(t)
	for _, id := range []string{"evt_a", "evt_b"} {
		a.delete(inA + "/event-types/" + id).isDeleted()
	}
	for _, path := range []string{"/event-types", "/environments/env_a/event-types", "/endpoints/ep_a/subscriptions"} {
		res := a.get(inA + path)
		require.Equal(t, 200, res.status)
		require.Equal(t, "[]", res.body, path)
	}
}

func TestUpdateEventType(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ body, changes string }{
		"the description":           {`{"description":" Changed "}`, `{"description": " Changed "}`},
		"no description by null":    {`{"description":null}`, `{"description": null}`},
		"no description by \"\"":    {`{"description":""}`, `{"description": null}`},
		"the same description":      {`{"description":"An order was placed"}`, `{}`},
		"nothing":                   {`{}`, `{}`},
		"the last of two, as usual": {`{"description":3,"description":"Changed"}`, `{"description": "Changed"}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := serve(t)
			a.srv.Advance(time.Second)
			want := with(t, evtA, c.changes)
			a.patch(inA+"/event-types/evt_a", c.body).is(200, want)
			a.get(inA+"/event-types/evt_a").is(200, want)
			a.get(inA+"/event-types").is(200, "["+evtB+","+want+"]")
			a.subscriptionsOf("ep_a", toA)
			a.showsIn("env_a", bPublished, aHidden)
		})
	}
}

// The name cannot be changed, and saying it counts as saying nothing.
func TestUpdateEventTypeIgnoresTheName(t *testing.T) {
	t.Parallel()
	a := serveTolerant(t)
	a.srv.Advance(time.Second)
	for _, body := range []string{
		`{"name":"order.placed"}`, `{"name":"order.paid"}`, `{"name":"NO NAME"}`, `{"name":null}`, `{"name":3}`,
		`{"id":"evt_x","createdAt":"2020-01-01T00:00:00.000Z"}`,
	} {
		a.patch(inA+"/event-types/evt_a", body).is(200, evtA)
	}
	a.patch(inA+"/event-types/evt_a", `{"name":"order.placed","description":"Changed"}`).is(200, with(t, evtA, `{"description": "Changed"}`))
	a.post(inA+"/event-types", `{"name":"order.created"}`).refuses(409, "conflict", nameTaken)
	require.Equal(t, 201, a.post(inA+"/event-types", `{"name":"order.placed"}`).status)
}

func TestDeleteEventType(t *testing.T) {
	t.Parallel()
	a := serve(t)
	const missing = "Event type not found"
	require.Equal(t, 201, a.post(inA+"/endpoints/ep_a/subscriptions", `{"eventTypeIds":["evt_b"]}`).status)
	require.Equal(t, 201, a.post(inA+"/endpoints/ep_ws/subscriptions", `{"eventTypeIds":["evt_a"]}`).status)
	a.delete(inA + "/event-types/evt_a").isDeleted()

	a.get(inA+"/event-types/evt_a").refuses(404, "not_found", missing)
	a.patch(inA+"/event-types/evt_a", `{"description":"Back"}`).refuses(404, "not_found", missing)
	a.delete(inA+"/event-types/evt_a").refuses(404, "not_found", missing)
	a.put(inA+"/environments/env_a/event-types/evt_a/visibility", `{"published":true}`).refuses(404, "not_found", missing)
	a.post(inA+"/endpoints/ep_a/subscriptions", `{"eventTypeIds":["evt_a"]}`).refuses(404, "not_found", missing)
	a.delete(inA+"/endpoints/ep_a/subscriptions/evt_a").refuses(404, "not_found", "Subscription not found")

	a.get(inA+"/event-types").is(200, "["+evtB+"]")
	a.subscriptionsOf("ep_a", toB)
	a.subscriptionsOf("ep_ws")
	a.showsIn("env_a", bPublished)
	a.showsIn("env_a_staging", bHidden)
}

// A name that becomes free brings back nothing of its former owner.
func TestNewEventTypeInheritsNothing(t *testing.T) {
	t.Parallel()
	a := serve(t)
	a.delete(inA + "/event-types/evt_a").isDeleted()
	id := a.post(inA+"/event-types", `{"name":"order.created"}`).text("id")
	a.subscriptionsOf("ep_a")
	a.showsIn("env_a_staging", `{"eventTypeId": "`+id+`", "eventTypeName": "order.created", "published": false}`, bHidden)
}
