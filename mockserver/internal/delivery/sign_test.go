package delivery_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/nahook/nahook-go/internal/wirefixtures"
	"github.com/nahook/nahook-go/mockserver/internal/delivery"
	"github.com/nahook/nahook-go/mockserver/internal/domain"
)

func TestSignedMatchesThePublishedVectors(t *testing.T) {
	t.Parallel()
	raw, err := wirefixtures.FS.ReadFile("signatures.json")
	require.NoError(t, err)
	var published struct {
		Secret, ID string
		Timestamp  int64
		Vectors    []struct{ Body, Signature string }
	}
	require.NoError(t, json.Unmarshal(raw, &published))
	require.Len(t, published.Vectors, 3)
	at := domain.At(time.Unix(published.Timestamp, 999_000_000))
	for _, v := range published.Vectors {
		for _, secret := range []string{published.Secret, strings.TrimPrefix(published.Secret, "whsec_")} {
			require.Equal(t, http.Header{
				"Content-Type":      {"application/json"},
				"User-Agent":        {"Nahook-Webhooks/1.0"},
				"Webhook-Id":        {"msg_test_sig_001"},
				"Webhook-Timestamp": {"1712345678"},
				"Webhook-Signature": {v.Signature},
			}, delivery.Signed(published.ID, at, []byte(v.Body), secret))
		}
	}
}

// expected computes a signature without any code of the package.
func expected(key []byte, id, timestamp, body string) string {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(id + "." + timestamp + "." + body))
	return "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

func TestSignedBySeveralSecretsInTheirOrder(t *testing.T) {
	t.Parallel()
	current, rotated := []byte(strings.Repeat("n", 32)), []byte(strings.Repeat("o", 64))
	long := strings.Repeat("msg", 50)
	h := delivery.Signed(long, present, []byte("[1]"), domain.EncodeSecret(current), domain.EncodeSecret(rotated))
	timestamp := "1768473000"
	require.Equal(t, []string{timestamp}, h["Webhook-Timestamp"])
	require.Equal(t, []string{expected(current, long, timestamp, "[1]") + " " + expected(rotated, long, timestamp, "[1]")}, h["Webhook-Signature"])
}

func TestUnsignedHasNothingOfASignature(t *testing.T) {
	t.Parallel()
	require.Equal(t, http.Header{"Content-Type": {"application/json"}, "User-Agent": {"Nahook-Webhooks/1.0"}}, delivery.Unsigned())
	h := delivery.Unsigned()
	h.Add("Content-Type", "text/plain")
	require.Equal(t, []string{"Nahook-Webhooks/1.0"}, h["User-Agent"], "values share no room")
}

func TestVerify(t *testing.T) {
	t.Parallel()
	const other = "whsec_b3RoZXJfb3RoZXJfb3RoZXJfb3RoZXJfb3RoZXJfMzI="
	body := []byte(`{"a":1}`)
	for name, test := range map[string]struct {
		signers []string
		change  func(http.Header)
		body    string
		current []string
		want    delivery.Verdict
	}{
		"as signed":              {want: delivery.SignatureValid},
		"without prefix":         {current: []string{strings.TrimPrefix(secret, "whsec_")}, want: delivery.SignatureValid},
		"first of two":           {signers: []string{secret, other}, want: delivery.SignatureValid},
		"second of two":          {signers: []string{other, secret}, want: delivery.SignatureValid},
		"one of two secrets":     {current: []string{secret, other}, want: delivery.SignatureValid},
		"other of two secrets":   {current: []string{other, secret}, want: delivery.SignatureValid},
		"unreadable secret":      {current: []string{"whsec_!", secret}, want: delivery.SignatureValid},
		"unknown version beside": {change: prepend("v2,AAAA "), want: delivery.SignatureValid},
		"garbage beside":         {change: prepend("v1,!!! v1 , "), want: delivery.SignatureValid},
		"unknown version":        {change: set("webhook-signature", "v1a,"+strings.TrimPrefix(expectedFor(body), "v1,")), want: delivery.SignatureInvalid},
		"without version":        {change: set("webhook-signature", strings.TrimPrefix(expectedFor(body), "v1,")), want: delivery.SignatureInvalid},
		"other secret":           {current: []string{other}, want: delivery.SignatureInvalid},
		"no secret":              {current: []string{}, want: delivery.SignatureInvalid},
		"other body":             {body: `{"a":2}`, want: delivery.SignatureInvalid},
		"other id":               {change: set("webhook-id", "msg_2"), want: delivery.SignatureInvalid},
		"other timestamp":        {change: set("webhook-timestamp", "1768473001"), want: delivery.SignatureInvalid},
		"no signature":           {change: func(h http.Header) { h.Del("webhook-signature") }, want: delivery.SignatureMissing},
		"blank signature":        {change: set("webhook-signature", " "), want: delivery.SignatureMissing},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if test.signers == nil {
				test.signers = []string{secret}
			}
			if test.current == nil {
				test.current = []string{secret}
			}
			h := delivery.Signed("msg_1", present, body, test.signers...)
			if test.change != nil {
				test.change(h)
			}
			arrived := body
			if test.body != "" {
				arrived = []byte(test.body)
			}
			require.Equal(t, test.want, delivery.Verify(h, arrived, test.current...))
		})
	}
}

func expectedFor(body []byte) string {
	return expected([]byte("test_webhook_signing_key_32bytes!"), "msg_1", "1768473000", string(body))
}

func set(name, value string) func(http.Header) {
	return func(h http.Header) { h.Set(name, value) }
}

func prepend(claims string) func(http.Header) {
	return func(h http.Header) { h.Set("webhook-signature", claims+h.Get("webhook-signature")) }
}

func BenchmarkSigned(b *testing.B) {
	body := []byte(strings.Repeat("x", 300))
	b.ReportAllocs()
	for b.Loop() {
		delivery.Signed("msg_0123456789abcdef", present, body, secret)
	}
}

func BenchmarkUnsigned(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		delivery.Unsigned()
	}
}

func BenchmarkHMACOnly(b *testing.B) {
	body := []byte(strings.Repeat("x", 330))
	key := []byte("test_webhook_signing_key_32bytes!")
	var sum [32]byte
	b.Run("new", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			mac := hmac.New(sha256.New, key)
			mac.Write(body)
			mac.Sum(sum[:0])
		}
	})
	b.Run("reset", func(b *testing.B) {
		b.ReportAllocs()
		mac := hmac.New(sha256.New, key)
		for b.Loop() {
			mac.Reset()
			mac.Write(body)
			mac.Sum(sum[:0])
		}
	})
}
