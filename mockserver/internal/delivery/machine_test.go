package delivery_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/nahook/nahook-go/mockserver/internal/delivery"
	"github.com/nahook/nahook-go/mockserver/internal/domain"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var machine = delivery.Machine{
	WithTimeout: context.WithTimeoutCause,
	Stopwatch: func() func() time.Duration {
		start := time.Now()
		return func() time.Duration { return time.Since(start) }
	},
}

const secret = "whsec_dGVzdF93ZWJob29rX3NpZ25pbmdfa2V5XzMyYnl0ZXMh"

var present = domain.At(time.Date(2026, 1, 15, 10, 30, 0, 0, time.UTC))

// message is a small attempt at url.
func message(url string) delivery.Message {
	body := []byte(`{"order_id":"ord_123"}`)
	return delivery.Message{URL: url, Header: delivery.Signed("msg_1", present, body, secret), Body: body, Now: present}
}

// answering gives the same answer to everything.
func answering(status int, header ...string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		for _, line := range header {
			name, value, _ := strings.Cut(line, ": ")
			w.Header().Set(name, value)
		}
		w.WriteHeader(status)
	})
}

// settled leaves out how long an attempt took.
func settled(o domain.Outcome) domain.Outcome {
	o.Took = 0
	return o
}
