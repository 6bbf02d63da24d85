// Package mockserver is an in-memory Nahook: the backend's rules over real
// HTTP, for the tests of programs that use it.
//
//	func TestProvisioning(t *testing.T) {
//		srv := mockserver.Start(t)
//		mgmt, err := nahook.NewManagement(srv.ManagementToken(), nahook.WithHTTPClient(srv.HTTPClient()))
//		if err != nil {
//			t.Fatal(err)
//		}
//		app, err := mgmt.Applications.Create(t.Context(), srv.ID(), nahook.CreateApplicationOptions{Name: "Acme Corp"})
//		…
//	}
//
// [Server.HTTPClient] reaches the server in memory under any host name, without
// a socket. [Server.URL] opens a loopback socket for everything else.
//
// # Time
//
// The clock of a workspace stands still at the moment of [Start] until
// [Workspace.Advance] moves it: what a test says about time is exact.
// [WithRealClock] lets it run instead.
//
// # Deliveries
//
// What is sent is delivered: signed, with the documented retries, and recorded.
// The first attempt is made before the request that asks for it is answered, all
// others when the clock is moved to them:
//
//	receiver := srv.Receiver(mockserver.Reply{Status: 503}, mockserver.Reply{})
//	endpoint, err := mgmt.Endpoints.Create(ctx, srv.ID(), nahook.CreateEndpointOptions{URL: receiver.URL()})
//	…
//	client.Send(ctx, endpoint.ID, nahook.SendOptions{Payload: order}) // the receiver answers 503
//	srv.Advance(5 * time.Second)                                      // the first retry has happened
//
// [Workspace.ReceiverHandler] delivers to a webhook handler of the program's own,
// and an endpoint on localhost or a loopback address gets real requests. With
// [WithRealClock] attempts are made in the background, at most 32 at once.
//
// # Bubbles
//
// Inside a testing/synctest bubble everything works that does without a socket:
// make the server in the bubble and use [Server.HTTPClient]. A server from
// outside must not be used inside, and [Server.URL] would wait for ever, as all
// sockets do there.
//
// # Faults
//
// [Workspace.Inject] makes requests and deliveries fail as often as it says, before
// they take effect or after, which is what retries and idempotency keys are about:
//
//	srv.Inject(mockserver.Fault{Match: mockserver.Operation("ingest.send"), AfterCommit: true, Do: mockserver.Reset()})
//
// # Journal
//
// Every request and every attempt is written down, without what opens doors.
// [Workspace.Expect] counts them and shows what comes nearest, and a test that
// fails shows its last ones:
//
//	srv.Expect(t, 2, mockserver.Operation("ingest.send"))
//
// # State
//
// [Workspace.Snapshot] and [Workspace.Restore] take a workspace back to where it
// was, its clock included. [Workspace.Export] describes it as a fixture, which
// [WithFixtures] starts with.
//
// # Isolation
//
// A [Server] is also its default workspace. [Server.StartWorkspace] makes another
// one for one test of several that share the server, with its own tokens, clock,
// faults and journal. There is no reset: a fresh workspace is cheaper and disturbs
// nobody.
//
// # Problems
//
// What the service tolerates and a test should not, such as a request field
// that does not exist or a fault that never hit, fails the test at its end. See
// [Server.Problems].
package mockserver

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/nahook/nahook-go/mockserver/internal/api"
	"github.com/nahook/nahook-go/mockserver/internal/clock"
	"github.com/nahook/nahook-go/mockserver/internal/delivery"
	"github.com/nahook/nahook-go/mockserver/internal/domain"
	"github.com/nahook/nahook-go/mockserver/internal/portal"
	"github.com/nahook/nahook-go/mockserver/internal/store"
)

// TB is the part of [testing.TB] that [Start] needs.
type TB interface {
	Helper()
	Cleanup(func())
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
	Logf(format string, args ...any)
	Failed() bool
}

// Server is an in-memory Nahook. Its embedded workspace is the default one. All
// methods are safe for concurrent use.
type Server struct {
	*Workspace

	tb       TB   // nil for a server made by New
	lenient  bool // towards problems
	store    *store.Store
	handler  http.Handler
	network  *network
	defaults workspaceConfig // of workspaces made later
	problems problems
	log      *slog.Logger
	approves bool // every device grant

	mu         sync.RWMutex
	workspaces []*Workspace
	byRows     map[*store.Workspace]*Workspace
}

// Start makes a server that lives as long as the test. At the test's end it is
// closed, and problems fail the test (see [WithStrict]). Options that make no
// sense end the test at once.
func Start(tb TB, opts ...Option) *Server {
	tb.Helper()
	c, err := configure(opts)
	if err != nil {
		tb.Fatalf("mockserver: %v", err)
		return nil
	}
	s, err := build(c, tb)
	if err != nil {
		tb.Fatalf("mockserver: %v", err)
		return nil
	}
	tb.Cleanup(s.finish)
	return s
}

// New makes a server without a test around it. It opens nothing and starts no
// goroutine; whoever calls it calls [Server.Close] and asks for
// [Server.Problems].
func New(opts ...Option) (*Server, error) {
	c, err := configure(opts)
	if err != nil {
		return nil, fmt.Errorf("mockserver: %w", err)
	}
	s, err := build(c, nil)
	if err != nil {
		return nil, fmt.Errorf("mockserver: %w", err)
	}
	return s, nil
}

func configure(opts []Option) (config, error) {
	c := config{log: slog.New(slog.DiscardHandler)}
	for _, o := range opts {
		if o == nil {
			return c, errNilOption
		}
		if err := o.configureServer(&c); err != nil {
			return c, err
		}
	}
	return c, c.workspace.check()
}

func build(c config, tb TB) (*Server, error) {
	seed := c.seedOrRandom()
	s := &Server{
		tb: tb, lenient: c.lenient, store: store.New(seed), defaults: c.workspace, log: c.log, approves: c.approves,
		byRows: map[*store.Workspace]*Workspace{},
	}
	pages := portal.New(c.basePath(), s.framingOrigins)
	s.handler = api.New(api.Config{
		Store: s.store, PublicURL: c.publicURL, Secure: linksAreHTTPS, Log: c.log, Seed: seed, Report: s.problems.add,
		Record: s.record, Fault: s.fault, Wait: clock.Wait,
		Deliver: s.deliver, Attempt: s.attempt, StartGrant: s.startGrant, PollGrant: s.pollGrant,
		Now: func() domain.Time { return s.rows.Now() }, Shell: pages.Shell, Asset: pages.Asset,
	})
	s.network = newNetwork(s.handler, c.log)
	fixtures := Fixtures{Workspaces: make([]WorkspaceFixture, 1)}
	if c.fixtures != nil {
		fixtures = *c.fixtures
	}
	err := each("workspaces", fixtures.Workspaces, func(f WorkspaceFixture) error {
		_, err := s.addWorkspace(nil, f, c.workspace)
		return err
	})
	if err != nil {
		return nil, err
	}
	s.Workspace = s.workspaces[0]
	return s, nil
}

// basePath is where a proxy serves the portal.
func (c config) basePath() string {
	u, err := url.Parse(c.publicURL)
	if err != nil {
		return "" // it was checked when it was set
	}
	return strings.TrimRight(u.EscapedPath(), "/")
}

func (c config) seedOrRandom() uint64 {
	if c.seed != nil {
		return *c.seed
	}
	var seed [8]byte
	rand.Read(seed[:]) // never fails: the program ends if the system has no entropy
	return binary.BigEndian.Uint64(seed[:])
}

// Workspaces lists the workspaces in the order in which they were made; the
// default one is first.
func (s *Server) Workspaces() []*Workspace {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.workspaces)
}

// Operations lists the ids of everything that [Operation] can match, sorted.
func (s *Server) Operations() []string { return slices.Sorted(maps.Keys(operations())) }

// operations are what exchanges can be, by id.
var operations = sync.OnceValue(func() map[string]bool {
	all := map[string]bool{attemptOperation: true}
	for _, operation := range api.Operations() {
		all[operation] = true
	}
	return all
})

// Handler answers the API's requests, for a server of the caller's own.
func (s *Server) Handler() http.Handler { return s.handler }

// HTTPClient reaches the server in memory, whatever host the URL names and
// whether it says http or https. Each call returns a client of its own over the
// same connections.
func (s *Server) HTTPClient() *http.Client {
	return &http.Client{Transport: s.network.memory()}
}

// URL is where the server listens on loopback, such as
// "http://127.0.0.1:40123". The first call opens the socket. It is of no use in a
// testing/synctest bubble, where a socket blocks time.
func (s *Server) URL() string {
	s.t().Helper()
	url, err := s.network.loopback()
	if err != nil {
		s.fail("URL: %v", err)
	}
	return url
}

// Serve answers the connections of l, in HTTP/1, until the server is closed, and
// closes l. It returns nil when [Server.Close] or [Server.Shutdown] ends it, and
// [http.ErrServerClosed] on a server that is closed already.
func (s *Server) Serve(l net.Listener) error { return s.network.serve(l) }

// Shutdown stops listening and waits until the requests in flight have been
// answered or ctx ends, then closes the server.
func (s *Server) Shutdown(ctx context.Context) error {
	err := s.network.server.Shutdown(ctx)
	return errors.Join(err, s.Close())
}

// Close drops every connection and returns when the goroutines at both of their
// ends are done, also those of clients that left a response body unread; only one
// that waits for a request body of the caller's own goes on until that ends.
// Faults that have not hit as often as they say are problems from then on. Calling
// it again does nothing. A [Workspace.ReceiverHandler] cannot call it: it gets an
// error.
func (s *Server) Close() error {
	if delivery.InsideHandler() {
		return fmt.Errorf("mockserver: Close: %w", delivery.ErrInside)
	}
	for _, w := range s.Workspaces() {
		w.engine.Stop()
	}
	for _, w := range s.Workspaces() {
		w.engine.Close()
	}
	err := s.network.close()
	for _, w := range s.Workspaces() {
		w.conclude()
	}
	return err
}

// Problems are those of every workspace, and of requests that named none.
// [Start] reports them at the end of the test. See [Workspace.Problems].
func (s *Server) Problems() []Problem { return s.problems.of("") }
