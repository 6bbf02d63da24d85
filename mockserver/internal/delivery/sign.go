package delivery

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"

	"github.com/nahook/nahook-go/mockserver/internal/domain"
)

const (
	secretPrefix    = "whsec_"
	signaturePrefix = "v1,"
)

// Unsigned gives the headers that every attempt has.
func Unsigned() http.Header {
	values := [...]string{"application/json", "Nahook-Webhooks/1.0"}
	h := make(http.Header, 8)
	h["Content-Type"] = values[0:1:1]
	h["User-Agent"] = values[1:2:2]
	return h
}

// Signed gives the headers of an attempt at the instant at, with one signature
// for each secret, in their order: a rotated secret comes after its successor.
func Signed(id string, at domain.Time, body []byte, secrets ...string) http.Header {
	timestamp := strconv.FormatInt(at.Std().Unix(), 10)
	signatures := make([]byte, 0, 128)
	for _, secret := range secrets {
		if len(signatures) > 0 {
			signatures = append(signatures, ' ')
		}
		signatures = append(signatures, signaturePrefix...)
		signatures = appendSignature(signatures, secret, id, timestamp, body)
	}
	values := [...]string{id, timestamp, string(signatures)}
	h := Unsigned()
	h["Webhook-Id"] = values[0:1:1]
	h["Webhook-Timestamp"] = values[1:2:2]
	h["Webhook-Signature"] = values[2:3:3]
	return h
}

func appendSignature(b []byte, secret, id, timestamp string, body []byte) []byte {
	message := make([]byte, 0, 64)
	message = append(message, id...)
	message = append(message, '.')
	message = append(message, timestamp...)
	message = append(message, '.')
	mac := hmac.New(sha256.New, key(secret))
	mac.Write(message)
	mac.Write(body)
	var sum [sha256.Size]byte
	return base64.StdEncoding.AppendEncode(b, mac.Sum(sum[:0]))
}

// key ignores an error: nobody can store a secret that is not base64.
func key(secret string) []byte {
	k, _ := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, secretPrefix))
	return k
}
