package nahook

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// Why a webhook is refused. All of them mean the same to the sender: a 401.
var (
	ErrMissingSignature  = errors.New("nahook: webhook not signed")         // a header is missing or malformed, or no signature is of a known version
	ErrSignatureMismatch = errors.New("nahook: webhook signature mismatch") // signed with another secret, or changed on its way
	ErrTimestampTooOld   = errors.New("nahook: webhook too old")            // genuine, and perhaps replayed
	ErrTimestampTooNew   = errors.New("nahook: webhook from the future")    // genuine, but one of the two clocks is wrong
)

const (
	headerID        = "Webhook-Id"
	headerTimestamp = "Webhook-Timestamp"
	headerSignature = "Webhook-Signature"

	signatureVersion = "v1,"
	secretPrefix     = "whsec_"

	defaultTolerance = 300 * time.Second
	defaultMaxBody   = 1 << 20
)

// Verifier tells webhooks that Nahook signed from all others. It is immutable
// and safe for concurrent use, and prints and logs without its secrets. The zero
// value refuses everything: see [NewVerifier].
type Verifier struct {
	keys      func() [][]byte // a func: fmt would print the bytes of anything else
	tolerance time.Duration
	now       func() time.Time
	maxBody   int64
}

// NewVerifier makes a verifier for the signing secrets of an endpoint. Give both
// the old and the new one while a secret is being rotated. A secret is the string
// of an [Endpoint]'s [Secret], with or without its prefix "whsec_"; none, an
// empty one and one that is not base64 fail with [ErrInvalidArgument].
func NewVerifier(secrets ...string) (*Verifier, error) {
	if len(secrets) == 0 {
		return nil, fmt.Errorf("%w: NewVerifier: give the endpoint's signing secret", ErrInvalidArgument)
	}
	keys := make([][]byte, len(secrets))
	for i, secret := range secrets {
		key, err := decodeSecret(secret)
		if err != nil {
			return nil, fmt.Errorf("%w: NewVerifier: secret %d %w", ErrInvalidArgument, i+1, err)
		}
		keys[i] = key
	}
	return &Verifier{
		keys: func() [][]byte { return keys }, tolerance: defaultTolerance, now: time.Now, maxBody: defaultMaxBody,
	}, nil
}

// decodeSecret gives the key that signs. Its error does not quote the secret.
func decodeSecret(secret string) ([]byte, error) {
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, secretPrefix))
	if err != nil {
		return nil, errors.New("is not base64 behind whsec_")
	}
	if len(key) == 0 {
		return nil, errors.New("is empty")
	}
	return key, nil
}

// WithTolerance returns a copy that accepts timestamps up to d from now, in
// either direction and in whole seconds; the default is 300 s, as documented.
// With 0 or less only the present second is accepted.
func (v *Verifier) WithTolerance(d time.Duration) *Verifier {
	changed := *v
	changed.tolerance = max(d, 0)
	return &changed
}

// WithClock returns a copy that takes the present time from now, such as a test
// server's clock. Nil is the system's clock.
func (v *Verifier) WithClock(now func() time.Time) *Verifier {
	changed := *v
	changed.now = now
	if now == nil {
		changed.now = time.Now
	}
	return &changed
}

// WithMaxBody returns a copy that reads at most n bytes of a request's body; the
// default is 1 MiB, which 0 or less restores. It does not bound [Verifier.Verify],
// whose body is read already.
func (v *Verifier) WithMaxBody(n int64) *Verifier {
	changed := *v
	changed.maxBody = n
	if n <= 0 {
		changed.maxBody = defaultMaxBody
	}
	return &changed
}

// Verify checks body, byte for byte as it was received, against the headers it
// came with. Its errors match [ErrMissingSignature], [ErrSignatureMismatch],
// [ErrTimestampTooOld] or [ErrTimestampTooNew]; the last two only if the
// signature is genuine.
func (v *Verifier) Verify(body []byte, h http.Header) error {
	m, err := parseMessage(h)
	if err != nil {
		return err
	}
	return v.verify(m, body)
}

// VerifyRequest checks a request and returns its body, which can be read from r
// once more. Besides the errors of [Verifier.Verify] it fails with
// [*http.MaxBytesError] if the body is over the limit, and with the error of
// reading it.
func (v *Verifier) VerifyRequest(r *http.Request) ([]byte, error) {
	m, err := parseMessage(r.Header)
	if err != nil {
		return nil, err // without reading what nobody signed
	}
	var body []byte
	if r.Body != nil {
		body, err = io.ReadAll(http.MaxBytesReader(nil, r.Body, v.maxBody))
	}
	if err != nil {
		return nil, fmt.Errorf("nahook: reading the webhook: %w", err)
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	if err := v.verify(m, body); err != nil {
		return nil, err
	}
	return body, nil
}

// Middleware lets only genuine webhooks through to next, which can read the body
// as usual. All others get 401, or 413 if the body is over the limit and 400 if
// it breaks off.
func (v *Verifier) Middleware(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, err := v.VerifyRequest(r)
		switch {
		case err == nil:
			next.ServeHTTP(w, r)
		case errors.As(err, new(*http.MaxBytesError)):
			http.Error(w, "webhook too large", http.StatusRequestEntityTooLarge)
		case refusesWebhook(err):
			http.Error(w, "invalid webhook signature", http.StatusUnauthorized)
		default:
			http.Error(w, "incomplete webhook", http.StatusBadRequest)
		}
	})
}

func refusesWebhook(err error) bool {
	return errors.Is(err, ErrMissingSignature) || errors.Is(err, ErrSignatureMismatch) ||
		errors.Is(err, ErrTimestampTooOld) || errors.Is(err, ErrTimestampTooNew)
}

// message is what the headers of a webhook say.
type message struct {
	id         string
	timestamp  string // as received: that is what was signed
	seconds    int64
	signatures [][]byte // of the version we know
}

func parseMessage(h http.Header) (message, error) {
	m := message{id: h.Get(headerID), timestamp: h.Get(headerTimestamp)}
	var err error
	switch m.seconds, err = strconv.ParseInt(m.timestamp, 10, 64); {
	case m.id == "" || m.timestamp == "":
		return m, fmt.Errorf("%w: %s or %s is missing", ErrMissingSignature, headerID, headerTimestamp)
	case err != nil:
		return m, fmt.Errorf("%w: %s is not a number of seconds", ErrMissingSignature, headerTimestamp)
	}
	for _, signature := range strings.Fields(strings.Join(h.Values(headerSignature), " ")) {
		encoded, known := strings.CutPrefix(signature, signatureVersion)
		if decoded, err := base64.StdEncoding.DecodeString(encoded); known && err == nil {
			m.signatures = append(m.signatures, decoded)
		}
	}
	if len(m.signatures) == 0 {
		return m, fmt.Errorf("%w: %s has no v1 signature", ErrMissingSignature, headerSignature)
	}
	return m, nil
}

// verify compares everything with everything, so that the time it takes tells
// nothing about which secret or signature was close. Age comes last: only a
// genuine timestamp says anything.
func (v *Verifier) verify(m message, body []byte) error {
	if v.keys == nil {
		return fmt.Errorf("%w: the verifier has no secret", ErrSignatureMismatch)
	}
	genuine := false
	for _, key := range v.keys() {
		want := signature(key, m.id, m.timestamp, body)
		for _, got := range m.signatures {
			genuine = hmac.Equal(want, got) || genuine
		}
	}
	if !genuine {
		return ErrSignatureMismatch
	}
	return v.checkAge(m.seconds)
}

func (v *Verifier) checkAge(seconds int64) error {
	now, tolerance := v.now().Unix(), int64(v.tolerance/time.Second)
	switch {
	case seconds < now-tolerance:
		return fmt.Errorf("%w: it was signed more than %s ago", ErrTimestampTooOld, v.tolerance)
	case seconds > now+tolerance:
		return fmt.Errorf("%w: it was signed more than %s ahead", ErrTimestampTooNew, v.tolerance)
	}
	return nil
}

func signature(key []byte, id, timestamp string, body []byte) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(id + "." + timestamp + "."))
	mac.Write(body)
	return mac.Sum(nil)
}

// Sign returns the three headers with which Nahook would send body as the
// message id at t, to test a receiver with. A bad secret, and an id that is empty
// or holds a control character, fail with [ErrInvalidArgument].
func Sign(secret, id string, t time.Time, body []byte) (http.Header, error) {
	key, err := decodeSecret(secret)
	switch {
	case err != nil:
		return nil, fmt.Errorf("%w: Sign: the secret %w", ErrInvalidArgument, err)
	case id == "" || strings.ContainsFunc(id, unicode.IsControl):
		return nil, fmt.Errorf("%w: Sign: the id is empty or holds a control character", ErrInvalidArgument)
	}
	timestamp := strconv.FormatInt(t.Unix(), 10)
	encoded := base64.StdEncoding.EncodeToString(signature(key, id, timestamp, body))
	return http.Header{
		headerID: {id}, headerTimestamp: {timestamp}, headerSignature: {signatureVersion + encoded},
	}, nil
}

// Format writes the number of secrets and none of them, whatever the verb.
func (v Verifier) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, v.describe()) }

// LogValue logs the number of secrets and none of them.
func (v Verifier) LogValue() slog.Value { return slog.StringValue(v.describe()) }

func (v Verifier) describe() string {
	if v.keys == nil {
		return "nahook.Verifier{}"
	}
	return fmt.Sprintf("nahook.Verifier{secrets: %d}", len(v.keys()))
}
