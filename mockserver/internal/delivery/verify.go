package delivery

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
)

// Verdict is what a receiver finds out about a signature. Its age plays no
// part: the server's clock may stand still while it is looked at.
type Verdict string

// The verdicts.
const (
	SignatureValid   Verdict = "valid"
	SignatureInvalid Verdict = "invalid"
	SignatureMissing Verdict = "unsigned"
)

// Verify judges what arrived by the secrets that are current. It is written
// as a receiver would do it and shares nothing with Signed, which it checks.
func Verify(h http.Header, body []byte, secrets ...string) Verdict {
	claims := strings.Fields(h.Get("webhook-signature"))
	if len(claims) == 0 {
		return SignatureMissing
	}
	valid := false
	for _, secret := range secrets {
		key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
		if err != nil {
			continue
		}
		mac := hmac.New(sha256.New, key)
		fmt.Fprintf(mac, "%s.%s.%s", h.Get("webhook-id"), h.Get("webhook-timestamp"), body)
		valid = matches(claims, mac.Sum(nil)) || valid
	}
	if valid {
		return SignatureValid
	}
	return SignatureInvalid
}

// matches compares in constant time, and skips versions it does not know.
func matches(claims []string, want []byte) bool {
	found := false
	for _, claim := range claims {
		encoded, known := strings.CutPrefix(claim, "v1,")
		got, err := base64.StdEncoding.DecodeString(encoded)
		found = known && err == nil && hmac.Equal(got, want) || found
	}
	return found
}
