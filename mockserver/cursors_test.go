package mockserver_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/nahook/nahook-go/mockserver"
)

type deliveryPage struct {
	Deliveries []struct{ ID string }
	NextCursor *string
}

func (p deliveryPage) ids() []string {
	ids := []string{}
	for _, d := range p.Deliveries {
		ids = append(ids, d.ID)
	}
	return ids
}

// deliveryPage gives one page of path, which has a query.
func (a api) deliveryPage(path string) deliveryPage {
	a.t.Helper()
	res := a.get(path)
	require.Equal(a.t, 200, res.status, res.body)
	require.Contains(a.t, res.body, `"nextCursor":`)
	var page deliveryPage
	require.NoError(a.t, json.Unmarshal([]byte(res.body), &page))
	return page
}

// walk follows the cursors from the first page to the last. No page but the last
// is short, and none is empty unless there is nothing.
func (a api) walk(path string, limit int) []string {
	a.t.Helper()
	path += fmt.Sprintf("limit=%d", limit)
	page := a.deliveryPage(path)
	ids := page.ids()
	for page.NextCursor != nil {
		require.Len(a.t, page.Deliveries, limit)
		page = a.deliveryPage(path + "&cursor=" + *page.NextCursor)
		require.NotEmpty(a.t, page.Deliveries, "the page before was the last")
		ids = append(ids, page.ids()...)
	}
	require.LessOrEqual(a.t, len(page.Deliveries), limit)
	return ids
}

// sendMany sends n messages to ep_1, every second one at a later instant than the one
// before, and gives their deliveries, newest first.
func (a api) sendMany(n int) []string {
	a.t.Helper()
	var ids []string
	for i := range n {
		if i%2 == 1 {
			a.srv.Advance(time.Millisecond)
		}
		ids = append(ids, a.as("nhk_us_a").post(ingest+"/ep_1", `{"payload":{}}`).text("deliveryId"))
	}
	slices.Reverse(ids)
	return ids
}

func TestCursorPagesEqualTheWholeList(t *testing.T) {
	t.Parallel()
	a := busy(t).owner()
	for n := range 13 {
		if n > 0 {
			a.sendMany(1)
		}
		whole := a.deliveriesOf("ep_1")
		require.Len(t, whole, n)
		for limit := range 5 {
			require.Equal(t, whole, a.walk(inA+"/endpoints/ep_1/deliveries?", limit+1), "%d rows", n)
			require.Equal(t, whole, a.walk(inA+"/endpoints/ep_1/deliveries?status=delivered&", limit+1), "%d rows", n)
		}
	}
}

// A walk sees what there was when it began, once each, whatever is sent
// meanwhile.
func TestCursorPagesWhileOthersSend(t *testing.T) {
	t.Parallel()
	a := busy(t).owner()
	before := a.sendMany(30)
	stop := make(chan bool)
	var group sync.WaitGroup
	for range 3 {
		group.Go(func() {
			for n := 0; n < 500; n++ {
				select {
				case <-stop:
					return
				default:
					_, _ = a.as("nhk_us_a").send(t.Context(), "POST", ingest+"/ep_1", `{"payload":{}}`)
					_, _ = a.as("nhk_us_a").send(t.Context(), "POST", ingest+"/ep_2", `{"payload":{}}`)
				}
			}
		})
	}
	var walks [][]string
	for limit := range 5 {
		walks = append(walks, a.walk(inA+"/endpoints/ep_1/deliveries?", limit+1), a.walk(inA+"/endpoints/ep_1/deliveries?status=delivered&", limit+1))
	}
	close(stop)
	group.Wait()
	whole := a.walk(inA+"/endpoints/ep_1/deliveries?", 100)
	for i, walk := range walks {
		from := len(whole) - len(walk)
		require.GreaterOrEqual(t, from, 0)
		if i%2 == 0 {
			require.Equal(t, whole[from:], walk)
		}
		require.Equal(t, before, walk[len(walk)-30:])
		require.Len(t, slices.Compact(slices.Sorted(slices.Values(walk))), len(walk), "each once")
	}
}

func TestLimitsOfDeliveryPages(t *testing.T) {
	t.Parallel()
	a := busy(t, mockserver.WithSchedule()).owner()
	whole := a.sendMany(205)
	for query, want := range map[string]int{
		"": 50, "limit=": 50, "cursor=": 50, "limit=1": 1, "limit=100": 100, "limit=101": 100, "limit=200": 100, "limit=99999999999999999999": 100, "limit=007": 7,
	} {
		page := a.deliveryPage(inA + "/endpoints/ep_1/deliveries?" + query)
		require.Equal(t, whole[:want], page.ids(), query)
		require.NotNil(t, page.NextCursor)
	}
	for _, wrong := range []string{"0", "-1", "1.5", "abc", "%201", "+1"} {
		a.get(inA + "/endpoints/ep_1/deliveries?limit=" + wrong).invalid("limit must be a positive integer")
	}
	a.get(inA + "/endpoints/ep_1/deliveries?limit=%zz").invalid("Query string must be well-formed")

	a = a.as("nhs_a") // the dashboard's pages are larger, and it clamps at both ends
	for query, want := range map[string]int{
		"": 50, "limit=": 50, "limit=0": 1, "limit=1": 1, "limit=200": 200, "limit=201": 200, "limit=99999999999999999999": 200,
	} {
		page := a.deliveryPage(dashA + "/endpoints/ep_1/deliveries?" + query)
		require.Equal(t, whole[:want], page.ids(), query)
		require.NotNil(t, page.NextCursor)
	}
	for _, wrong := range []string{"1.5", "abc", "%201", "1e2", "null"} {
		a.get(dashA + "/endpoints/ep_1/deliveries?limit=" + wrong).invalid("limit must be a positive integer")
	}
	require.Equal(t, whole, a.walk(dashA+"/endpoints/ep_1/deliveries?", 200))
	require.Equal(t, whole, a.walk(dashA+"/endpoints/ep_1/deliveries?", 41)) // five full pages
}

// A negative limit is clamped by the dashboard like any other.
func TestTheDashboardClampsNegativeLimits(t *testing.T) {
	t.Parallel()
	a := busy(t).owner()
	whole := a.sendMany(2)
	require.Equal(t, whole[:1], a.as("nhs_a").deliveryPage(dashA+"/endpoints/ep_1/deliveries?limit=-1").ids())
}

const restart = "The cursor is invalid: restart pagination from the beginning"

// cursor gives that of the first page of size 1.
func (a api) cursor(path string) string {
	a.t.Helper()
	page := a.deliveryPage(path)
	require.NotNil(a.t, page.NextCursor)
	return *page.NextCursor
}

func TestTamperedCursors(t *testing.T) {
	t.Parallel()
	a := busy(t).direct().owner()
	whole := a.sendMany(5)
	const list = inA + "/endpoints/ep_1/deliveries?limit=1"
	cursor := a.cursor(list)
	require.Equal(t, whole[1:2], a.deliveryPage(list+"&cursor="+cursor).ids())
	refused := func(cursor string) {
		t.Helper()
		res := a.get(list + "&cursor=" + cursor)
		res.refuses(400, "invalid_cursor", restart)
	}
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	for i := range cursor {
		for _, other := range alphabet {
			if byte(other) != cursor[i] && (strings.IndexRune(alphabet, other)+i)%7 == 0 {
				refused(cursor[:i] + string(other) + cursor[i+1:])
			}
		}
		refused(cursor[:i] + "." + cursor[i+1:])
		if i > 0 {
			refused(cursor[:i]) // truncated
			refused(cursor[i:])
		}
	}
	raw, err := base64.RawURLEncoding.DecodeString(cursor)
	require.NoError(t, err)
	for i := range raw {
		for bit := range 8 {
			flipped := slices.Clone(raw)
			flipped[i] ^= 1 << bit
			refused(base64.RawURLEncoding.EncodeToString(flipped))
		}
	}
	for _, wrong := range []string{
		cursor + "A", cursor + "=", cursor + "%20", "%20" + cursor, cursor + cursor, "A", "null", "0", "1", whole[0], "ep_1", "%00", "%FF",
		base64.RawURLEncoding.EncodeToString(make([]byte, len(raw))), base64.StdEncoding.EncodeToString(raw) + "+", strings.Repeat("A", 10_000),
		base64.RawURLEncoding.EncodeToString([]byte(whole[0])),
	} {
		refused(wrong)
	}
	require.Equal(t, whole, a.walk(inA+"/endpoints/ep_1/deliveries?", 2), "the good ones go on working")
}

// Base64 decoders like to skip line breaks.
func TestCursorsWithLineBreaks(t *testing.T) {
	t.Parallel()
	a := busy(t).owner()
	a.sendMany(3)
	const list = inA + "/endpoints/ep_1/deliveries?limit=1&cursor="
	cursor := a.cursor(inA + "/endpoints/ep_1/deliveries?limit=1")
	for _, wrong := range []string{cursor + "%0A", cursor + "%0D%0A", "%0A" + cursor, cursor[:7] + "%0A" + cursor[7:], cursor[:7] + "%0D" + cursor[7:]} {
		a.get(list+wrong).refuses(400, "invalid_cursor", restart)
	}
}

// A cursor belongs to the list that it came from.
func TestCursorsAreBoundToTheirList(t *testing.T) {
	t.Parallel()
	// Both workspaces have an endpoint of this id, with deliveries alike.
	rows := `"endpoints": [{"id": "ep_1", "url": "https://one.test", "deliver": "accept"}, {"id": "ep_2", "url": "https://two.test", "deliver": "accept"}],
		"deliveries": [`
	for _, endpoint := range []string{"ep_1", "ep_2"} {
		for i := range 3 {
			rows += fmt.Sprintf(`{"id": "del_%s_%d", "endpointId": %q, "status": "failed"}, {"id": "del_%s_d%d", "endpointId": %q, "status": "delivered"},`, endpoint, i, endpoint, endpoint, i, endpoint)
		}
	}
	rows = strings.TrimSuffix(rows, ",") + "]"
	a := serveFixtures(t, `{"workspaces": [
		{"id": "ws_a", "managementTokens": [{"token": "nhm_a"}], "sessionTokens": [{"token": "nhs_a"}], `+rows+`},
		{"id": "ws_b", "managementTokens": [{"token": "nhm_b"}], "sessionTokens": [{"token": "nhs_b"}], `+rows+`}]}`)
	b, da, db := a.as("nhm_b"), a.as("nhs_a"), a.as("nhs_b")
	const one, two = "/endpoints/ep_1/deliveries?limit=1", "/endpoints/ep_2/deliveries?limit=1"
	lists := []struct {
		api
		path string
	}{
		{a, inA + one}, {a, inA + one + "&status=failed"}, {a, inA + one + "&status=delivered"}, {a, inA + two}, {a, inA + two + "&status=failed"},
		{b, inB + one}, {b, inB + one + "&status=failed"}, {b, inB + two},
	}
	var bodies []string
	for i, from := range lists {
		cursor := from.cursor(from.path)
		require.Equal(t, 200, from.get(from.path+"&cursor="+cursor).status)
		for j, to := range lists {
			if i != j {
				res := to.get(to.path + "&cursor=" + cursor)
				res.refuses(400, "invalid_cursor", restart)
				bodies = append(bodies, res.body)
			}
		}
	}
	require.Len(t, slices.Compact(bodies), 1)
	for _, list := range []string{one, one + "&status=failed", two} {
		cursor := da.cursor(dashA + list)
		db.get(dashB+list+"&cursor="+cursor).refuses(400, "invalid_cursor", restart)
		require.Equal(t, 200, da.get(dashA+list+"&cursor="+cursor).status)
	}
	cursor := a.cursor(inA + one)
	a.get(inA+"/endpoints/ep_0000/deliveries?cursor="+cursor).refuses(400, "invalid_cursor", restart)
	a.get(inA+"/endpoints/ep_0000/deliveries?cursor=nonsense").refuses(400, "invalid_cursor", restart)
	require.Equal(t, []string{"del_ep_1_2", "del_ep_1_d1"}, a.deliveryPage(inA+"/endpoints/ep_1/deliveries?limit=2&cursor="+cursor).ids(), "the limit may change")
}

// A cursor is a place, not a row: it holds when what is around it changes.
func TestCursorsSurviveChanges(t *testing.T) {
	t.Parallel()
	a := serveFixtures(t, blank)
	p := a.pipeTo(a.srv.Receiver(mockserver.Reply{Status: 500}))
	var whole []string
	for range 6 {
		whole = append(whole, p.send(`{}`))
	}
	slices.Reverse(whole)
	list := inA + "/endpoints/" + p.endpoint + "/deliveries?limit=2"
	waiting := a.cursor(list + "&status=scheduled_retry")
	all := a.cursor(list)
	a.patch(inA+"/endpoints/"+p.endpoint, `{"isActive":false}`)
	a.srv.Advance(5 * time.Second) // all are given up
	require.Equal(t, whole[2:4], a.deliveryPage(list+"&cursor="+all).ids())
	require.Empty(t, a.deliveryPage(list+"&status=scheduled_retry&cursor="+waiting).ids())
	a.srv.Advance(7 * 24 * time.Hour) // and forgotten
	page := a.deliveryPage(list + "&cursor=" + all)
	require.Empty(t, page.ids())
	require.Nil(t, page.NextCursor)
}

// Nothing can be read out of a cursor.
func TestCursorsShowNothing(t *testing.T) {
	t.Parallel()
	a := busy(t).owner()
	whole := a.sendMany(20)
	page := a.deliveryPage(inA + "/endpoints/ep_1/deliveries?limit=1")
	seen := map[string]bool{}
	for page.NextCursor != nil {
		cursor := *page.NextCursor
		raw, err := base64.RawURLEncoding.DecodeString(cursor)
		require.NoError(t, err)
		for _, text := range []string{cursor, string(raw)} {
			for _, id := range append(whole, "ws_a", "ep_1", "del_", "delivered") {
				require.NotContains(t, text, id)
			}
		}
		require.NotContains(t, string(raw), "\x00\x00\x00\x00", "no small number in the clear")
		require.False(t, seen[cursor[:16]], "no two begin alike")
		seen[cursor[:16]] = true
		page = a.deliveryPage(inA + "/endpoints/ep_1/deliveries?limit=1&cursor=" + cursor)
	}
	require.Len(t, seen, 19)
}
