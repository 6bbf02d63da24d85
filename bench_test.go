package nahook_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nahook/nahook-go"
)

var createAcme = nahook.CreateApplicationOptions{
	Name: "Acme Corp", ExternalID: "cust_123", Metadata: map[string]string{"plan": "enterprise"},
}

// inMemory answers every request with what the benchmarks' server would send.
type inMemory struct{ one, fifty []byte }

func newInMemory(tb testing.TB) *inMemory {
	one := fixture(tb, "application.json")
	return &inMemory{one, []byte("[" + strings.Repeat(string(one)+",", 49) + string(one) + "]")}
}

func (m *inMemory) body(r *http.Request) (int, []byte) {
	switch {
	case r.Method == http.MethodPost:
		return http.StatusCreated, m.one
	case strings.HasSuffix(r.URL.Path, "/applications"):
		return http.StatusOK, m.fifty
	}
	return http.StatusOK, m.one
}

func (m *inMemory) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		_, _ = io.Copy(io.Discard, r.Body)
		_ = r.Body.Close()
	}
	status, body := m.body(r)
	return &http.Response{
		StatusCode: status, Header: http.Header{"Content-Type": {"application/json; charset=utf-8"}},
		Body: io.NopCloser(bytes.NewReader(body)), ContentLength: int64(len(body)), Request: r,
	}, nil
}

func (m *inMemory) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	status, body := m.body(r)
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(body)
}

// byHand is a client as one writes it in an afternoon: no deadline, no retries,
// no escaping, no typed errors.
type byHand struct {
	base, token string
	client      *http.Client
}

func (h *byHand) applications(workspace string) string {
	return h.base + "/management/v1/workspaces/" + workspace + "/applications"
}

func (h *byHand) get(ctx context.Context, workspace, id string) (*nahook.Application, error) {
	return do[nahook.Application](ctx, h, http.MethodGet, h.applications(workspace)+"/"+id, nil)
}

func (h *byHand) list(ctx context.Context, workspace string, limit int) (*[]nahook.Application, error) {
	query := url.Values{}
	query.Set("limit", strconv.Itoa(limit))
	return do[[]nahook.Application](ctx, h, http.MethodGet, h.applications(workspace)+"?"+query.Encode(), nil)
}

func (h *byHand) create(ctx context.Context, workspace string, o nahook.CreateApplicationOptions) (*nahook.Application, error) {
	return do[nahook.Application](ctx, h, http.MethodPost, h.applications(workspace), o)
}

func do[T any](ctx context.Context, h *byHand, method, url string, in any) (*T, error) {
	var body io.Reader
	if in != nil {
		encoded, err := json.Marshal(in)
		if err != nil {
			return nil, err
		}
		body = bytes.NewReader(encoded)
	}
	req, err := http.NewRequestWithContext(ctx, method, url, body)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+h.token)
	req.Header.Set("Accept", "application/json")
	if in != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	res, err := h.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, err
	}
	if res.StatusCode/100 != 2 {
		return nil, fmt.Errorf("%s: %s", res.Status, data)
	}
	out := new(T)
	return out, json.Unmarshal(data, out)
}

// pair is one operation through the SDK and by hand.
type pair struct {
	name       string
	extra      float64 // allocations the SDK may make over the floor
	sdk, floor func(context.Context) error
}

func pairs(tb testing.TB, base string, client *http.Client) []pair {
	hand := &byHand{base: base, token: "nhm_bench", client: client}
	mgmt, err := nahook.NewManagement(hand.token, nahook.WithBaseURL(base), nahook.WithHTTPClient(client))
	require.NoError(tb, err)
	apps := mgmt.Applications
	page := &nahook.ListApplicationsOptions{Limit: 50}
	return []pair{
		{"Get", 6, func(ctx context.Context) error {
			_, err := apps.Get(ctx, "ws_abc", "app_abc123")
			return err
		}, func(ctx context.Context) error {
			_, err := hand.get(ctx, "ws_abc", "app_abc123")
			return err
		}},
		{"List50", 0, func(ctx context.Context) error {
			_, err := apps.List(ctx, "ws_abc", page)
			return err
		}, func(ctx context.Context) error {
			_, err := hand.list(ctx, "ws_abc", 50)
			return err
		}},
		{"Create", 6, func(ctx context.Context) error {
			_, err := apps.Create(ctx, "ws_abc", createAcme)
			return err
		}, func(ctx context.Context) error {
			_, err := hand.create(ctx, "ws_abc", createAcme)
			return err
		}},
	}
}

func memoryPairs(tb testing.TB) []pair {
	return pairs(tb, "https://api.nahook.com", &http.Client{Transport: newInMemory(tb)})
}

// TestAllocations gates on what a benchmark on a busy machine can still tell.
func TestAllocations(t *testing.T) {
	for _, p := range memoryPairs(t) {
		sdk := testing.AllocsPerRun(500, func() { require.NoError(t, p.sdk(context.Background())) })
		floor := testing.AllocsPerRun(500, func() { require.NoError(t, p.floor(context.Background())) })
		t.Logf("%-6s %4.0f allocations, by hand %4.0f", p.name, sdk, floor)
		assert.LessOrEqual(t, sdk, floor+p.extra+raceAllocations, p.name)
	}
}

func BenchmarkMemory(b *testing.B) { run(b, memoryPairs(b)) }

func BenchmarkLoopback(b *testing.B) {
	srv := httptest.NewServer(newInMemory(b))
	b.Cleanup(srv.Close)
	run(b, pairs(b, srv.URL, srv.Client()))
}

// BenchmarkPaired makes the two calls of a pair in turn: what else the machine does
// hits both alike. It reports the ratio of their medians.
func BenchmarkPaired(b *testing.B) {
	srv := httptest.NewServer(newInMemory(b))
	b.Cleanup(srv.Close)
	for _, p := range pairs(b, srv.URL, srv.Client()) {
		b.Run(p.name, func(b *testing.B) {
			b.ReportAllocs()
			var sdk, floor []time.Duration
			for b.Loop() {
				sdk, floor = append(sdk, timed(b, p.sdk)), append(floor, timed(b, p.floor))
			}
			slices.Sort(sdk)
			slices.Sort(floor)
			b.ReportMetric(float64(sdk[len(sdk)/2])/float64(floor[len(floor)/2]), "sdk/floor")
		})
	}
}

func timed(b *testing.B, do func(context.Context) error) time.Duration {
	begun := time.Now()
	if err := do(b.Context()); err != nil {
		b.Fatal(err)
	}
	return time.Since(begun)
}

func run(b *testing.B, pairs []pair) {
	for _, p := range pairs {
		b.Run(p.name+"/sdk", func(b *testing.B) { repeat(b, p.sdk) })
		b.Run(p.name+"/floor", func(b *testing.B) { repeat(b, p.floor) })
	}
}

func repeat(b *testing.B, do func(context.Context) error) {
	b.ReportAllocs()
	for b.Loop() {
		if err := do(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
}
