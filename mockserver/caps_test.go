package mockserver_test

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/nahook/nahook-go/mockserver"
)

const (
	ofA      = "/applications/app_a/endpoints"
	ofB      = "/applications/app_b/endpoints"
	anURL    = `{"url":"https://a.test"}`
	appCap   = "Application endpoint limit reached"
	spaceCap = "Workspace endpoint limit reached"
)

func (a api) capA(limit string) {
	a.t.Helper()
	require.Equal(a.t, 200, a.patch(inA+"/applications/app_a", `{"maxEndpoints":`+limit+`}`).status)
}

func (a api) create(path string) string {
	a.t.Helper()
	res := a.post(inA+path, anURL)
	require.Equal(a.t, 201, res.status, res.body)
	return res.text("id")
}

func (a api) full(path string) {
	a.t.Helper()
	a.post(inA+path, anURL).refuses(403, "application_endpoint_limit_reached", appCap)
}

// S23: a disabled endpoint takes its slot; only deleting it frees that.
func TestCapCountsDisabledEndpoints(t *testing.T) {
	t.Parallel()
	a := serve(t)
	a.capA("2") // ep_a, which is disabled, is the first
	second := a.create(ofA)
	a.full(ofA)
	require.Equal(t, 200, a.patch(inA+"/endpoints/"+second, `{"isActive":false}`).status)
	a.full(ofA)
	require.Equal(t, 200, a.patch(inA+"/endpoints/ep_a", `{"isActive":true}`).status)
	a.full(ofA)
	a.delete(inA + "/endpoints/" + second).isDeleted()
	a.create(ofA)
	a.full(ofA)
}

// S25: no room for new endpoints, but those that exist stay and can be edited.
func TestCapOfNothing(t *testing.T) {
	t.Parallel()
	a := serve(t)
	a.capA("0")
	a.full(ofA)
	a.get(inA+ofA).is(200, "["+epA+"]")
	a.patch(inA+"/endpoints/ep_a", `{"isActive":true}`).
		is(200, with(t, epA, `{"isActive": true, "updatedAt": "2026-01-15T10:30:00.000Z"}`))
	a.delete(inA + "/endpoints/ep_a").isDeleted()
	a.full(ofA)

	id := a.post(inA+"/applications", `{"name":"None","maxEndpoints":0}`).text("id")
	a.full("/applications/" + id + "/endpoints")
}

func TestCapMayBeLoweredBelowTheCount(t *testing.T) {
	t.Parallel()
	a := serve(t)
	kept := []string{a.create(ofA), a.create(ofA), "ep_a"}
	kept[0], kept[1] = kept[1], kept[0]
	a.capA("1")
	require.Equal(t, kept, a.get(inA+ofA).ids())
	a.full(ofA)
	for _, id := range kept[:2] {
		a.delete(inA + "/endpoints/" + id).isDeleted()
		a.full(ofA)
	}
	a.delete(inA + "/endpoints/ep_a").isDeleted()
	a.create(ofA)
	a.full(ofA)
}

func TestCapMayBeRaisedAndLifted(t *testing.T) {
	t.Parallel()
	a := serve(t)
	a.capA("1")
	a.full(ofA)
	a.capA("2")
	a.create(ofA)
	a.full(ofA)
	a.capA("null")
	for range 10 {
		a.create(ofA)
	}
	a.capA("11")
	a.full(ofA)
}

func TestCapIsOneApplicationsOwn(t *testing.T) {
	t.Parallel()
	a := serve(t)
	a.capA("1")
	a.full(ofA)
	a.create(ofB)
	a.create("/endpoints")
	require.Equal(t, 200, a.patch(inA+"/applications/app_b", `{"maxEndpoints":2}`).status)
	a.full(ofB)
}

// A request that is refused for another reason takes no slot.
func TestRefusedCreatesTakeNoSlot(t *testing.T) {
	t.Parallel()
	a := serve(t)
	a.capA("2")
	for range 3 {
		a.post(inA+ofA, `{"url":"ftp://a.test"}`).invalid("url must start with http:// or https://")
		a.post(inA+ofA, `{"url":"https://a.test","environmentId":"env_missing"}`).refuses(404, "not_found", "Environment not found")
	}
	a.create(ofA)
	a.full(ofA)
}

// The workspace's own limit counts every endpoint, wherever it belongs. The
// four that the fixture brings along are there already.
func TestWorkspaceEndpointLimit(t *testing.T) {
	t.Parallel()
	a := serve(t, mockserver.WithEndpointLimit(6))
	a.create("/endpoints")
	a.create(ofB)
	for _, path := range []string{"/endpoints", ofA, ofB} {
		a.post(inA+path, anURL).refuses(403, "endpoint_limit_reached", spaceCap)
	}
	a.patch(inA+"/endpoints/ep_b", `{"isActive":false}`)
	a.post(inA+"/endpoints", anURL).refuses(403, "endpoint_limit_reached", spaceCap)

	a.capA("1") // now both are reached, and the application's is told
	a.full(ofA)
	a.delete(inA + "/applications/app_a").isDeleted()
	a.create("/endpoints")
	a.post(inA+"/endpoints", anURL).refuses(403, "endpoint_limit_reached", spaceCap)
}

func TestTheStricterLimitWins(t *testing.T) {
	t.Parallel()
	a := serve(t, mockserver.WithEndpointLimit(5))
	a.capA("1")
	a.full(ofA)
	a.capA("5")
	a.create(ofA)
	a.post(inA+ofA, anURL).refuses(403, "endpoint_limit_reached", spaceCap)
}

func TestWorkspaceEndpointLimitOfNothing(t *testing.T) {
	t.Parallel()
	a := serve(t, mockserver.WithEndpointLimit(0))
	a.post(inA+"/endpoints", anURL).refuses(403, "endpoint_limit_reached", spaceCap)
	a.get(inA+ofA).is(200, "["+epA+"]")
}

// S24: however many ask at once, the cap leaves exactly its number.
func TestCapHoldsAgainstParallelCreates(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		creates, limit int
		options        []mockserver.Option
		cap            string
		paths          []string
		message        string
	}{
		"60 against a cap of 7":             {60, 7, nil, "7", []string{ofA}, appCap},
		"50 against a cap of 1":             {50, 1, nil, "1", []string{ofA}, appCap},
		"60 against a workspace limit of 7": {60, 7, []mockserver.Option{mockserver.WithEndpointLimit(7)}, "null", []string{ofA, ofB, "/endpoints"}, spaceCap},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := serve(t, c.options...)
			for _, id := range []string{"ep_a", "ep_b", "ep_ws", "ep_slack"} {
				a.delete(inA + "/endpoints/" + id).isDeleted()
			}
			a.capA(c.cap)

			answers := make([]response, c.creates)
			failures := make([]error, c.creates)
			var creates sync.WaitGroup
			for i := range c.creates {
				creates.Go(func() {
					answers[i], failures[i] = a.send(t.Context(), "POST", inA+c.paths[i%len(c.paths)], anURL)
				})
			}
			creates.Wait()

			created := map[string]bool{}
			for i, res := range answers {
				require.NoError(t, failures[i])
				res.t = t
				if res.status == 201 {
					created[res.text("id")] = true
					continue
				}
				require.Equal(t, 403, res.status)
				require.Contains(t, res.body, c.message)
			}
			require.Len(t, created, c.limit)
			listed := a.get(inA + "/endpoints").ids()
			require.Len(t, listed, c.limit)
			for _, id := range listed {
				require.True(t, created[id], id)
			}
		})
	}
}
