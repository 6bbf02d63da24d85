package api

import (
	"net"
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
	if f.portal {
		var err error
		x.portal, x.workspace, err = a.Store.Portal(token)
		x.actor = x.portal.Actor()
		return err
	}
	credential, workspace := a.Store.Lookup(token)
	if credential == nil || !slices.Contains(f.kinds, credential.Kind) {
		return domain.Refuse(domain.CodeUnauthorized, "Invalid token")
	}
	x.workspace, x.credential, x.actor = workspace, credential, credential.Actor()
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
		if verdict := x.workspace.TakeTest(x.actor.ID); verdict.Refused {
			return refuseUntil(h, verdict)
		}
	}
	return nil
}

// throttleExchange refuses whoever has guessed too often.
func (a *API) throttleExchange(h http.Header, r *http.Request) error {
	if verdict := a.Store.FailedExchanges(address(r), a.Now()); verdict.Refused {
		return refuseUntil(h, verdict)
	}
	return nil
}

// address is where a request comes from. What its headers say of that anybody
// could write.
func address(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

func refuseUntil(h http.Header, v domain.RateVerdict) error {
	h.Set("Retry-After", strconv.Itoa(wholeSeconds(v.Reset)))
	return errRateLimited
}

// wholeSeconds rounds up: a client that waits as long as it is told to must
// not come too early.
func wholeSeconds(d time.Duration) int { return int((d + time.Second - 1) / time.Second) }
