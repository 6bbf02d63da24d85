package mockserver_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// createApplications creates n of them and gives their ids, newest first.
func (a api) createApplications(n int) []string {
	a.t.Helper()
	var ids []string
	for i := range n {
		res := a.post(inA+"/applications", fmt.Sprintf(`{"name":"Customer %d"}`, i))
		require.Equal(a.t, 201, res.status, res.body)
		ids = append(ids, res.text("id"))
	}
	slices.Reverse(ids)
	return ids
}

func (a api) page(offset, limit int) []string {
	a.t.Helper()
	return a.get(fmt.Sprintf("%s/applications?limit=%d&offset=%d", inA, limit, offset)).ids()
}

func TestListsGiveWholeRowsNewestFirst(t *testing.T) {
	t.Parallel()
	a := serve(t)
	a.get(inA+"/applications").is(200, "["+appB+","+appA+"]")
	a.get(inA+"/endpoints").is(200, "["+epSlack+","+epWS+","+epB+","+epA+"]")
	a.get(inA+"/applications/app_a/endpoints").is(200, "["+epA+"]")
	a.get(inA+"/applications/app_b/endpoints").is(200, "["+epB+"]")
}

func TestNewRowsComeFirst(t *testing.T) {
	t.Parallel()
	a := serve(t)
	create := func(path, body string) string {
		t.Helper()
		res := a.post(inA+path, body)
		require.Equal(t, 201, res.status, res.body)
		return res.text("id")
	}
	first := create("/applications/app_a/endpoints", `{"url":"https://a.test/1"}`)
	second := create("/applications/app_a/endpoints", `{"url":"https://a.test/2"}`) // at the same instant
	a.srv.Advance(time.Millisecond)
	third := create("/endpoints", `{"url":"https://a.test/3"}`)
	require.Equal(t, []string{second, first, "ep_a"}, a.get(inA+"/applications/app_a/endpoints").ids())
	require.Equal(t, []string{third, second, first, "ep_slack", "ep_ws", "ep_b", "ep_a"}, a.get(inA+"/endpoints").ids())

	a.srv.Advance(time.Hour)
	a.patch(inA+"/endpoints/"+first, `{"description":"updates move nothing"}`)
	require.Equal(t, []string{second, first, "ep_a"}, a.get(inA+"/applications/app_a/endpoints").ids())
}

func TestEmptyListsAreArrays(t *testing.T) {
	t.Parallel()
	a := serve(t)
	for _, app := range []string{"app_a", "app_b"} {
		a.delete(inA + "/applications/" + app).isDeleted()
	}
	for _, endpoint := range []string{"ep_ws", "ep_slack"} {
		a.delete(inA + "/endpoints/" + endpoint).isDeleted()
	}
	for _, path := range []string{"/applications", "/applications?offset=5", "/endpoints"} {
		res := a.get(inA + path)
		require.Equal(t, 200, res.status)
		require.Equal(t, "[]", res.body, path)
	}
	id := a.post(inA+"/applications", `{"name":"Empty"}`).text("id")
	require.Equal(t, "[]", a.get(inA+"/applications/"+id+"/endpoints").body)
}

func TestPagesEqualTheWholeList(t *testing.T) {
	t.Parallel()
	a := serve(t)
	whole := append(a.createApplications(105), "app_b", "app_a")
	for _, limit := range []int{1, 2, 49, 50, 51, 99, 100} {
		for offset := range len(whole) + 2 {
			if limit > 2 && offset%7 > 1 && offset < len(whole)-2 {
				continue // the large pages overlap enough
			}
			want := append([]string{}, whole[min(offset, len(whole)):min(offset+limit, len(whole))]...)
			require.Equal(t, want, a.page(offset, limit), "offset %d, limit %d", offset, limit)
		}
	}
	t.Run("after deletions", func(t *testing.T) {
		for _, i := range []int{100, 51, 50, 49, 1, 0} {
			a.delete(inA + "/applications/" + whole[i]).isDeleted()
			whole = slices.Delete(whole, i, i+1)
		}
		require.Equal(t, whole[:100], a.page(0, 100))
		require.Equal(t, whole[48:], a.page(48, 100))
		require.Equal(t, whole[100:], a.page(100, 1)[:1])
	})
}

func TestPageParameters(t *testing.T) {
	t.Parallel()
	a := serve(t)
	whole := append(a.createApplications(120), "app_b", "app_a")
	for query, want := range map[string][]string{
		"":                                    whole[:50],
		"?":                                   whole[:50],
		"?limit=":                             whole[:50],
		"?offset=":                            whole[:50],
		"?limit=&offset=":                     whole[:50],
		"?limit=100":                          whole[:100],
		"?limit=101":                          whole[:100],
		"?limit=2147483648":                   whole[:100],
		"?limit=9223372036854775807":          whole[:100],
		"?limit=9223372036854775808":          whole[:100],
		"?limit=99999999999999999999999999":   whole[:100],
		"?limit=007":                          whole[:7],
		"?limit=3&offset=0":                   whole[:3],
		"?offset=3&limit=2":                   whole[3:5],
		"?offset=121":                         whole[121:],
		"?offset=122":                         {},
		"?offset=123":                         {},
		"?offset=9223372036854775807&limit=1": {},
		"?offset=99999999999999999999999999":  {},
		"?LIMIT=1":                            whole[:50],
		"?limit%5B%5D=1":                      whole[:50],
	} {
		t.Run("accepted: "+query, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, want, a.in(t).get(inA+"/applications"+query).ids())
		})
	}
	for _, wrong := range []string{
		"-1", "-0", "+1", "%2B1", "1.0", "1.5", "1e2", "0x10", "1_0", "abc", "10abc", "%201", "1%20", "null", "NaN", "%D9%A1", "1,2", "-99999999999999999999",
	} {
		t.Run("refused: "+wrong, func(t *testing.T) {
			t.Parallel()
			a := a.in(t)
			a.get(inA + "/applications?limit=" + wrong).invalid("limit must be a positive integer")
			a.get(inA + "/applications?limit=5&offset=" + wrong).invalid("offset must be an integer of 0 or more")
		})
	}
	for _, malformed := range []string{"limit=%zz", "limit=5;offset=1", "offset=%"} {
		a.get(inA + "/applications?" + malformed).invalid("Query string must be well-formed")
	}
	for _, zero := range []string{"0", "00"} {
		a.get(inA + "/applications?limit=" + zero).invalid("limit must be a positive integer")
		a.get(inA + "/applications?limit=1&offset=" + zero).ids()
	}
}

// The other lists are whole: they know no pages.
func TestListsOfEndpointsAreWhole(t *testing.T) {
	t.Parallel()
	a := serve(t)
	for range 110 {
		require.Equal(t, 201, a.post(inA+"/applications/app_b/endpoints", `{"url":"https://a.test"}`).status)
	}
	require.Len(t, a.get(inA+"/applications/app_b/endpoints").ids(), 111)
	require.Len(t, a.get(inA+"/endpoints?limit=5&offset=2").ids(), 114)
	require.Len(t, a.get(inA+"/endpoints?limit=zero").ids(), 114)
}
