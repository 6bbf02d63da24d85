package api

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/nahook/nahook-go/mockserver/internal/domain"
)

// authenticate finds the workspace that the request's token opens. A token of
// another family is answered like one that was never issued.
func (a *API) authenticate(x *exchange, f family) error {
	token, ok := bearer(x.Header)
	if !ok {
		return domain.Refuse(domain.CodeUnauthorized, "Missing or invalid authorization header")
	}
	credential, workspace := a.Store.Lookup(token)
	if credential == nil || !slices.Contains(f.kinds, credential.Kind) {
		return domain.Refuse(domain.CodeUnauthorized, "Invalid token")
	}
	x.workspace, x.credential = workspace, credential
	return credential.Check(workspace.Now())
}

// bearer reads the one Authorization header. Two of them are refused: proxies
// disagree on which one counts.
func bearer(h http.Header) (string, bool) {
	values := h["Authorization"]
	if len(values) != 1 {
		return "", false
	}
	scheme, token, _ := strings.Cut(values[0], " ")
	token = strings.TrimLeft(token, " ")
	ok := strings.EqualFold(scheme, "Bearer") && token != "" && !strings.ContainsAny(token, " \t,")
	return token, ok
}

// throttle counts the request and tells the client where it stands.
func throttle(h http.Header, x *exchange, rt route) error {
	if verdict, limited := x.workspace.TakeRequest(); limited {
		h.Set("X-RateLimit-Limit", strconv.Itoa(verdict.Limit))
		h.Set("X-RateLimit-Remaining", strconv.Itoa(verdict.Remaining))
		h.Set("X-RateLimit-Reset", strconv.Itoa(wholeSeconds(verdict.Reset)))
		if verdict.Refused {
			return refuseUntil(h, verdict)
		}
	}
	if rt.limited {
		if verdict := x.workspace.TakeTest(x.credential.ID); verdict.Refused {
			return refuseUntil(h, verdict)
		}
	}
	return nil
}

func refuseUntil(h http.Header, v domain.RateVerdict) error {
	h.Set("Retry-After", strconv.Itoa(wholeSeconds(v.Reset)))
	return errRateLimited
}

// wholeSeconds rounds up: a client that waits as long as it is told to must
// not come too early.
func wholeSeconds(d time.Duration) int { return int((d + time.Second - 1) / time.Second) }
