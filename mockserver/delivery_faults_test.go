package mockserver_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nahook/nahook-go/mockserver"
)

var attempts = mockserver.Operation("delivery.attempt")

// faulty sends one delivery under a fault and gives what became of it.
func faulty(t *testing.T, f mockserver.Fault) (a api, r *mockserver.Receiver, attempt, delivery string) {
	t.Helper()
	a = serve(t)
	r = a.srv.Receiver()
	endpoint := a.post(inA+"/endpoints", `{"url":"`+r.URL()+`","authUsername":"u","authPassword":"`+password+`"}`).text("id")
	f.Match = mockserver.All(attempts, f.Match)
	a.srv.Inject(f)
	id := a.as("nhk_us_a").post("/api/ingest/"+endpoint, `{"payload":{"order":"1"}}`).text("deliveryId")
	return a, r, a.get(inA + "/deliveries/" + id + "/attempts").body, a.get(inA + "/deliveries/" + id).text("status")
}

func TestFaultsOfAttempts(t *testing.T) {
	t.Parallel()
	for want, effect := range map[string]mockserver.Effect{
		`"responseStatusCode":503,"responseTimeMs":0,"errorMessage":null`:                                mockserver.Status(503),
		`"responseStatusCode":429,"responseTimeMs":0,"errorMessage":null`:                                mockserver.RateLimit(time.Minute),
		`"responseStatusCode":null,"responseTimeMs":null,"errorMessage":"no complete answer within 15s"`: mockserver.Latency(16 * time.Second),
		`"responseStatusCode":null,"responseTimeMs":null,"errorMessage":"connection reset"`:              mockserver.Reset(),
		`"responseStatusCode":null,"responseTimeMs":null,"errorMessage":"the answer is not valid HTTP"`:  mockserver.Garbage(),
		`"responseStatusCode":502,"responseTimeMs":0,"errorMessage":null`:                                mockserver.HTMLPage(),
		`"responseStatusCode":400,"responseTimeMs":0,"errorMessage":null`:                                mockserver.Framework400(),
	} {
		for _, after := range []bool{false, true} {
			a, r, attempt, status := faulty(t, mockserver.Fault{AfterCommit: after, Do: effect})
			assert.Contains(t, attempt, want, effect)
			assert.Equal(t, "scheduled_retry", status, effect)
			arrived := 0
			if after || strings.HasPrefix(effect.String(), "Latency") {
				arrived = 1
			}
			assert.Len(t, r.Requests(), arrived, "%s, after commit: %v", effect, after)
			all := a.srv.Requests(attempts)
			require.Len(t, all, 1)
			assert.Equal(t, effect.String(), all[0].Fault)
			a.srv.Advance(5 * time.Second)
			if effect.String() == "RateLimit(1m0s)" {
				assert.Len(t, a.srv.Requests(attempts), 1, "the retry waits as long as it is asked to")
				a.srv.Advance(55 * time.Second)
			}
			assert.Len(t, a.srv.Requests(attempts), 2)
			assert.Equal(t, mockserver.SignatureValid, r.Requests()[arrived].Signature)
		}
	}
}

func TestAnEmptyReplyAndATruncatedOneAreResets(t *testing.T) {
	t.Parallel()
	for _, effect := range []mockserver.Effect{mockserver.EmptyReply(), mockserver.Truncate(3)} {
		_, r, attempt, status := faulty(t, mockserver.Fault{Do: effect})
		assert.Contains(t, attempt, `"errorMessage":"connection reset"`)
		assert.Equal(t, "scheduled_retry", status)
		assert.Len(t, r.Requests(), map[string]int{"EmptyReply()": 0, "Truncate(3)": 1}[effect.String()])
	}
}

func TestALittleLatencyIsResponseTime(t *testing.T) {
	t.Parallel()
	_, _, attempt, status := faulty(t, mockserver.Fault{Do: mockserver.Latency(40 * time.Millisecond)})
	assert.Contains(t, attempt, `"responseStatusCode":200,"responseTimeMs":40,`)
	assert.Equal(t, "delivered", status)
}

func TestFaultsThatAReceiverHasToNotice(t *testing.T) {
	t.Parallel()
	a, r, _, status := faulty(t, mockserver.Fault{Do: mockserver.WrongSignature()})
	require.Len(t, r.Requests(), 1)
	wrong := r.Requests()[0]
	assert.Equal(t, mockserver.SignatureInvalid, wrong.Signature)
	assert.Regexp(t, `^v1,A{43}=$`, wrong.Header.Get("Webhook-Signature"))
	assert.Equal(t, "delivered", status, "a receiver that takes it does not verify")
	assert.Equal(t, wrong.Header.Get("Webhook-Signature"), a.srv.Requests(attempts)[0].Header.Get("Webhook-Signature"))
	assert.Equal(t, "Basic [redacted]", a.srv.Requests(attempts)[0].Header.Get("Authorization"))
	assert.NotContains(t, wrong.Header.Get("Authorization"), "redacted")

	a, r, _, _ = faulty(t, mockserver.Fault{Do: mockserver.StaleTimestamp()})
	stale := r.Requests()[0]
	assert.Equal(t, mockserver.SignatureValid, stale.Signature, "it was signed so")
	assert.Equal(t, "1768469400", stale.Header.Get("Webhook-Timestamp"))
	assert.Equal(t, opening.Add(-time.Hour).Unix(), int64(1768469400))
	assert.NotEmpty(t, stale.Header.Get("Authorization"))
	assert.Len(t, a.srv.Requests(attempts), 1)

	a, r, attempt, status := faulty(t, mockserver.Fault{Do: mockserver.DuplicateDelivery()})
	require.Len(t, r.Requests(), 2)
	assert.Equal(t, r.Requests()[0].Header, r.Requests()[1].Header)
	assert.Equal(t, 1, strings.Count(attempt, `"id"`), "the platform made one attempt")
	assert.Equal(t, "delivered", status)
	assert.Len(t, a.srv.Requests(attempts), 2)
}

// Attempts are matched by what they carry, and only by those who name them.
func TestFaultsPickAttempts(t *testing.T) {
	t.Parallel()
	a, r, _, status := faulty(t, mockserver.Fault{Match: mockserver.Field("order", "1"), Do: mockserver.Status(500)})
	assert.Empty(t, r.Requests())
	assert.Equal(t, "scheduled_retry", status)
	a.srv.Inject(mockserver.Fault{Do: mockserver.Status(500)})
	a.srv.Advance(5 * time.Second)
	assert.Len(t, r.Requests(), 1, "a fault for any request is for requests to the API")
	assert.Equal(t, http.StatusInternalServerError, a.get(inA+"/applications").status)
}

func TestMessagesToSlackHaveNoSignatureToSpoil(t *testing.T) {
	t.Parallel()
	for _, effect := range []mockserver.Effect{mockserver.WrongSignature(), mockserver.StaleTimestamp()} {
		a := serveTolerant(t)
		r := a.srv.Receiver()
		endpoint := a.post(inA+"/endpoints", `{"type":"slack","config":{"webhookUrl":"`+r.URL()+`"}}`).text("id")
		a.srv.Inject(mockserver.Fault{Match: attempts, Do: effect})
		require.Equal(t, 202, a.as("nhk_us_a").post("/api/ingest/"+endpoint, `{"payload":{"text":"hi"}}`).status)
		require.Len(t, r.Requests(), 1)
		require.Equal(t, mockserver.SignatureMissing, r.Requests()[0].Signature)
		require.Equal(t, "the fault "+effect.String()+" cannot be applied: messages to Slack are not signed", a.srv.Problems()[0].Text)
	}
}
