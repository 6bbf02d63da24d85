package mockserver_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nahook/nahook-go/mockserver"
)

// in is where the management API has a workspace.
func in(w *mockserver.Workspace) string { return "/management/v1/workspaces/" + w.ID() }

// endpointAt makes an endpoint of the workspace that r takes deliveries for.
func (a api) endpointAt(w *mockserver.Workspace, r *mockserver.Receiver) string {
	a.t.Helper()
	res := a.as(w.ManagementToken()).post(in(w)+"/endpoints", `{"url":"`+r.URL()+`"}`)
	require.Equal(a.t, 201, res.status, res.body)
	return res.text("id")
}

// sendTo sends an empty message to an endpoint of the workspace and gives the
// delivery's id.
func (a api) sendTo(w *mockserver.Workspace, endpoint string) string {
	a.t.Helper()
	res := a.as(w.APIKey()).post(ingest+"/"+endpoint, `{"payload":{}}`)
	require.Equal(a.t, 202, res.status, res.body)
	return res.text("deliveryId")
}

func TestRetriesOfARunningClockAreRestored(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := over(t, mockserver.Start(t, mockserver.WithRealClock()))
		r := a.srv.Receiver(mockserver.Reply{Status: 500}, mockserver.Reply{})
		id := a.sendTo(a.srv.Workspace, a.endpointAt(a.srv.Workspace, r))
		synctest.Wait()
		s := a.srv.Snapshot()
		a.srv.Restore(s)
		time.Sleep(time.Minute)
		require.Len(t, r.Requests(), 2)
		require.Equal(t, 5*time.Second, r.Requests()[1].At.Sub(r.Requests()[0].At))
		for i := range 2 {
			require.Equal(t, "delivered", a.get(in(a.srv.Workspace)+"/deliveries/"+id).text("status"))
			a.srv.Restore(s)
			synctest.Wait()
			require.Len(t, r.Requests(), 3+i, "its time has come long ago")
		}
	})
}

func TestTwoSnapshotsShareNothing(t *testing.T) {
	t.Parallel()
	a := serve(t)
	for range 3 {
		a.post(inA+"/applications", `{"name":"A"}`)
	}
	first, before := a.srv.Snapshot(), everything(a)
	a.post(inA+"/applications", `{"name":"Last"}`)
	second, after := a.srv.Snapshot(), everything(a)
	for range 2 {
		a.srv.Restore(first)
		require.Equal(t, before, everything(a))
		a.post(inA+"/endpoints", `{"url":"https://x.test"}`)
		a.srv.Restore(second)
		require.Equal(t, after, everything(a))
		a.delete(inA + "/applications/app_b")
	}
}

// The retries of a running clock end with the test that the workspace belongs to.
func TestAWorkspaceOfATestMakesNoAttemptAfterIt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := over(t, mockserver.Start(t, mockserver.WithRealClock()))
		r := &recorder{}
		w := a.srv.StartWorkspace(r)
		receiver := w.Receiver(mockserver.Reply{Status: 500})
		a.sendTo(w, a.endpointAt(w, receiver))
		synctest.Wait()
		require.Len(t, receiver.Requests(), 1)
		r.finish()
		time.Sleep(48 * time.Hour)
		require.Len(t, receiver.Requests(), 1)
		require.Empty(t, r.lines)
	})
}

func TestTokensOfASnapshotSurviveImports(t *testing.T) {
	t.Parallel()
	a := serve(t)
	s := a.srv.Snapshot()
	for range 2 {
		a.srv.Restore(s)
		require.Equal(t, "nhm_a", a.srv.ManagementToken())
		require.Equal(t, "nhk_us_a", a.srv.APIKey())
		require.Equal(t, "nhs_a", a.srv.SessionToken())
		require.Equal(t, 200, a.get(inA+"/applications/app_a").status)
		a.srv.Import(mockserver.WorkspaceFixture{})
		require.Equal(t, 401, a.get(inA+"/applications").status)
		require.Equal(t, 200, a.as(a.srv.ManagementToken()).get(inA+"/applications").status)
	}
}

// What has another owner meanwhile stays with that one.
func TestATokenThatAnotherWorkspaceHasTakenIsNotTakenBack(t *testing.T) {
	t.Parallel()
	a := serve(t)
	other := a.srv.NewWorkspace()
	s := a.srv.Snapshot()
	a.srv.Import(mockserver.WorkspaceFixture{})
	other.Import(mockserver.WorkspaceFixture{ManagementTokens: []mockserver.TokenFixture{{Token: "nhm_a"}}})
	a.srv.Restore(s)
	require.Equal(t, 200, a.get(in(other)+"/applications").status)
	require.NotEqual(t, 200, a.get(inA+"/applications").status)
	require.Equal(t, 200, a.as("nhs_a").get(dashA+"/applications").status, "the others are back")
}

// An attempt that no schedule repeats, and of which nobody knows how it ended, has
// failed.
func TestATestDeliveryThatWasOnItsWayHasFailed(t *testing.T) {
	t.Parallel()
	a := serve(t)
	var s *mockserver.Snapshot
	r := a.srv.ReceiverHandler(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		if s == nil {
			s = a.srv.Snapshot()
		}
	}))
	id := a.endpointAt(a.srv.Workspace, r)
	require.Equal(t, 200, a.as("nhs_a").post(dashA+"/endpoints/"+id+"/test", `{}`).status)
	a.srv.Restore(s)
	a.srv.Drain()
	require.Len(t, r.Requests(), 1)
	require.Contains(t, a.get(inA+"/endpoints/"+id+"/deliveries").body, `"status":"failed"`)
}

// What a fixture says is on its way is so by decree: nobody works on it, now or
// later.
func TestSeededDeliveriesAreNotResumed(t *testing.T) {
	t.Parallel()
	a := serve(t)
	r := a.srv.Receiver()
	f := a.srv.Export(true)
	f.Endpoints[1].URL, f.Endpoints[1].Deliver = r.URL(), ""
	require.Equal(t, "ep_b", f.Endpoints[1].ID)
	for _, status := range []string{"pending", "delivering"} {
		f.Deliveries[0].Status = status
		a.srv.Import(f)
		for range 2 {
			a.srv.Restore(a.srv.Snapshot())
			a.srv.Drain()
			require.Equal(t, status, a.get(inA+"/deliveries/del_a").text("status"))
		}
	}
	require.Empty(t, r.Requests())
}

func TestTheRateWindowIsRestored(t *testing.T) {
	t.Parallel()
	a := serve(t, mockserver.WithRateLimit(2, time.Minute))
	require.Equal(t, 200, a.get(inA+"/applications").status)
	s := a.srv.Snapshot()
	for range 2 {
		require.Equal(t, 200, a.get(inA+"/applications").status)
		require.Equal(t, 429, a.get(inA+"/applications").status)
		a.srv.Restore(s)
	}
}

func TestTheCountOfPortalTestsIsRestored(t *testing.T) {
	t.Parallel()
	a := serve(t)
	p := a.portalAs("editor")
	test := func() int { return p.post(portal+"/endpoints/ep_a/test", "").status }
	for range 9 {
		require.Equal(t, 200, test())
	}
	nine := a.srv.Snapshot()
	require.Equal(t, 200, test())
	ten := a.srv.Snapshot()
	a.srv.Advance(time.Minute)
	require.Equal(t, 200, test())
	a.srv.Restore(ten)
	require.Equal(t, 429, test())
	a.srv.Restore(nine)
	require.Equal(t, 200, test())
	require.Equal(t, 429, test())
}

func TestSessionsMadeAfterASnapshotAreUnknownAfterwards(t *testing.T) {
	t.Parallel()
	a := serve(t, mockserver.WithFramingOrigins("https://saas.test"))
	before := a.link()
	s := a.srv.Snapshot()
	after, code, p := a.link(), a.code(`{}`), a.portalAs("editor")
	require.Empty(t, a.visit(after).header.Get("X-Frame-Options"))
	a.srv.Restore(s)
	require.Equal(t, "DENY", a.visit(after).header.Get("X-Frame-Options"), "the page of a session that there is not may be framed by nobody")
	require.Empty(t, a.visit(before).header.Get("X-Frame-Options"))
	require.Equal(t, invalidCode, a.exchange(code).body)
	require.Equal(t, 401, p.get(portal+"/session").status)
}

func TestFramingOriginsAreRestoredAndImported(t *testing.T) {
	t.Parallel()
	a := serve(t)
	origins := func() []string { return a.srv.Export(true).FramingOrigins }
	require.Equal(t, []string{}, origins(), "nobody, which is something else than whoever the options say")
	none, f := a.srv.Snapshot(), a.srv.Export(true)
	a.srv.SetFramingOrigins("https://a.test", "https://b.test")
	two := a.srv.Snapshot()
	a.srv.Import(f)
	require.Equal(t, []string{}, origins())
	a.srv.Restore(two)
	require.Equal(t, []string{"https://a.test", "https://b.test"}, origins())
	a.srv.SetFramingOrigins("https://c.test")
	a.srv.Restore(none)
	require.Equal(t, []string{}, origins())
	f.FramingOrigins = []string{"https://d.test"}
	a.srv.Import(f)
	require.Equal(t, []string{"https://d.test"}, origins())
	a.srv.Restore(two)
	require.Equal(t, []string{"https://a.test", "https://b.test"}, origins())
}

func TestOfTwoDeliveriesWithOneKeyTheNewerAnswers(t *testing.T) {
	t.Parallel()
	a := serve(t)
	f := a.srv.Export(true)
	f.Deliveries = nil
	for i, id := range []string{"del_old", "del_new", "del_older"} {
		at := opening.Add(-[]time.Duration{2, 1, 3}[i] * time.Hour)
		f.Deliveries = append(f.Deliveries, mockserver.DeliveryFixture{ID: id, EndpointID: "ep_b", Status: "delivered", IdempotencyKey: "k", CreatedAt: &at})
	}
	a.srv.Import(f)
	for range 2 {
		require.Equal(t, "del_new", a.as("nhk_us_a").post(ingest+"/ep_b", `{"payload":{},"idempotencyKey":"k"}`).text("deliveryId"))
		a.srv.Restore(a.srv.Snapshot())
	}
}

// What a trigger had accepted and not yet begun is due at once, too.
func TestWhatATriggerHasYetToSendIsRestored(t *testing.T) {
	t.Parallel()
	a := serve(t)
	var s *mockserver.Snapshot
	first := a.srv.ReceiverHandler(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		if s == nil {
			s = a.srv.Snapshot()
		}
	}))
	second := a.srv.Receiver()
	for _, r := range []*mockserver.Receiver{first, second} {
		require.Equal(t, 201, a.post(inA+"/endpoints/"+a.endpointAt(a.srv.Workspace, r)+"/subscriptions", `{"eventTypeIds":["evt_b"]}`).status)
	}
	ids := a.as("nhk_us_a").post(ingest+"/event/order.paid", `{"payload":{}}`).deliveryIDs()
	require.Len(t, ids, 2)
	for i := range 2 {
		require.Len(t, first.Requests(), 1+i)
		require.Len(t, second.Requests(), 1+i)
		a.srv.Restore(s)
		a.srv.Advance(0)
	}
	for _, id := range ids {
		require.Equal(t, "delivered", a.get(inA+"/deliveries/"+id).text("status"))
		require.Equal(t, 1, strings.Count(a.get(inA+"/deliveries/"+id+"/attempts").body, `"id"`))
	}
}

// A delivery that somebody else works on is not final, and may have retries to
// come.
func TestDrainWaitsForWhatOthersSend(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := serve(t)
		release := make(chan struct{})
		first := true
		r := a.srv.ReceiverHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			if first {
				first = false
				<-release
				w.WriteHeader(500)
			}
		}))
		id := a.endpointAt(a.srv.Workspace, r)
		var others sync.WaitGroup
		others.Go(func() {
			res, err := a.as("nhk_us_a").send(t.Context(), "POST", ingest+"/"+id, `{"payload":{}}`)
			assert.NoError(t, err)
			assert.Equal(t, 202, res.status)
		})
		synctest.Wait()
		drained := make(chan struct{})
		others.Go(func() {
			a.srv.Drain()
			close(drained)
		})
		synctest.Wait()
		select {
		case <-drained:
			t.Error("Drain did not wait")
		default:
		}
		close(release)
		<-drained
		require.Len(t, r.Requests(), 2)
		require.Contains(t, a.get(inA+"/endpoints/"+id+"/deliveries").body, `"status":"delivered"`)
		others.Wait()
	})
}

// Who asks while a fixture is imported finds what was there before or what is there
// then, and a token that is in both works all the time.
func TestImportsAreAtomic(t *testing.T) {
	t.Parallel()
	a := serve(t).direct()
	f := a.srv.Export(true)
	stop := make(chan struct{})
	var asking sync.WaitGroup
	for range 8 {
		asking.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				res, err := a.send(t.Context(), http.MethodGet, inA+"/applications/app_a", "")
				if err != nil || res.status != 200 {
					t.Error(res.status, res.body, err)
					return
				}
			}
		})
	}
	for range 200 {
		a.srv.Import(f)
	}
	close(stop)
	asking.Wait()
}

// What a refused fixture finds under way goes on.
func TestARefusedImportDisturbsNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		tb := &recorder{}
		a := over(t, mockserver.Start(tb, mockserver.WithRealClock()))
		defer tb.finish()
		release := make(chan struct{})
		r := a.srv.ReceiverHandler(blocking(release))
		id := a.sendTo(a.srv.Workspace, a.endpointAt(a.srv.Workspace, r))
		synctest.Wait()
		before := a.srv.Export(true)
		a.srv.Import(mockserver.WorkspaceFixture{Applications: []mockserver.ApplicationFixture{{Name: "A"}, {}}})
		assert.Equal(t, []string{"fatal: mockserver: Import: applications[1]: name is required"}, tb.lines)
		assert.Equal(t, before, a.srv.Export(true))
		close(release)
		synctest.Wait()
		require.Len(t, r.Requests(), 1)
		require.Equal(t, "delivered", a.get(in(a.srv.Workspace)+"/deliveries/"+id).text("status"))
		require.Equal(t, 1, strings.Count(a.get(in(a.srv.Workspace)+"/deliveries/"+id+"/attempts").body, `"id"`))
		time.Sleep(time.Hour)
		require.Len(t, r.Requests(), 1)
	})
}

// A clock that is set back leaves no limit behind that began in what is the future
// again.
func TestFailedExchangesOfTheFutureAreForgotten(t *testing.T) {
	t.Parallel()
	a := serve(t)
	code := a.code(`{}`)
	s := a.srv.Snapshot()
	a.srv.Advance(24 * time.Hour)
	for i := range 31 {
		require.Equal(t, map[bool]int{false: 400, true: 429}[i == 30], a.exchange("guess").status)
	}
	a.srv.Restore(s)
	require.Equal(t, 200, a.exchange(code).status)
	for i := range 31 {
		require.Equal(t, map[bool]int{false: 400, true: 429}[i == 30], a.exchange("guess").status, "they count again")
	}
}

func TestDeviceGrantsOfTheFutureAreForgotten(t *testing.T) {
	t.Parallel()
	a := serve(t)
	begin := func() grant {
		res := a.as("").post(grantStart, "")
		return grant{a.as(""), res.text("device_code"), res.text("user_code")}
	}
	s := a.srv.Snapshot()
	a.srv.Advance(24 * time.Hour)
	late, approved := begin(), begin()
	a.srv.ApproveDeviceGrant(approved.user)
	late.poll().is(202, waiting)
	a.srv.Restore(s)
	late.poll().refuses(400, "expired_token", "The device code has expired")
	approved.poll().refuses(400, "expired_token", "The device code has expired")
	a.srv.ApproveDeviceGrant(begin().user)
}

// Receivers run on goroutines that no test may be ended from.
func TestReceiversMustNotReplaceWhatTheyAreCalledFor(t *testing.T) {
	t.Parallel()
	tb := &recorder{}
	srv := mockserver.Start(tb)
	a := over(t, srv)
	s, f := srv.Snapshot(), srv.Export(true)
	verbs := []func(){func() { srv.Restore(s) }, func() { srv.Import(f) }}
	for i, verb := range []string{"Restore", "Import"} {
		r := srv.ReceiverHandler(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { verbs[i]() }))
		a.sendTo(srv.Workspace, a.endpointAt(srv.Workspace, r))
		require.Len(t, srv.Problems(), i+1)
		text, _, _ := strings.Cut(srv.Problems()[i].Text, "\n")
		require.Equal(t, fmt.Sprintf("the receiver's handler panicked: mockserver: %s: it was called by a receiver: the attempt under way would have to wait for itself", verb), text)
	}
	require.Empty(t, tb.lines)
	require.NoError(t, srv.Close())
}
