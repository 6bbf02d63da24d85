// Package api is the HTTP face of the reference server: routes, wire structs,
// decoding, encoding and authentication. It knows how the contract is spelt and
// leaves every rule to the store and the domain.
package api

import (
	"cmp"
	"context"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"sync/atomic"
	"time"

	"github.com/nahook/nahook-go/mockserver/internal/domain"
	"github.com/nahook/nahook-go/mockserver/internal/store"
)

// Config is what an [API] is made of.
type Config struct {
	Store *store.Store
	// PublicURL begins the links that the server hands out. Empty means scheme
	// and host of the request that asks for the link.
	PublicURL string
	// Secure tells whether a client would call the request's scheme https.
	Secure func(*http.Request) bool
	Log    *slog.Logger
	Seed   uint64 // of request ids
	// Report takes what the service would let pass and a test should not. It is
	// called on the request's goroutine.
	Report func(Problem)
	// Record takes every request with its answer, on the request's goroutine before
	// the client has the answer.
	Record func(Record)
	// Fault gives what shall go wrong with a request, nil for nothing. The workspace
	// is nil for requests that need no token.
	Fault func(w *store.Workspace, operation string, r *http.Request, body []byte) *Fault
	// Wait returns after some time, or when ctx ends.
	Wait func(ctx context.Context, d time.Duration)
	// Deliver makes the first attempt at each delivery, or has it made, in this
	// order.
	Deliver func(*store.Workspace, []*domain.Delivery)
	// Attempt makes the one attempt at a delivery, within limit, and gives the
	// delivery as it is then.
	Attempt func(w *store.Workspace, d *domain.Delivery, limit time.Duration) *domain.Delivery
	// Shell answers every page of a portal session, and Asset with a script or a
	// style; it reports false if there is none of that name.
	Shell func(w http.ResponseWriter, r *http.Request, sessionID string)
	Asset func(w http.ResponseWriter, r *http.Request, name string) bool
	// Now is the instant of what belongs to no workspace.
	Now func() domain.Time
	// StartGrant and PollGrant run device grants, which belong to no workspace
	// until somebody approves them.
	StartGrant func() (deviceCode, userCode string)
	PollGrant  func(deviceCode, machine string) (*domain.Credential, *store.Workspace, error)
}

// Problem is something wrong with a request that got its answer all the same.
type Problem struct {
	Workspace string // id; empty where none was found
	Operation string // empty where no route was found
	Text      string
}

// API answers every request of every family, on every host.
type API struct {
	Config
	cursors cursors
	// crossOrigin refuses what a page of another origin makes a browser send.
	crossOrigin *http.CrossOriginProtection
	requests    atomic.Uint64
}

// New makes an API.
func New(c Config) *API {
	return &API{Config: c, cursors: newCursors(c.Seed), crossOrigin: http.NewCrossOriginProtection()}
}

// ServeHTTP answers one request, in the documented envelope whatever happens.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	answer := &answer{ResponseWriter: w, api: a, request: r, path: r.URL.EscapedPath()}
	defer answer.finish()
	defer a.recover(answer)
	if !plainPath(answer.path) {
		answer.error(errRouteNotFound)
		return
	}
	routing().mux.ServeHTTP(answer, r)
}

// recover turns a panic into the documented 500 and a problem. It lets the one
// panic pass that net/http defines, which asks to drop the connection.
func (a *API) recover(w *answer) {
	cause := recover()
	if cause == nil {
		return
	}
	if err, ok := cause.(error); ok && errors.Is(err, http.ErrAbortHandler) {
		panic(cause)
	}
	w.fault = nil
	w.report(fmt.Sprintf("the handler panicked: %v\n%s", cause, debug.Stack()))
	w.error(errInternal)
}

// requestID names one request. Ids are distinct within a server and need no
// lock, unlike those of records.
func (a *API) requestID() string {
	var id [8]byte
	binary.BigEndian.PutUint64(id[:], scramble(a.Seed+a.requests.Add(1)))
	return "req_" + hex.EncodeToString(id[:])
}

// scramble is a bijection (the finalizer of SplitMix64), so that numbers which
// count up do not look as if they meant something.
func scramble(n uint64) uint64 {
	n += 0x9e3779b97f4a7c15
	n = (n ^ n>>30) * 0xbf58476d1ce4e5b9
	n = (n ^ n>>27) * 0x94d049bb133111eb
	return n ^ n>>31
}

// publicURL is how links that answer r begin.
func (a *API) publicURL(r *http.Request) string {
	if a.PublicURL != "" {
		return a.PublicURL
	}
	scheme := "http"
	if a.Secure(r) {
		scheme = "https"
	}
	return scheme + "://" + cmp.Or(r.Host, localAddress(r))
}

// localAddress stands in for the host of an HTTP/1.0 request that names none.
func localAddress(r *http.Request) string {
	return fmt.Sprint(r.Context().Value(http.LocalAddrContextKey))
}
