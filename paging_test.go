package nahook_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
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
		"one short page":             {99, nil, 0, []string{"limit=100", "limit=100&offset=99"}},
		"one full page":              {100, nil, 0, []string{"limit=100", "limit=100&offset=100"}},
		"a full one and a short one": {199, nil, 0, []string{"limit=100", "limit=100&offset=100"}},
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

// A server may give smaller pages than it is asked for.
func TestAllBelievesNoShortPage(t *testing.T) {
	t.Parallel()
	for n, requests := range map[int]int{0: 1, 49: 2, 50: 2, 51: 2, 100: 3, 500: 11, 501: 11} {
		server := &listing{ids: rows(n), largest: 50}
		got, err := walk(t.Context(), through(t, server).Applications, nil)
		require.NoError(t, err)
		assert.ElementsMatch(t, rows(n), got)
		assert.Len(t, server.queries, requests, "%d rows", n)
	}
}

// Rows created between two pages are new at the top: no other row is seen
// twice, and none is missed.
func TestAllDropsRepeats(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		size, created int
		requests      []int // before which rows are created
	}{
		{1, 1, []int{2, 3}}, {1, 2, []int{2, 3}}, {2, 3, []int{2, 3}}, {7, 3, []int{2, 3}}, {100, 3, []int{2, 3}},
		{100, 150, []int{2}}, {100, 150, []int{3}}, {100, 150, []int{6}}, {100, 150, []int{2, 5, 8}}, {100, 299, []int{2}}, {100, 299, []int{7}}, {100, 250, []int{10}},
		{100, 1, []int{2, 3, 4, 5, 6, 7, 8, 9}}, {10, 29, []int{2, 20, 40}},
	} {
		server := &listing{ids: rows(900)}
		server.before = func(request int) {
			if slices.Contains(c.requests, request) {
				server.ids = slices.Concat(renamed(rows(c.created), fmt.Sprintf("new_%d_", request)), server.ids)
			}
		}
		got, err := walk(t.Context(), through(t, server).Applications, &nahook.ListApplicationsOptions{Limit: c.size})
		require.NoError(t, err, "%+v", c)
		assert.Equal(t, rows(900), withoutNew(got), "%+v", c)
		assert.Len(t, got, len(slices.Compact(slices.Sorted(slices.Values(got)))), "%+v", c)
	}
}

func renamed(ids []string, prefix string) []string {
	for i := range ids {
		ids[i] = prefix + ids[i]
	}
	return ids
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
	for n, yielded := range map[int]int{1: 1, 2: 2, 100: 100, 250: 250, 1000: 1000} {
		server := &listing{ids: rows(n), ignores: true}
		got, err := walk(t.Context(), through(t, server).Applications, &nahook.ListApplicationsOptions{Limit: 2})
		require.ErrorContains(t, err, "nahook: applications.list: the server ignores paging")
		assert.Len(t, got, yielded)
		assert.Len(t, server.queries, 4)
	}
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
