package mockserver_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/nahook/nahook-go/mockserver"
)

const (
	order     = `{"order_id":"ord_123","amount":49.99,"currency":"EUR","items":[{"sku":"A-1","quantity":2},{"sku":"B-2","quantity":1}]}`
	benchSend = `{"payload":` + order + `}`
)

// bench is a server with receivers behind endpoints that are subscribed to
// order.created.
type bench struct {
	*mockserver.Server
	endpoint string // the first one
}

func newBench(b *testing.B, endpoints int, url func(*mockserver.Server) string, opts ...mockserver.Option) bench {
	b.Helper()
	parsed, err := mockserver.ParseFixtures([]byte(`{"workspaces": [{"id": "ws_a", "managementTokens": [{"token": "nhm_a"}],
		"apiKeys": [{"key": "nhk_us_a"}], "eventTypes": [{"id": "evt_a", "name": "order.created"}]}]}`))
	require.NoError(b, err)
	srv := mockserver.Start(b, append(opts, mockserver.WithFixtures(parsed))...)
	x := bench{Server: srv}
	for range endpoints {
		id := x.create(b, "/endpoints", fmt.Sprintf(`{"url":%q}`, url(srv)))
		x.create(b, "/endpoints/"+id+"/subscriptions", `{"eventTypeIds":["evt_a"]}`)
		if x.endpoint == "" {
			x.endpoint = id
		}
	}
	return x
}

func inMemory(srv *mockserver.Server) string { return srv.Receiver().URL() }

func (x bench) create(b *testing.B, path, body string) string {
	b.Helper()
	w := x.serve("nhm_a", inA+path, body)
	require.Equal(b, 201, w.Code, w.Body)
	_, id, _ := strings.Cut(w.Body.String(), `"id":"`)
	id, _, _ = strings.Cut(id, `"`)
	return id
}

// serve calls the handler without any connection.
func (x bench) serve(token, path, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	x.Handler().ServeHTTP(w, r)
	return w
}

// floor is the server that no other can beat: it reads the request and answers
// what ingestion does.
func floor(b *testing.B) *httptest.Server {
	b.Helper()
	answer := []byte(`{"deliveryId":"del_0123456789abcdefghij","idempotencyKey":"00000000-0000-4000-8000-000000000000","status":"accepted"}`)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		w.WriteHeader(http.StatusAccepted)
		_, _ = w.Write(answer)
	}))
	b.Cleanup(srv.Close)
	return srv
}

// BenchmarkIngest is one message from a client on loopback to one receiver in
// memory, with eight connections, beside a handler that does nothing.
func BenchmarkIngest(b *testing.B) {
	run := func(b *testing.B, url string) {
		client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 8}}
		b.Cleanup(client.CloseIdleConnections)
		b.SetParallelism(4) // times two cores
		b.ReportAllocs()
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				request(b, client, "nhk_us_a", http.MethodPost, url, benchSend)
			}
		})
	}
	b.Run("server=floor", func(b *testing.B) { run(b, floor(b).URL) })
	b.Run("server=mock", func(b *testing.B) {
		x := newBench(b, 1, inMemory)
		run(b, x.URL()+"/api/ingest/"+x.endpoint)
	})
}

// BenchmarkDeliver gets messages to receivers, a hundred at a time: by a bare POST
// loop, or accepted, signed, delivered and recorded by the server.
func BenchmarkDeliver(b *testing.B) {
	const receivers = 100
	run := func(name string, setUp func(*testing.B) (hundred func())) {
		b.Run("by="+name, func(b *testing.B) {
			hundred := setUp(b)
			b.ReportAllocs()
			for b.Loop() {
				hundred()
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*receivers), "ns/delivery")
			b.ReportMetric(0, "ns/op")
		})
	}
	run("postloop", func(b *testing.B) func() {
		srv := floor(b)
		return func() {
			for range receivers {
				request(b, srv.Client(), "nhk_us_a", http.MethodPost, srv.URL, order)
			}
		}
	})
	for name, url := range map[string]func(*testing.B, *mockserver.Server) string{
		"memory": func(_ *testing.B, s *mockserver.Server) string { return s.Receiver().URL() },
		"handler": func(_ *testing.B, s *mockserver.Server) string {
			return s.ReceiverHandler(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})).URL()
		},
		"socket": func(b *testing.B, _ *mockserver.Server) string { return floor(b).URL },
	} {
		run(name, func(b *testing.B) func() {
			one := ""
			x := newBench(b, receivers, func(s *mockserver.Server) string {
				if one == "" {
					one = url(b, s)
				}
				return one
			})
			return func() {
				if w := x.serve("nhk_us_a", "/api/ingest/event/order.created", benchSend); w.Code != http.StatusAccepted {
					b.Fatal(w.Body)
				}
			}
		})
	}
}

// BenchmarkDeliverInBackground is what a running clock does with as many: up to 32
// attempts are under way at once.
func BenchmarkDeliverInBackground(b *testing.B) {
	const receivers = 100
	arrived := make(chan bool, receivers)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.WriteHeader(http.StatusAccepted)
		arrived <- true
	}))
	b.Cleanup(srv.Close)
	x := newBench(b, receivers, func(*mockserver.Server) string { return srv.URL }, mockserver.WithRealClock())
	b.ReportAllocs()
	for b.Loop() {
		if w := x.serve("nhk_us_a", "/api/ingest/event/order.created", benchSend); w.Code != http.StatusAccepted {
			b.Fatal(w.Body)
		}
		for range receivers {
			<-arrived
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*receivers), "ns/delivery")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkSchedule makes all eight attempts at 10 000 deliveries, on a clock that
// jumps from one to the next.
func BenchmarkSchedule(b *testing.B) {
	const deliveries, attempts = 10_000, 8
	b.ReportAllocs()
	for b.Loop() {
		b.StopTimer()
		x := newBench(b, 1, func(s *mockserver.Server) string { return s.Receiver(mockserver.Reply{Status: 500}).URL() })
		for range deliveries {
			x.serve("nhk_us_a", "/api/ingest/"+x.endpoint, benchSend)
			x.Advance(time.Millisecond)
		}
		b.StartTimer()
		x.Drain()
	}
	made := float64(b.N) * deliveries * (attempts - 1)
	b.ReportMetric(made/b.Elapsed().Seconds(), "attempts/s")
	b.ReportMetric(0, "ns/op")
}
