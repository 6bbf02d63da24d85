package nahook_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nahook/nahook-go"
)

// listing is a server that pages through ids, newest first, and clamps limits.
type listing struct {
	ids     []string
	largest int               // page it gives
	queries []string          // as they came
	before  func(request int) // each answer; may change ids
	ignores bool              // limit and offset
}

func (l *listing) RoundTrip(r *http.Request) (*http.Response, error) {
	l.queries = append(l.queries, r.URL.RawQuery)
	if l.before != nil {
		l.before(len(l.queries))
	}
	limit, _ := strconv.Atoi(r.URL.Query().Get("limit"))
	offset, _ := strconv.Atoi(r.URL.Query().Get("offset"))
	if l.ignores {
		limit, offset = len(l.ids), 0
	} else if l.largest > 0 {
		limit = min(limit, l.largest)
	}
	offset = min(offset, len(l.ids))
	page := []map[string]string{}
	for _, id := range l.ids[offset:min(offset+limit, len(l.ids))] {
		page = append(page, map[string]string{"id": id})
	}
	body, err := json.Marshal(page)
	if err != nil {
		return nil, err
	}
	return reply(200, string(body))(r)
}

func rows(n int) []string {
	ids := make([]string, n)
	for i := range ids {
		ids[i] = fmt.Sprintf("app_%d", n-i)
	}
	return ids
}

// walk collects what All yields.
func walk(ctx context.Context, apps *nahook.Applications, o *nahook.ListApplicationsOptions) (ids []string, err error) {
	for app, err := range apps.All(ctx, "ws", o) {
		if err != nil {
			return ids, err
		}
		ids = append(ids, app.ID)
	}
	return ids, nil
}

func TestAllPages(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		rows    int
		options *nahook.ListApplicationsOptions
		skipped int
		queries []string
	}{
		"none":                       {0, nil, 0, []string{"limit=100"}},
		"one short page":             {99, nil, 0, []string{"limit=100"}},
		"one full page":              {100, nil, 0, []string{"limit=100", "limit=100&offset=100"}},
		"several":                    {201, nil, 0, []string{"limit=100", "limit=100&offset=100", "limit=100&offset=200"}},
		"more than the server gives": {150, &nahook.ListApplicationsOptions{Limit: 1000}, 0, []string{"limit=100", "limit=100&offset=100"}},
		"small pages":                {5, &nahook.ListApplicationsOptions{Limit: 2}, 0, []string{"limit=2", "limit=2&offset=2", "limit=2&offset=4"}},
		"from the middle":            {5, &nahook.ListApplicationsOptions{Limit: 2, Offset: 2}, 2, []string{"limit=2&offset=2", "limit=2&offset=4"}},
		"from beyond the end":        {5, &nahook.ListApplicationsOptions{Offset: 9}, 5, []string{"limit=100&offset=9"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := &listing{ids: rows(c.rows), largest: 100}
			got, err := walk(t.Context(), through(t, server).Applications, c.options)
			require.NoError(t, err)
			assert.ElementsMatch(t, rows(c.rows)[c.skipped:], got)
			assert.Equal(t, c.queries, server.queries)
		})
	}
}

// Rows created between two pages are new at the top: they are not seen, and no
// other row is seen twice.
func TestAllDropsRepeats(t *testing.T) {
	t.Parallel()
	for _, size := range []int{1, 2, 7, 100} {
		for _, created := range []int{1, 2, 3} {
			if created > 2*size {
				continue // indistinguishable from a server that ignores the offset
			}
			server := &listing{ids: rows(300)}
			server.before = func(request int) {
				if request == 2 || request == 3 {
					for i := range created {
						server.ids = append([]string{fmt.Sprintf("new_%d_%d", request, i)}, server.ids...)
					}
				}
			}
			got, err := walk(t.Context(), through(t, server).Applications, &nahook.ListApplicationsOptions{Limit: size})
			require.NoError(t, err, "%d created with pages of %d", created, size)
			assert.Equal(t, rows(300), withoutNew(got), "%d created with pages of %d", created, size)
		}
	}
}

func withoutNew(ids []string) []string {
	var old []string
	for _, id := range ids {
		if id[:3] != "new" {
			old = append(old, id)
		}
	}
	return old
}

func TestAllNoticesIgnoredPaging(t *testing.T) {
	t.Parallel()
	for n, yielded := range map[int]int{2: 2, 100: 100, 250: 250, 1000: 1000} {
		server := &listing{ids: rows(n), ignores: true}
		got, err := walk(t.Context(), through(t, server).Applications, &nahook.ListApplicationsOptions{Limit: 2})
		require.ErrorContains(t, err, "nahook: applications.list: the server ignores paging")
		assert.Len(t, got, yielded)
		assert.Len(t, server.queries, 4)
	}
	server := &listing{ids: rows(99), ignores: true}
	got, err := walk(t.Context(), through(t, server).Applications, nil)
	require.NoError(t, err, "everything came in one page that is not full")
	assert.Len(t, got, 99)
}

func TestAllStopsWithTheLoop(t *testing.T) {
	t.Parallel()
	server := &listing{ids: rows(10)}
	all := through(t, server).Applications.All(t.Context(), "ws", &nahook.ListApplicationsOptions{Limit: 4})
	for range 2 { // it starts anew each time
		server.queries = nil
		var got []string
		for app, err := range all {
			require.NoError(t, err)
			if got = append(got, app.ID); len(got) == 5 {
				break
			}
		}
		assert.Equal(t, rows(10)[:5], got)
		assert.Equal(t, []string{"limit=4", "limit=4&offset=4"}, server.queries)
	}
}

func TestAllEndsWithItsError(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	server := &listing{ids: rows(10)}
	yielded, failed := 0, 0
	for app, err := range through(t, server).Applications.All(ctx, "ws", &nahook.ListApplicationsOptions{Limit: 4}) {
		if err != nil {
			failed++
			assert.Nil(t, app)
			require.ErrorIs(t, err, context.Canceled)
			continue
		}
		if yielded++; yielded == 4 {
			cancel()
		}
	}
	assert.Equal(t, 4, yielded)
	assert.Equal(t, 1, failed)
}

func TestNegativePages(t *testing.T) {
	t.Parallel()
	mgmt, mock := mocked(t)
	for want, o := range map[string]*nahook.ListApplicationsOptions{"limit is negative": {Limit: -1}, "offset is negative": {Offset: -1}} {
		_, err := mgmt.Applications.List(t.Context(), "ws", o)
		require.ErrorIs(t, err, nahook.ErrInvalidArgument)
		require.ErrorContains(t, err, "applications.list: "+want)
		_, err = walk(t.Context(), mgmt.Applications, o)
		require.ErrorIs(t, err, nahook.ErrInvalidArgument)
		require.ErrorContains(t, err, "applications.list: "+want)
	}
	assert.Zero(t, mock.GetTotalCallCount())
}
