package mockserver_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/nahook/nahook-go/mockserver"
)

// constant answers everything with 200 bytes.
func constant() http.Handler {
	body := []byte(`{"data":"` + strings.Repeat("x", 189) + `"}`)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		_, _ = w.Write(body)
	})
}

// BenchmarkRequests is what the server makes of requests over eight connections on
// loopback, journal and all, as a share of what a handler reaches that answers with
// a constant. The two take turns, so that what else the machine does hits both.
func BenchmarkRequests(b *testing.B) {
	x := newBench(b, 0, inMemory)
	var application string
	for i := range 1000 {
		application = x.create(b, "/applications", `{"name":"Customer `+strconv.Itoa(i)+`","externalId":"cust_`+strconv.Itoa(i)+`","metadata":{"plan":"pro","region":"eu"}}`)
	}
	floor := httptest.NewServer(constant())
	b.Cleanup(floor.Close)
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 8}}
	b.Cleanup(client.CloseIdleConnections)
	for _, c := range []struct{ name, method, path, body string }{
		{"get", http.MethodGet, "/applications/" + application, ""},
		{"create", http.MethodPost, "/applications", `{"name":"Acme Corp","metadata":{"plan":"pro","region":"eu"}}`},
		{"page=50", http.MethodGet, "/applications?limit=50", ""},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			const turn = 200 // requests of each connection
			var mock, bare time.Duration
			for b.Loop() {
				bare += eightTimes(b, client, c.method, floor.URL+inA+c.path, c.body, turn)
				mock += eightTimes(b, client, c.method, x.URL()+inA+c.path, c.body, turn)
			}
			b.ReportMetric(float64(bare)/float64(mock), "of-constant")
			b.ReportMetric(float64(mock)/float64(b.N*8*turn), "ns/request")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// eightTimes makes n requests over each of eight connections.
func eightTimes(b *testing.B, client *http.Client, method, url, body string, n int) time.Duration {
	began := time.Now()
	var running sync.WaitGroup
	for range 8 {
		running.Go(func() {
			for range n {
				request(b, client, "nhm_a", method, url, body)
			}
		})
	}
	running.Wait()
	return time.Since(began)
}

func request(b *testing.B, client *http.Client, token, method, url, body string) {
	b.Helper()
	r, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		b.Error(err)
		return
	}
	r.Header.Set("Authorization", "Bearer "+token)
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	response, err := client.Do(r)
	if err != nil {
		b.Error(err)
		return
	}
	_, _ = io.Copy(io.Discard, response.Body)
	_ = response.Body.Close()
	if response.StatusCode/100 != 2 {
		b.Error(response.Status)
	}
}

// BenchmarkStart starts a server, makes one request and closes it: in memory, behind
// an httptest server's socket, and for comparison with nothing but a constant there.
func BenchmarkStart(b *testing.B) {
	var memory, socket, bare time.Duration
	b.ReportAllocs()
	for b.Loop() {
		began := time.Now()
		srv, err := mockserver.New()
		require.NoError(b, err)
		list(b, srv.HTTPClient(), host, srv)
		require.NoError(b, srv.Close())
		memory += time.Since(began)

		began = time.Now()
		srv, err = mockserver.New()
		require.NoError(b, err)
		listening := httptest.NewServer(srv.Handler())
		list(b, listening.Client(), listening.URL, srv)
		listening.Close()
		require.NoError(b, srv.Close())
		socket += time.Since(began)

		began = time.Now()
		listening = httptest.NewServer(constant())
		list(b, listening.Client(), listening.URL, srv)
		listening.Close()
		bare += time.Since(began)
	}
	b.ReportMetric(float64(memory)/float64(b.N), "ns/op")
	b.ReportMetric(float64(memory)/float64(socket), "of-socket")
	b.ReportMetric(float64(memory)/float64(bare), "of-constant")
}

func list(b *testing.B, client *http.Client, base string, srv *mockserver.Server) {
	r, err := http.NewRequest(http.MethodGet, base+"/management/v1/workspaces/"+srv.ID()+"/applications", nil)
	require.NoError(b, err)
	r.Header.Set("Authorization", "Bearer "+srv.ManagementToken())
	response, err := client.Do(r)
	require.NoError(b, err)
	_, _ = io.Copy(io.Discard, response.Body)
	_ = response.Body.Close()
	require.Equal(b, http.StatusOK, response.StatusCode)
}

// BenchmarkMemory is what an application with two metadata entries takes, indexes
// included; its audit row is not.
func BenchmarkMemory(b *testing.B) {
	const n = 100_000
	fixture := mockserver.WorkspaceFixture{}
	for i := range n {
		fixture.Applications = append(fixture.Applications, mockserver.ApplicationFixture{
			Name: "Customer " + strconv.Itoa(i), ExternalID: "cust_" + strconv.Itoa(i), Metadata: map[string]string{"plan": "pro", "region": "eu-" + strconv.Itoa(i%7)},
		})
	}
	for b.Loop() {
		before := heapInUse()
		srv, err := mockserver.New(mockserver.WithFixtures(mockserver.Fixtures{Workspaces: []mockserver.WorkspaceFixture{fixture}}))
		require.NoError(b, err)
		b.ReportMetric(float64(heapInUse()-before)/n, "B/application")
		require.NoError(b, srv.Close())
	}
	b.ReportMetric(0, "ns/op")
}

func heapInUse() uint64 {
	runtime.GC()
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}
