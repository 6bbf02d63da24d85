package mockserver_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nahook/nahook-go/mockserver"
)

// soon is more machine time than anything here takes that does not hang.
const soon = 20 * time.Second

// deleteSlowly asks over a socket for app_a to be deleted, with a body of which so
// much is sent and that no handler looks at, and returns the connection once that is
// done and the answer is held up for an hour.
func (a api) deleteSlowly(length, sent int) net.Conn {
	a.t.Helper()
	a.srv.Inject(mockserver.Fault{Match: mockserver.Operation("applications.delete"), AfterCommit: true, Do: mockserver.Latency(time.Hour)})
	conn, err := net.Dial("tcp", strings.TrimPrefix(a.srv.URL(), "http://"))
	require.NoError(a.t, err)
	_, err = fmt.Fprintf(conn, "DELETE %s/applications/app_a HTTP/1.1\r\nHost: a\r\n%s\r\n%s\r\nContent-Length: %d\r\n\r\n%s", inA, bearer, isJSON, length, strings.Repeat("x", sent))
	require.NoError(a.t, err)
	ctx, cancel := context.WithTimeout(a.t.Context(), soon)
	defer cancel()
	for status := 200; status == 200; {
		res, err := a.send(ctx, http.MethodGet, inA+"/applications/app_a", "")
		require.NoError(a.t, err)
		status = res.status
	}
	return conn
}

func TestCloseEndsAWait(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ length, sent int }{{0, 0}, {2, 2}, {1 << 30, 16 << 20}} {
		a := serve(t)
		conn := a.deleteSlowly(c.length, c.sent)
		closed := make(chan error, 1)
		go func() { closed <- a.srv.Close() }()
		select {
		case err := <-closed:
			require.NoError(t, err)
		case <-time.After(soon):
			t.Fatal("Close waits for the fault")
		}
		require.NoError(t, conn.Close())
	}
}

func TestAClientThatLeavesEndsAWait(t *testing.T) {
	t.Parallel()
	a := serve(t)
	conn := a.deleteSlowly(2, 2)
	require.NoError(t, conn.Close())
	ctx, cancel := context.WithTimeout(t.Context(), soon)
	defer cancel()
	e, err := a.srv.WaitFor(ctx, mockserver.Operation("applications.delete"))
	require.NoError(t, err)
	require.Equal(t, "Latency(1h0m0s)", e.Fault)
	require.Nil(t, e.Body, "that of a DELETE is not looked at")
}

// A body that is left unread would turn the end of a connection into a reset.
func TestABodyThatNobodyReadsChangesNoEffect(t *testing.T) {
	t.Parallel()
	for effect, want := range map[string]string{"EmptyReply()": "`io.EOF`", "Truncate(5)": "`io.ErrUnexpectedEOF`", "Garbage()": "malformed HTTP response", "Reset()": "`ECONNRESET`"} {
		for _, after := range []bool{false, true} {
			for range 5 {
				a := serve(t).overSocket()
				for _, e := range effects {
					if e.String() == effect {
						a.srv.Inject(mockserver.Fault{AfterCommit: after, Do: e})
					}
				}
				_, err := a.send(t.Context(), http.MethodGet, inA+"/applications/app_a", strings.Repeat("x", 60_000))
				require.Error(t, err, effect)
				assert.Equal(t, want, inShort(err), effect)
			}
		}
	}
}

// An answer that ends where it is to be cut, or has nothing to cut, stays whole, and
// the test hears of it.
func TestAnswersThatCannotBeCut(t *testing.T) {
	t.Parallel()
	a := serveTolerant(t)
	whole := a.get(inA + "/applications/app_a").body
	path := inA + "/applications/app_a"
	a.srv.Inject(mockserver.Fault{Do: mockserver.Truncate(len(whole) - 1)})
	got, err := a.send(t.Context(), http.MethodGet, path, "")
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	require.Equal(t, whole[:len(whole)-1], got.body)
	require.Empty(t, a.srv.Problems())

	a.srv.Inject(mockserver.Fault{Do: mockserver.Truncate(len(whole))})
	require.Equal(t, whole, a.get(path).body)
	require.Len(t, a.srv.Problems(), 1)
	require.Contains(t, a.srv.Problems()[0].Text, fmt.Sprintf("the fault Truncate(%d) cannot be applied: ", len(whole)))

	a.srv.Inject(mockserver.Fault{Do: mockserver.Truncate(5)})
	head := a.do(http.MethodHead, path, "")
	require.Equal(t, 200, head.status)
	require.Equal(t, fmt.Sprint(len(whole)), head.header.Get("Content-Length"))
	require.Len(t, a.srv.Problems(), 2)
	require.Contains(t, a.srv.Problems()[1].Text, "the fault Truncate(5) cannot be applied: ")

	a.srv.Inject(mockserver.Fault{Do: mockserver.Truncate(0)})
	require.Equal(t, 204, a.delete(path).status)
	require.Len(t, a.srv.Problems(), 3)
	require.Contains(t, a.srv.Problems()[2].Text, "the fault Truncate(0) cannot be applied: ")
}

func TestFaultsThatCouldNeverBe(t *testing.T) {
	t.Parallel()
	get := mockserver.Method("GET")
	tooLate := "Answered picks requests by their answer, which is too late for a fault"
	for _, c := range []struct {
		want  string
		fault mockserver.Fault
	}{
		{"Status(600): the status is not between 400 and 599", mockserver.Fault{Do: mockserver.Status(600)}},
		{"Status(399): the status is not between 400 and 599", mockserver.Fault{Do: mockserver.Status(399)}},
		{tooLate, mockserver.Fault{Match: mockserver.All(mockserver.Answered(200), get), Do: mockserver.Reset()}},
		{tooLate, mockserver.Fault{Match: mockserver.All(get, mockserver.All(mockserver.Answered(0))), Do: mockserver.Reset()}},
		{"Field(\"a\"): the value cannot be JSON: json: unsupported type: chan int", mockserver.Fault{Match: mockserver.All(mockserver.Field("a", make(chan int)), get), Do: mockserver.Reset()}},
		{"neither Times (0) nor After (-1) can be negative", mockserver.Fault{After: -1, Do: mockserver.Reset()}},
	} {
		r := &recorder{}
		srv := mockserver.Start(r)
		srv.Inject(c.fault)
		r.finish()
		require.Equal(t, []string{"fatal: mockserver: Inject: " + c.want}, r.lines)
	}
	for _, status := range []int{400, 599} {
		a := serve(t)
		a.srv.Inject(mockserver.Fault{Do: mockserver.Status(status)})
		require.Equal(t, status, a.get(inA+"/applications").status)
	}
}

func TestOnlyACursorCanBeStale(t *testing.T) {
	t.Parallel()
	a := serve(t)
	list := inA + "/endpoints/ep_b/deliveries"
	for _, query := range []string{"?cursor=x", "?limit=1&c%75rsor=x"} {
		a.srv.Inject(mockserver.Fault{Do: mockserver.StaleCursor()})
		for _, query := range []string{"", "?mycursor=x", "?cursor=", "?limit=1", "?q=cursor%3Dx"} {
			require.Equal(t, 200, a.get(list+query).status, query)
		}
		require.Equal(t, 201, a.post(inA+"/applications", `{"name":"A"}`).status)
		a.get(list+query).refuses(400, "invalid_cursor", "Invalid cursor")
	}
	a.get(list + "?limit=1")
	require.Len(t, a.srv.Requests(mockserver.Answered(400)), 2)
}

// Who has done what it says goes, and nobody else.
func TestAFaultOutlivesTheNext(t *testing.T) {
	t.Parallel()
	a := serve(t)
	match := mockserver.Operation("applications.get")
	a.srv.Inject(mockserver.Fault{Match: match, After: 2, Do: mockserver.Status(500)})
	a.srv.Inject(mockserver.Fault{Match: match, Do: mockserver.Status(502)})
	var got []int
	for range 4 {
		got = append(got, a.get(inA+"/applications/app_a").status)
	}
	require.Equal(t, []int{502, 200, 500, 200}, got)
	a.srv.Inject(mockserver.Fault{Match: match, Do: mockserver.Status(503)})
	require.Equal(t, 503, a.get(inA+"/applications/app_a").status)
}

// A fault sees what the journal has, and no more.
func TestFaultsSeeNoCredentials(t *testing.T) {
	t.Parallel()
	r := &recorder{}
	srv := mockserver.Start(r, options(t, tenants, nil)...)
	a := over(t, srv)
	srv.Inject(mockserver.Fault{Match: mockserver.Header("Authorization", "Bearer nhm_a"), Do: mockserver.Status(503)})
	srv.Inject(mockserver.Fault{Match: mockserver.Field("authPassword", "guess"), Do: mockserver.Status(503)})
	require.Equal(t, 200, a.get(inA+"/applications").status)
	require.Equal(t, 201, a.post(inA+"/endpoints", `{"url":"https://a.test","authUsername":"u","authPassword":"guess"}`).status)
	srv.Inject(mockserver.Fault{Match: mockserver.Header("Authorization", "Bearer [redacted]"), Do: mockserver.Status(502)})
	require.Equal(t, 502, a.get(inA+"/applications").status)
	r.finish()
	require.Len(t, r.lines, 2)
	for _, line := range r.lines {
		require.Contains(t, line, " has hit 0 of 1 time")
	}
}

// Whose exchange a fault refused has not guessed.
func TestExchangesThatAFaultRefusedAreNoGuesses(t *testing.T) {
	t.Parallel()
	a := serve(t)
	code := a.code(`{}`)
	a.srv.Inject(mockserver.Fault{Match: mockserver.Operation("portal.session.exchange"), Times: 31, Do: mockserver.Status(400)})
	for range 31 {
		require.Equal(t, 400, a.exchange(code).status)
	}
	require.Equal(t, 200, a.exchange(code).status)
}

// What an attempt may take is its own time and what is added to it.
func TestLatencyAddsToTheTimeOfAnAttempt(t *testing.T) {
	t.Parallel()
	const timedOut = `"responseStatusCode":null,"responseTimeMs":null,"errorMessage":"no complete answer within `
	for _, c := range []struct {
		took, wait time.Duration
		want       string
	}{
		{0, 15 * time.Second, `"responseStatusCode":200,"responseTimeMs":15000,`},
		{5 * time.Second, 10 * time.Second, `"responseStatusCode":200,"responseTimeMs":15000,`},
		{0, 15*time.Second + time.Millisecond, timedOut + `15s"`},
		{5 * time.Second, 10*time.Second + time.Millisecond, timedOut + `15s"`},
		{15 * time.Second, time.Millisecond, timedOut + `15s"`},
	} {
		a := serve(t)
		id := a.endpointAt(a.srv.Workspace, a.srv.Receiver(mockserver.Reply{Delay: c.took}))
		a.srv.Inject(mockserver.Fault{Match: attempts, Do: mockserver.Latency(c.wait)})
		delivery := a.sendTo(a.srv.Workspace, id)
		assert.Contains(t, a.get(inA+"/deliveries/"+delivery+"/attempts").body, c.want, "%v and %v", c.took, c.wait)
	}
	for _, c := range []struct {
		took, wait time.Duration
		want       string
	}{
		{0, 10 * time.Second, `"responseStatusCode":200,"responseTimeMs":10000,`},
		{0, 12 * time.Second, timedOut + `10s"`},
		{4 * time.Second, 7 * time.Second, timedOut + `10s"`},
	} {
		a := serve(t)
		id := a.endpointAt(a.srv.Workspace, a.srv.Receiver(mockserver.Reply{Delay: c.took}))
		a.srv.Inject(mockserver.Fault{Match: attempts, Do: mockserver.Latency(c.wait)})
		res := a.as("nhs_a").post(dashA+"/endpoints/"+id+"/test", "")
		assert.Contains(t, res.body, c.want, "a test, %v and %v", c.took, c.wait)
	}
}
