package nahook_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nahook/nahook-go"
)

// signatures are the documented vectors.
type signatures struct {
	Secret    string
	ID        string
	Timestamp int64
	Vectors   []struct{ Body, Signature string }
}

func documentedSignatures(tb testing.TB) signatures {
	tb.Helper()
	var s signatures
	require.NoError(tb, json.Unmarshal(fixture(tb, "signatures.json"), &s))
	require.Len(tb, s.Vectors, 3)
	return s
}

const (
	hookSecret  = "whsec_dGVzdF93ZWJob29rX3NpZ25pbmdfa2V5XzMyYnl0ZXMh"
	otherSecret = "whsec_b3RoZXJfd2ViaG9va19zaWduaW5nX2tleV8zMmJ5dGU="
)

var signedAt = time.Unix(1712345678, 0)

func verifier(tb testing.TB, secrets ...string) *nahook.Verifier {
	tb.Helper()
	v, err := nahook.NewVerifier(secrets...)
	require.NoError(tb, err)
	return v.WithClock(func() time.Time { return signedAt })
}

func signed(tb testing.TB, secret, body string) http.Header {
	tb.Helper()
	h, err := nahook.Sign(secret, "msg_1", signedAt, []byte(body))
	require.NoError(tb, err)
	return h
}

func TestDocumentedSignatures(t *testing.T) {
	t.Parallel()
	s := documentedSignatures(t)
	for _, secret := range []string{s.Secret, strings.TrimPrefix(s.Secret, "whsec_")} {
		for _, vector := range s.Vectors {
			h, err := nahook.Sign(secret, s.ID, time.Unix(s.Timestamp, 999), []byte(vector.Body))
			require.NoError(t, err)
			want := http.Header{}
			want.Set("webhook-id", "msg_test_sig_001")
			want.Set("webhook-timestamp", "1712345678")
			want.Set("webhook-signature", vector.Signature)
			require.Equal(t, want, h)
			require.NoError(t, verifier(t, secret).Verify([]byte(vector.Body), want))
		}
	}
}

func TestVerifyRefuses(t *testing.T) {
	t.Parallel()
	const body = `{"order_id":"ord_123"}`
	other := signed(t, otherSecret, body).Get("webhook-signature")
	for name, tt := range map[string]struct {
		change func(h http.Header)
		body   string
		want   error
	}{
		"a changed body":             {func(http.Header) {}, body + " ", nahook.ErrSignatureMismatch},
		"a changed id":               {func(h http.Header) { h.Set("webhook-id", "msg_2") }, body, nahook.ErrSignatureMismatch},
		"a changed timestamp":        {func(h http.Header) { h.Set("webhook-timestamp", "1712345679") }, body, nahook.ErrSignatureMismatch},
		"a respelt timestamp":        {func(h http.Header) { h.Set("webhook-timestamp", "+1712345678") }, body, nahook.ErrSignatureMismatch},
		"another secret's signature": {func(h http.Header) { h.Set("webhook-signature", other) }, body, nahook.ErrSignatureMismatch},
		"a truncated signature":      {func(h http.Header) { h.Set("webhook-signature", "v1,"+other[3:7]) }, body, nahook.ErrSignatureMismatch},
		"an empty signature":         {func(h http.Header) { h.Set("webhook-signature", "v1,") }, body, nahook.ErrSignatureMismatch},
		"no id":                      {func(h http.Header) { h.Del("webhook-id") }, body, nahook.ErrMissingSignature},
		"no timestamp":               {func(h http.Header) { h.Del("webhook-timestamp") }, body, nahook.ErrMissingSignature},
		"no signature":               {func(h http.Header) { h.Del("webhook-signature") }, body, nahook.ErrMissingSignature},
		"a timestamp in words":       {func(h http.Header) { h.Set("webhook-timestamp", "today") }, body, nahook.ErrMissingSignature},
		"a fractional timestamp":     {func(h http.Header) { h.Set("webhook-timestamp", "1712345678.5") }, body, nahook.ErrMissingSignature},
		"a timestamp out of range":   {func(h http.Header) { h.Set("webhook-timestamp", "99999999999999999999") }, body, nahook.ErrMissingSignature},
		"an unknown version":         {func(h http.Header) { h.Set("webhook-signature", "v2,"+other[3:]) }, body, nahook.ErrMissingSignature},
		"a version in capitals":      {func(h http.Header) { h.Set("webhook-signature", "V1,"+other[3:]) }, body, nahook.ErrMissingSignature},
		"a signature without one":    {func(h http.Header) { h.Set("webhook-signature", other[3:]) }, body, nahook.ErrMissingSignature},
		"what is not base64":         {func(h http.Header) { h.Set("webhook-signature", "v1,***") }, body, nahook.ErrMissingSignature},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := signed(t, hookSecret, body)
			tt.change(h)
			require.ErrorIs(t, verifier(t, hookSecret).Verify([]byte(tt.body), h), tt.want)
		})
	}
	require.ErrorIs(t, (&nahook.Verifier{}).Verify(nil, signed(t, hookSecret, "")), nahook.ErrSignatureMismatch)
}

func TestUndatedWebhooks(t *testing.T) {
	t.Parallel()
	h := signed(t, hookSecret, "{}")
	h.Del("webhook-timestamp")
	err := verifier(t, hookSecret).Verify([]byte("{}"), h)
	require.EqualError(t, err, "nahook: webhook not signed: Webhook-Id or Webhook-Timestamp is missing")
}

// While a secret is rotated, deliveries carry two signatures and receivers know
// two secrets, not necessarily at the same time.
func TestRotation(t *testing.T) {
	t.Parallel()
	const body = `{}`
	old, current := signed(t, otherSecret, body), signed(t, hookSecret, body)
	both := signed(t, hookSecret, body)
	both.Set("webhook-signature", "v1a,x "+old.Get("webhook-signature")+"  "+current.Get("webhook-signature")+" v2,x")
	apart := signed(t, hookSecret, body)
	apart.Add("webhook-signature", old.Get("webhook-signature"))
	for _, h := range []http.Header{both, apart} {
		require.NoError(t, verifier(t, hookSecret).Verify([]byte(body), h))
		require.NoError(t, verifier(t, otherSecret).Verify([]byte(body), h))
	}
	for _, h := range []http.Header{old, current} {
		require.NoError(t, verifier(t, otherSecret, hookSecret).Verify([]byte(body), h))
		require.NoError(t, verifier(t, hookSecret, otherSecret).Verify([]byte(body), h))
	}
	require.ErrorIs(t, verifier(t, hookSecret).Verify([]byte(body), old), nahook.ErrSignatureMismatch)
}

func TestTolerance(t *testing.T) {
	t.Parallel()
	v, h := verifier(t, hookSecret), signed(t, hookSecret, "")
	at := func(v *nahook.Verifier, d time.Duration) error {
		return v.WithClock(func() time.Time { return signedAt.Add(d) }).Verify(nil, h)
	}
	require.NoError(t, at(v, 300*time.Second))
	require.NoError(t, at(v, -300*time.Second))
	require.ErrorIs(t, at(v, 301*time.Second), nahook.ErrTimestampTooOld)
	require.ErrorIs(t, at(v, -301*time.Second), nahook.ErrTimestampTooNew)
	require.ErrorIs(t, at(v.WithTolerance(time.Minute), 61*time.Second), nahook.ErrTimestampTooOld)
	require.NoError(t, at(v.WithTolerance(time.Hour), time.Hour))
	require.NoError(t, at(v.WithTolerance(-1), 999*time.Millisecond))
	require.ErrorIs(t, at(v.WithTolerance(-1), time.Second), nahook.ErrTimestampTooOld)
	require.NoError(t, at(v, 300*time.Second), "the copies have not changed the original")

	for seconds, want := range map[int64]error{1<<63 - 1: nahook.ErrTimestampTooNew, -1 << 63: nahook.ErrTimestampTooOld} {
		h, err := nahook.Sign(hookSecret, "msg_1", time.Unix(seconds, 0), nil)
		require.NoError(t, err)
		require.Equal(t, fmt.Sprint(seconds), h.Get("webhook-timestamp"))
		require.ErrorIs(t, v.Verify(nil, h), want)
	}
	forged := signed(t, otherSecret, "")
	forged.Set("webhook-timestamp", "1")
	require.ErrorIs(t, v.Verify(nil, forged), nahook.ErrSignatureMismatch, "age says nothing unless it is genuine")

	genuine, err := nahook.Sign(hookSecret, "msg_1", time.Now(), nil)
	require.NoError(t, err)
	require.NoError(t, v.WithClock(nil).Verify(nil, genuine), "nil is the system's clock")
}

func request(tb testing.TB, body io.Reader, h http.Header) *http.Request {
	tb.Helper()
	r := httptest.NewRequest(http.MethodPost, "/webhooks", body)
	for name, values := range h {
		r.Header[name] = values
	}
	return r
}

func TestVerifyRequestRestoresTheBody(t *testing.T) {
	t.Parallel()
	const body = `{"a":1}`
	r := request(t, strings.NewReader(body), signed(t, hookSecret, body))
	got, err := verifier(t, hookSecret).VerifyRequest(r)
	require.NoError(t, err)
	require.Equal(t, body, string(got))
	again, err := io.ReadAll(r.Body)
	require.NoError(t, err)
	require.Equal(t, body, string(again))

	bare := request(t, nil, signed(t, hookSecret, ""))
	bare.Body = nil
	got, err = verifier(t, hookSecret).VerifyRequest(bare)
	require.NoError(t, err)
	require.Empty(t, got)
}

func TestVerifyRequestBoundsTheBody(t *testing.T) {
	t.Parallel()
	exact := strings.Repeat("x", 1<<20)
	_, err := verifier(t, hookSecret).VerifyRequest(request(t, strings.NewReader(exact), signed(t, hookSecret, exact)))
	require.NoError(t, err)
	var tooLarge *http.MaxBytesError
	_, err = verifier(t, hookSecret).VerifyRequest(request(t, strings.NewReader(exact+"x"), signed(t, hookSecret, exact+"x")))
	require.ErrorAs(t, err, &tooLarge)
	require.EqualValues(t, 1<<20, tooLarge.Limit)

	small := verifier(t, hookSecret).WithMaxBody(3)
	_, err = small.VerifyRequest(request(t, strings.NewReader("1234"), signed(t, hookSecret, "1234")))
	require.ErrorAs(t, err, &tooLarge)
	_, err = small.WithMaxBody(0).VerifyRequest(request(t, strings.NewReader("1234"), signed(t, hookSecret, "1234")))
	require.NoError(t, err)
}

// What nobody signed is not read.
func TestUnsignedBodiesAreNotRead(t *testing.T) {
	t.Parallel()
	r := request(t, iotest.ErrReader(errors.New("it was read")), nil)
	_, err := verifier(t, hookSecret).VerifyRequest(r)
	require.ErrorIs(t, err, nahook.ErrMissingSignature)
}

func TestVerifierMiddleware(t *testing.T) {
	t.Parallel()
	const body = `{"a":1}`
	v := verifier(t, hookSecret).WithMaxBody(100)
	large := strings.Repeat("x", 101)
	for name, tt := range map[string]struct {
		request *http.Request
		status  int
		answer  string
	}{
		"genuine":       {request(t, strings.NewReader(body), signed(t, hookSecret, body)), 200, body},
		"unsigned":      {request(t, strings.NewReader(body), nil), 401, "invalid webhook signature\n"},
		"forged":        {request(t, strings.NewReader(body), signed(t, otherSecret, body)), 401, "invalid webhook signature\n"},
		"too large":     {request(t, strings.NewReader(large), signed(t, hookSecret, large)), 413, "webhook too large\n"},
		"broken off":    {request(t, iotest.ErrReader(io.ErrUnexpectedEOF), signed(t, hookSecret, body)), 400, "incomplete webhook\n"},
		"from long ago": {request(t, strings.NewReader(body), signedIn(t, -time.Hour, body)), 401, "invalid webhook signature\n"},
		"from tomorrow": {request(t, strings.NewReader(body), signedIn(t, 24*time.Hour, body)), 401, "invalid webhook signature\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			recorder := httptest.NewRecorder()
			v.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				_, err := io.Copy(w, r.Body)
				assert.NoError(t, err)
			})).ServeHTTP(recorder, tt.request)
			require.Equal(t, tt.status, recorder.Code)
			require.Equal(t, tt.answer, recorder.Body.String())
		})
	}
}

// signedIn is signed that much after the others.
func signedIn(t *testing.T, d time.Duration, body string) http.Header {
	t.Helper()
	h, err := nahook.Sign(hookSecret, "msg_1", signedAt.Add(d), []byte(body))
	require.NoError(t, err)
	return h
}

func TestBadSecretsAndIDs(t *testing.T) {
	t.Parallel()
	for _, secrets := range [][]string{nil, {""}, {"whsec_"}, {"whsec_***"}, {hookSecret, "not base64!"}} {
		_, err := nahook.NewVerifier(secrets...)
		require.ErrorIs(t, err, nahook.ErrInvalidArgument)
		assert.NotContains(t, err.Error(), "***")
		assert.NotContains(t, err.Error(), "not base64!")
	}
	_, err := nahook.NewVerifier(hookSecret, "whsec_***")
	require.EqualError(t, err, "nahook: invalid argument: NewVerifier: secret 2 is not base64 behind whsec_")
	_, err = nahook.NewVerifier("whsec_")
	require.EqualError(t, err, "nahook: invalid argument: NewVerifier: secret 1 is empty")
	for _, secret := range []string{"", "whsec_***"} {
		_, err := nahook.Sign(secret, "msg_1", signedAt, nil)
		require.ErrorIs(t, err, nahook.ErrInvalidArgument)
	}
	for _, id := range []string{"", "a\r\nb"} {
		_, err := nahook.Sign(hookSecret, id, signedAt, nil)
		require.ErrorIs(t, err, nahook.ErrInvalidArgument)
	}
}

func TestVerifierHidesItsSecrets(t *testing.T) {
	t.Parallel()
	v := verifier(t, hookSecret, otherSecret)
	require.Equal(t, "nahook.Verifier{secrets: 2}", fmt.Sprint(v))
	require.Equal(t, "nahook.Verifier{}", fmt.Sprint(nahook.Verifier{}))
	require.Equal(t, "nahook.Verifier{secrets: 2}", v.LogValue().String())
	key := "test_webhook_signing_key_32bytes!"
	holder := struct{ v *nahook.Verifier }{v}
	for _, text := range []string{
		fmt.Sprintf("%v %+v %#v %s %q %x %d", v, v, v, v, v, v, *v), fmt.Sprintf("%+v %#v %d", holder, holder, holder),
	} {
		for _, secret := range []string{key, hookSecret, strings.Trim(fmt.Sprintf("%d", []byte(key)), "[]"), fmt.Sprintf("%x", key)} {
			assert.NotContains(t, text, secret)
		}
	}
	for _, handler := range []func(io.Writer) slog.Handler{
		func(w io.Writer) slog.Handler { return slog.NewTextHandler(w, nil) },
		func(w io.Writer) slog.Handler { return slog.NewJSONHandler(w, nil) },
	} {
		var log bytes.Buffer
		slog.New(handler(&log)).Info("made", "verifier", v, "list", []*nahook.Verifier{v})
		assert.NotContains(t, log.String(), key)
		assert.NotContains(t, log.String(), hookSecret[6:])
	}
}

// Whatever the headers hold, nothing panics, and nothing passes that was not
// signed with the secret.
func FuzzVerify(f *testing.F) {
	genuine := signed(f, hookSecret, "{}")
	f.Add(genuine.Get("webhook-id"), genuine.Get("webhook-timestamp"), genuine.Get("webhook-signature"))
	for _, signature := range []string{"", "v1", "v1,", ",", "v1,=", " v1,AAAA v1,AAAA", "v2,AAAA", "v1,\x00", strings.Repeat("v1,AAAA ", 100)} {
		f.Add("msg_1", "1712345678", signature)
	}
	f.Add("", "-9223372036854775808", "v1,AAAA")
	f.Fuzz(func(t *testing.T, id, timestamp, signature string) {
		h := http.Header{}
		h.Set("webhook-id", id)
		h.Set("webhook-timestamp", timestamp)
		h.Set("webhook-signature", signature)
		err := verifier(t, otherSecret).Verify([]byte("{}"), h)
		if err == nil {
			t.Fatalf("accepted %q %q %q", id, timestamp, signature)
		}
		if !errors.Is(err, nahook.ErrMissingSignature) && !errors.Is(err, nahook.ErrSignatureMismatch) {
			t.Fatal(err)
		}
	})
}

func ExampleVerifier_Middleware() {
	verifier, err := nahook.NewVerifier("whsec_dGVzdF93ZWJob29rX3NpZ25pbmdfa2V5XzMyYnl0ZXMh")
	if err != nil {
		fmt.Println(err)
		return
	}
	handler := verifier.Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		event, _ := io.ReadAll(r.Body)
		fmt.Println("received", string(event))
	}))

	body := []byte(`{"order":"ord_123"}`)
	header, err := nahook.Sign("whsec_dGVzdF93ZWJob29rX3NpZ25pbmdfa2V5XzMyYnl0ZXMh", "msg_1", time.Now(), body)
	if err != nil {
		fmt.Println(err)
		return
	}
	genuine := httptest.NewRequest(http.MethodPost, "/webhooks", bytes.NewReader(body))
	genuine.Header = header
	handler.ServeHTTP(httptest.NewRecorder(), genuine)

	forged := httptest.NewRecorder()
	handler.ServeHTTP(forged, httptest.NewRequest(http.MethodPost, "/webhooks", bytes.NewReader(body)))
	fmt.Println("forged:", forged.Code)
	// Output:
	// received {"order":"ord_123"}
	// forged: 401
}
