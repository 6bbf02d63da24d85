package nahook_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nahook/nahook-go"
)

func auditLogs(t *testing.T) nahook.AuditLogPage {
	return nahook.AuditLogPage{
		Data: []nahook.AuditLog{
			{
				ID: "0b0f1c52-6f0e-4f3c-9d5e-2a1b3c4d5e6f", ActorType: nahook.ActorTypeManagementToken, ActorID: "tok_abc123", ActorLabel: "CI token",
				Visibility: "workspace", Action: "endpoint.created", ResourceType: "endpoint", ResourceID: "ep_abc123",
				Metadata: map[string]any{"url": "https://acme.com/webhooks", "subscriptions": 2.0}, CreatedAt: at(t, "2026-01-15T10:30:00.125Z"),
			},
			{
				ID: "1c1f2d63-7a1f-4a4d-8e6f-3b2c4d5e6f70", ActorType: nahook.ActorTypeUser, ActorLabel: "Ada",
				Visibility: "workspace", Action: "application.deleted", ResourceType: "application", ResourceID: "app_abc123",
				Metadata: map[string]any{}, CreatedAt: at(t, "2026-01-14T09:00:00.275Z"),
			},
		},
		Total: 102, Page: 2, PageSize: 50,
	}
}

func TestAuditLogOperations(t *testing.T) {
	t.Parallel()
	const path = "/workspaces/ws/audit-logs"
	cet := time.FixedZone("CET", 3600)
	options := nahook.ListAuditLogsOptions{
		Page: 2, From: time.Date(2026, 1, 14, 9, 0, 0, 123456789, cet), To: time.Date(2026, 1, 16, 0, 30, 0, 0, cet),
		Action: "endpoint.created", ResourceType: "endpoint", ActorType: nahook.ActorTypeCLIToken,
	}
	everyField(t, options)
	runOperations(t, map[string]operation{
		"auditLogs.list": {exchange{method: "GET", path: path, status: 200, answer: string(fixture(t, "audit_logs.json")),
			query: "action=endpoint.created&actor_type=cli_token&from=2026-01-14T08%3A00%3A00.123Z&page=2&resource_type=endpoint&to=2026-01-15T23%3A30%3A00.000Z"},
			func(ctx context.Context, m *nahook.Management) (any, error) {
				return m.AuditLogs.List(ctx, "ws", &options)
			},
			nahook.Ptr(auditLogs(t))},
		"auditLogs.list with no options": {exchange{method: "GET", path: path, status: 200, answer: `{"data": [], "total": 0, "page": 1, "pageSize": 50}`},
			func(ctx context.Context, m *nahook.Management) (any, error) {
				return m.AuditLogs.List(ctx, "ws", &nahook.ListAuditLogsOptions{})
			}, &nahook.AuditLogPage{Data: []nahook.AuditLog{}, Page: 1, PageSize: 50}},
		"auditLogs.list with nil options": {exchange{method: "GET", path: path, status: 200, answer: string(fixture(t, "audit_logs.json"))},
			func(ctx context.Context, m *nahook.Management) (any, error) { return m.AuditLogs.List(ctx, "ws", nil) },
			nahook.Ptr(auditLogs(t))},
	})
}

func TestAuditLogsAreTheDocumentedJSON(t *testing.T) {
	t.Parallel()
	everyField(t, auditLogs(t))
	everyField(t, auditLogs(t).Data[0])
	sameBothWaysButNulls(t, "audit_logs.json", auditLogs(t))
	assert.Equal(t, []nahook.ActorType{"management_token", "user", "cli_token", "portal_session"}, []nahook.ActorType{
		nahook.ActorTypeManagementToken, nahook.ActorTypeUser, nahook.ActorTypeCLIToken, nahook.ActorTypePortalSession,
	})
	for body, want := range map[string]string{
		`{"page": 1}`: `it has no "data"`, `{"data": null}`: `it has no "data"`, `{"data": [{}]}`: `it has no "id"`, `[]`: "it is a JSON array, want object",
	} {
		_, err := through(t, roundTrip(reply(200, body))).AuditLogs.List(t.Context(), "ws", nil)
		require.ErrorContains(t, err, "the response is not the documented JSON: "+want)
	}
}

// ledger is a server that pages through ids by number, newest first.
type ledger struct {
	ids     []string
	size    int
	queries []string
	before  func(request int)
	stuck   bool // always the first page,
	honest  bool // and says so
	total   int  // claimed; 0 is the truth
}

func (l *ledger) RoundTrip(r *http.Request) (*http.Response, error) {
	l.queries = append(l.queries, r.URL.RawQuery)
	if l.before != nil {
		l.before(len(l.queries))
	}
	number, _ := strconv.Atoi(r.URL.Query().Get("page"))
	shown := number
	if l.stuck {
		number = 1
		if l.honest {
			shown = 1
		}
	}
	from := min((number-1)*l.size, len(l.ids))
	page := []map[string]string{}
	for _, id := range l.ids[from:min(from+l.size, len(l.ids))] {
		page = append(page, map[string]string{"id": id})
	}
	body, err := json.Marshal(map[string]any{"data": page, "total": max(l.total, len(l.ids)), "page": shown, "pageSize": l.size})
	if err != nil {
		return nil, err
	}
	return reply(200, string(body))(r)
}

func walkAuditLogs(ctx context.Context, m *nahook.Management, o *nahook.ListAuditLogsOptions) (ids []string, err error) {
	for row, err := range m.AuditLogs.All(ctx, "ws", o) {
		if err != nil {
			return ids, err
		}
		ids = append(ids, row.ID)
	}
	return ids, nil
}

func TestAllAuditLogs(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		rows    int
		options *nahook.ListAuditLogsOptions
		skipped int
		total   int
		queries []string
	}{
		"none":                   {0, nil, 0, 0, []string{"page=1"}},
		"one full page":          {50, nil, 0, 0, []string{"page=1"}},
		"one more":               {51, nil, 0, 0, []string{"page=1", "page=2"}},
		"from the second page":   {120, &nahook.ListAuditLogsOptions{Page: 2}, 50, 0, []string{"page=2", "page=3"}},
		"from beyond the end":    {5, &nahook.ListAuditLogsOptions{Page: 9}, 5, 0, []string{"page=9"}},
		"of one action":          {51, &nahook.ListAuditLogsOptions{Action: "a.b"}, 0, 0, []string{"action=a.b&page=1", "action=a.b&page=2"}},
		"a total that is wrong":  {60, nil, 0, 200, []string{"page=1", "page=2", "page=3"}},
		"a total that is beyond": {0, nil, 0, 200, []string{"page=1"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := &ledger{ids: rows(c.rows), size: 50, total: c.total}
			got, err := walkAuditLogs(t.Context(), through(t, server), c.options)
			require.NoError(t, err)
			assert.ElementsMatch(t, rows(c.rows)[c.skipped:], got)
			assert.Equal(t, c.queries, server.queries)
		})
	}
}

func TestAllAuditLogsDropsRepeats(t *testing.T) {
	t.Parallel()
	for _, created := range []int{1, 7, 49, 50, 51, 120} {
		server := &ledger{ids: rows(300), size: 50}
		server.before = func(request int) {
			if request == 3 || request == 5 {
				server.ids = slices.Concat(renamed(rows(created), fmt.Sprintf("new_%d_", request)), server.ids)
			}
		}
		got, err := walkAuditLogs(t.Context(), through(t, server), nil)
		require.NoError(t, err, created)
		assert.Equal(t, rows(300), withoutNew(got), created)
		assert.Len(t, got, len(slices.Compact(slices.Sorted(slices.Values(got)))), created)
	}
}

func TestAllAuditLogsNoticesIgnoredPaging(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		honest   bool
		want     string
		requests int
	}{
		{true, "nahook: auditLogs.list: the server ignores paging: it sent page 1 for page 2", 2},
		{false, "nahook: auditLogs.list: the server ignores paging: up to page 4 it sent nothing new", 4},
	} {
		server := &ledger{ids: rows(500), size: 50, stuck: true, honest: c.honest}
		got, err := walkAuditLogs(t.Context(), through(t, server), nil)
		require.EqualError(t, err, c.want)
		assert.Equal(t, rows(500)[:50], got)
		assert.Len(t, server.queries, c.requests)
	}
}

// What brings nothing new is no mistake on the last page: nobody asks further.
func TestAllAuditLogsEndsWithTheLastPage(t *testing.T) {
	t.Parallel()
	server := &ledger{ids: rows(200), size: 50, stuck: true}
	got, err := walkAuditLogs(t.Context(), through(t, server), nil)
	require.NoError(t, err)
	assert.Equal(t, rows(200)[:50], got)
	assert.Len(t, server.queries, 4)
}

// Without a total that can be right, an empty page is the last one.
func TestAllAuditLogsBelievesNoBadTotal(t *testing.T) {
	t.Parallel()
	for _, total := range []string{"", `, "total": 0`, `, "total": null`, `, "total": -1`, `, "total": 1`} {
		requests := 0
		server := roundTrip(func(r *http.Request) (*http.Response, error) {
			requests++
			row := fmt.Sprintf(`{"id": "%d_a"}, {"id": "%d_b"}`, requests, requests)
			if requests > 3 {
				row = ""
			}
			return reply(200, fmt.Sprintf(`{"data": [%s], "page": %d, "pageSize": 2%s}`, row, requests, total))(r)
		})
		got, err := walkAuditLogs(t.Context(), through(t, server), nil)
		require.NoError(t, err, total)
		assert.Equal(t, []string{"1_a", "1_b", "2_a", "2_b", "3_a", "3_b"}, got, total)
		assert.Equal(t, 4, requests, total)
	}
}

// An answer that does not say which page it is proves none.
func TestAllAuditLogsWantsThePage(t *testing.T) {
	t.Parallel()
	server := roundTrip(reply(200, `{"data": [{"id": "a"}], "total": 1, "pageSize": 50}`))
	got, err := walkAuditLogs(t.Context(), through(t, server), nil)
	require.EqualError(t, err, "nahook: auditLogs.list: the server ignores paging: it sent page 0 for page 1")
	assert.Empty(t, got)
}

func TestAllAuditLogsStopsWithTheLoop(t *testing.T) {
	t.Parallel()
	server := &ledger{ids: rows(10), size: 4}
	all := through(t, server).AuditLogs.All(t.Context(), "ws", nil)
	for range 2 { // it starts anew each time
		server.queries = nil
		count := 0
		for _, err := range all {
			require.NoError(t, err)
			if count++; count == 8 {
				break
			}
		}
		assert.Equal(t, []string{"page=1", "page=2"}, server.queries)
	}
	failing := through(t, roundTrip(reply(403, string(fixture(t, "error_forbidden.json")))))
	_, err := walkAuditLogs(t.Context(), failing, nil)
	require.ErrorIs(t, err, nahook.ErrForbidden)
}

func TestNegativePageOfAuditLogs(t *testing.T) {
	t.Parallel()
	mgmt, mock := mocked(t)
	o := &nahook.ListAuditLogsOptions{Page: -1}
	_, err := mgmt.AuditLogs.List(t.Context(), "ws", o)
	require.EqualError(t, err, "nahook: invalid argument: auditLogs.list: page is negative")
	_, err = walkAuditLogs(t.Context(), mgmt, o)
	require.ErrorIs(t, err, nahook.ErrInvalidArgument)
	assert.Zero(t, mock.GetTotalCallCount())
}
