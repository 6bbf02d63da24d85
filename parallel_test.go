package nahook_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nahook/nahook-go"
	"github.com/nahook/nahook-go/mockserver"
)

// callers is how many goroutines share one client.
const callers = 64

// caller is one of them: its mark is in every id it gives, and in the headers it
// sends, so that whatever belongs to another one shows.
type caller struct {
	mark      string // such as "caller.7."
	workspace string
	methods   []method
}

var mark = regexp.MustCompile(`caller\.\d+\.`)

// newCallers share one client. Each calls the methods in the same order, those
// that delete last.
func newCallers(t *testing.T, workspace string, transport http.RoundTripper, opts ...nahook.Option) []caller {
	t.Helper()
	all := methods(t, transport, opts...)
	slices.SortStableFunc(all, func(a, b method) int { return strings.Count(a.name, ".delete") - strings.Count(b.name, ".delete") })
	made := make([]caller, callers)
	for i := range made {
		made[i] = caller{fmt.Sprintf("caller.%d.", i), workspace, all}
	}
	return made
}

// answered is what a caller got from one method.
type answered struct {
	method   method
	rows     []any
	err      error
	response nahook.Response
}

// everything calls every method, and gives what came of it.
func (c caller) everything(ctx context.Context) []answered {
	all := make([]answered, len(c.methods))
	for i, m := range c.methods {
		ids := []string{c.workspace, c.mark + "id", c.mark + "id"}[:m.ids]
		if strings.HasPrefix(m.name, "ingest.") {
			ids[0] = c.mark + "id"
		}
		all[i].method = m
		all[i].rows, all[i].err = m.rows(ctx, ids, nahook.WithResponse(&all[i].response), nahook.WithHeader("X-Caller", c.mark+m.name))
	}
	return all
}

// inParallel has the callers call every method at once.
func inParallel(t *testing.T, all []caller) [][]answered {
	t.Helper()
	outcomes := make([][]answered, len(all))
	var running sync.WaitGroup
	for i, c := range all {
		running.Go(func() { outcomes[i] = c.everything(t.Context()) })
	}
	running.Wait()
	return outcomes
}

// mirror is a server that gives each caller its own mark back, in every field in
// which it can, at the second attempt.
type mirror struct {
	t    *testing.T
	mu   sync.Mutex
	seen map[string]int
}

// mirrored is what the mirror says of everything but batches.
const mirrored = `{"id":"%[1]s","externalId":"%[1]s","deliveryId":"%[1]s","idempotencyKey":"%[1]s","eventTypeId":"%[1]s","url":"https://%[1]s",` +
	`"code":"%[1]s","subscribed":7,"deliveries":[{"id":"%[1]s"}],"data":[{"id":"%[1]s"}],"page":1,"total":1,"pageSize":1}`

func (m *mirror) RoundTrip(r *http.Request) (*http.Response, error) {
	who := r.Header.Get("X-Caller")
	mine, body := mark.FindString(who), bodyOf(r)
	for _, found := range mark.FindAllString(r.URL.Path+body, -1) {
		assert.Equal(m.t, mine, found, "%s %s %s", r.Method, r.URL, body)
	}
	m.mu.Lock()
	m.seen[who]++
	first := m.seen[who] == 1
	m.mu.Unlock()
	if first {
		return reply(429, envelope("rate_limited", "Later, "+mine), "X-Request-Id", "first "+who)(r)
	}
	return reply(200, m.body(r, mine, body), "X-Request-Id", who)(r)
}

func (m *mirror) body(r *http.Request, mine, sent string) string {
	one, path := fmt.Sprintf(mirrored, mine), r.URL.Path
	switch {
	case strings.HasSuffix(path, "/batch"):
		var batch struct{ Items []json.RawMessage }
		assert.NoError(m.t, json.Unmarshal([]byte(sent), &batch))
		assert.Len(m.t, batch.Items, 1)
		return `{"items":[{"index":0,` + one[1:] + `]}`
	case r.URL.Query().Get("offset") != "":
		return "[]"
	case r.Method == http.MethodGet && !strings.HasSuffix(path, "id") && !strings.HasSuffix(path, "deliveries") && !strings.HasSuffix(path, "audit-logs"):
		return "[" + one + "]"
	}
	return one
}

// Whatever many goroutines do with one client at once, every result is that of
// the call that asked for it.
func TestEveryMethodFromManyGoroutines(t *testing.T) {
	t.Parallel()
	server := &mirror{t: t, seen: map[string]int{}}
	all := newCallers(t, "ws_1", server, quick)
	for i, outcomes := range inParallel(t, all) {
		mine := all[i].mark
		for _, o := range outcomes {
			name := mine + o.method.name
			require.NoError(t, o.err, name)
			assert.Equal(t, name, o.response.RequestID)
			assert.Equal(t, 200, o.response.StatusCode)
			if !strings.HasSuffix(o.method.name, ".list") { // of whose two names one is All, which is answered at once: the first has been refused
				assert.Equal(t, 2, o.response.Attempts, name)
			}
			assertOnly(t, mine, name, o.rows)
		}
	}
}

// assertOnly is that rows have the caller's mark, and no other.
func assertOnly(t *testing.T, mine, name string, rows []any) {
	t.Helper()
	for _, row := range rows {
		if reflect.TypeOf(row) == reflect.TypeFor[*nahook.SubscribeResult]() {
			assert.Equal(t, 7, row.(*nahook.SubscribeResult).Subscribed)
			continue
		}
		encoded, err := json.Marshal(row)
		require.NoError(t, err)
		found := slices.Compact(mark.FindAllString(string(encoded), -1))
		assert.Equal(t, []string{mine}, found, "%s: %s", name, encoded)
	}
}

// random is what differs from one call to the next, whoever makes it.
var random = regexp.MustCompile(`#?(code=)?[0-9a-zA-Z_-]{20,}`)

// Against a server that has rows for each of them, all callers fare like one
// that is alone.
func TestEveryMethodFromManyGoroutinesAgainstTheServer(t *testing.T) {
	t.Parallel()
	f := mockserver.WorkspaceFixture{
		ID:               "ws_1",
		ManagementTokens: []mockserver.TokenFixture{{Token: secretToken}}, APIKeys: []mockserver.APIKeyFixture{{Key: secretKey}},
	}
	for i := range callers + 1 {
		mine := fmt.Sprintf("caller.%d.id", i)
		f.Applications = append(f.Applications, mockserver.ApplicationFixture{ID: mine, Name: mine, ExternalID: mine})
		f.EventTypes = append(f.EventTypes, mockserver.EventTypeFixture{ID: mine, Name: mine})
		f.Endpoints = append(f.Endpoints, mockserver.EndpointFixture{
			ID: mine, URL: "https://acme.test/" + mine, Secret: hookSecret, Deliver: "accept", Subscriptions: []string{mine}, ApplicationID: mine,
		})
		f.Deliveries = append(f.Deliveries, mockserver.DeliveryFixture{ID: mine, EndpointID: mine, Status: "pending", IdempotencyKey: mine})
	}
	srv := mockserver.Start(t, mockserver.WithFixtures(mockserver.Fixtures{Workspaces: []mockserver.WorkspaceFixture{f}}))
	all := newCallers(t, "ws_1", srv.HTTPClient().Transport)
	alone := all[0]
	alone.mark = fmt.Sprintf("caller.%d.", callers)
	want := alone.everything(t.Context())
	worked := 0
	for _, o := range want {
		if o.err == nil {
			worked++
		}
	}
	assert.GreaterOrEqual(t, worked, 25, "of the methods most have something to work on")
	for i, outcomes := range inParallel(t, all) {
		for j, o := range outcomes {
			assert.Equal(t, fared(t, alone, want[j]), fared(t, all[i], o), o.method.name)
		}
	}
}

// fared is what came of a method, with what is the caller's and what is random
// named alike for all. What a whole workspace lists is everybody's.
func fared(t *testing.T, c caller, o answered) string {
	t.Helper()
	text := fmt.Sprint(o.response.StatusCode, o.err)
	if o.method.ids > 1 || strings.HasPrefix(o.method.name, "ingest.") {
		encoded, err := json.Marshal(o.rows)
		require.NoError(t, err)
		text += string(encoded) + string(o.response.Body)
	}
	return random.ReplaceAllString(strings.ReplaceAll(text, c.mark, "mine."), "random")
}
