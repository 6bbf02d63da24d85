package mockserver_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/nahook/nahook-go/mockserver"
)

// failed is a recorder of a test that has failed.
type failed struct{ recorder }

func (*failed) Failed() bool { return true }

// What goes wrong with a workspace fails the test that it belongs to, and at that
// test's end.
func TestWorkspacesOfTests(t *testing.T) {
	t.Parallel()
	owner := &recorder{}
	srv := mockserver.Start(owner)
	first, second := &recorder{}, &recorder{}
	one := srv.StartWorkspace(first, mockserver.WithStart(opening))
	two := srv.StartWorkspace(second)
	require.NotEqual(t, one.ID(), two.ID())
	require.Equal(t, opening, one.Now())

	one.Advance(-time.Second)
	one.Inject(mockserver.Fault{Match: mockserver.Operation("applications.get"), Do: mockserver.Reset()})
	status, _ := send(t, srv.HTTPClient(), "POST", host, two, `{"name":"A","colour":"red"}`)
	require.Equal(t, 201, status)
	status, _ = send(t, srv.HTTPClient(), "POST", host, srv.Workspace, `{"name":"A","shade":"red"}`)
	require.Equal(t, 201, status)
	require.Len(t, two.Requests(), 1)
	require.Empty(t, one.Requests())

	first.finish()
	require.Equal(t, []string{
		"fatal: mockserver: Advance: the clock cannot go back: -1s is negative",
		"error: mockserver: the fault Reset() for operation applications.get has hit 0 of 1 time: 0 requests matched, of which it lets 0 pass first",
	}, first.lines)
	require.Empty(t, second.lines)
	second.finish()
	require.Equal(t, []string{`error: mockserver: applications.create: the request has the unknown field "colour"`}, second.lines)
	owner.finish()
	require.Equal(t, []string{`error: mockserver: applications.create: the request has the unknown field "shade"`}, owner.lines)
}

func TestAWorkspaceOfATestOnAServerOfNone(t *testing.T) {
	t.Parallel()
	srv, err := mockserver.New(mockserver.WithStrict(false))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, srv.Close()) })
	r := &recorder{}
	w := srv.StartWorkspace(r)
	w.Inject(mockserver.Fault{})
	send(t, srv.HTTPClient(), "POST", host, w, `{"name":"A","colour":"red"}`)
	require.Nil(t, srv.StartWorkspace(r, mockserver.WithEndpointLimit(-1)))
	r.finish()
	require.Equal(t, []string{
		"fatal: mockserver: Inject: the fault does nothing: Do is not set",
		"fatal: mockserver: StartWorkspace: WithEndpointLimit: -1 is not between 0 and 2147483647",
		`log: mockserver: applications.create: the request has the unknown field "colour"`,
	}, r.lines)
	require.PanicsWithValue(t, "mockserver: Inject: the fault does nothing: Do is not set", func() { srv.Inject(mockserver.Fault{}) })
}

// The deliveries of a workspace end with its test.
func TestAWorkspaceEndsWithItsTest(t *testing.T) {
	t.Parallel()
	srv := mockserver.Start(t)
	r := &recorder{}
	w := srv.StartWorkspace(r)
	a := over(t, srv).as(w.ManagementToken())
	receiver := w.Receiver(mockserver.Reply{Status: 500})
	endpoint := a.post("/management/v1/workspaces/"+w.ID()+"/endpoints", `{"url":"`+receiver.URL()+`"}`).text("id")
	require.Equal(t, 202, a.as(w.APIKey()).post("/api/ingest/"+endpoint, `{"payload":{}}`).status)
	require.Len(t, receiver.Requests(), 1)
	r.finish()
	require.Empty(t, r.lines)
}

// A failed test shows what it has done, and a test that has not does not.
func TestAFailedTestShowsWhatItHasDone(t *testing.T) {
	t.Parallel()
	r := &failed{}
	srv := mockserver.Start(r, mockserver.WithStart(opening), mockserver.WithFixtures(mockserver.Fixtures{Workspaces: []mockserver.WorkspaceFixture{{ID: "ws_1"}}}))
	idle, own := srv.NewWorkspace(), &recorder{}
	quiet := srv.StartWorkspace(own)
	fetch(t, srv.HTTPClient(), host, quiet)
	for range 24 {
		send(t, srv.HTTPClient(), "POST", host, srv.Workspace, `{"name":"A"}`)
	}
	require.Empty(t, idle.Requests())
	own.finish()
	require.Empty(t, own.lines)
	r.finish()
	require.Len(t, r.lines, 1)
	lines := strings.Split(r.lines[0], "\n")
	require.Equal(t, "log: mockserver: workspace ws_1 at 2026-01-15T10:30:00.000Z: 24 applications, 0 endpoints, 0 event types; its last 20 exchanges:", lines[0])
	require.Len(t, lines, 21)
	require.Equal(t, "  10:30:00.000 applications.create POST /management/v1/workspaces/ws_1/applications → 201", lines[20])
}
