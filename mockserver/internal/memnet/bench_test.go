package memnet_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/nahook/nahook-go/mockserver/internal/memnet"
)

// BenchmarkRoundTrip compares one request over a kept connection in memory
// with the same over a loopback socket.
func BenchmarkRoundTrip(b *testing.B) {
	answer := make([]byte, 200)
	handler := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(answer) })

	b.Run("memnet", func(b *testing.B) {
		listener := memnet.Listen()
		server := &http.Server{Handler: handler}
		go func() { _ = server.Serve(listener) }()
		defer server.Close()
		transport := &http.Transport{DialContext: listener.DialContext}
		defer transport.CloseIdleConnections()
		roundTrips(b, &http.Client{Transport: transport}, "http://api.example.test/")
	})
	b.Run("tcp", func(b *testing.B) {
		server := httptest.NewServer(handler)
		defer server.Close()
		roundTrips(b, server.Client(), server.URL)
	})
}

func roundTrips(b *testing.B, client *http.Client, url string) {
	b.Helper()
	b.ReportAllocs()
	for b.Loop() {
		response, err := client.Get(url)
		if err != nil {
			b.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, response.Body)
		_ = response.Body.Close()
	}
}

// BenchmarkDial is what a connection costs before it carries anything.
func BenchmarkDial(b *testing.B) {
	listener := memnet.Listen()
	defer listener.Close()
	b.ReportAllocs()
	for b.Loop() {
		client, err := listener.DialContext(b.Context(), "tcp", "api.example.test:443")
		if err != nil {
			b.Fatal(err)
		}
		server, err := listener.Accept()
		if err != nil {
			b.Fatal(err)
		}
		_, _ = client.Close(), server.Close()
	}
}
