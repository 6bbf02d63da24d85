package store

import (
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/nahook/nahook-go/mockserver/internal/domain"
)

// A failure names its seed; with -model.seed the run that failed is made again.
var (
	modelSeed  = flag.Uint64("model.seed", 0, "run TestTheStoreEqualsAModel with this seed alone; 0 for its own seeds")
	modelSteps = flag.Int("model.steps", 5000, "how many operations TestTheStoreEqualsAModel does with each seed")
)

const (
	modelSeeds = 20
	batch      = 500 // operations between two comparisons of everything
	recent     = 20  // operations that a failure tells
)

// run does random operations at two workspaces of one store and at their models.
type run struct {
	t      testing.TB
	seed   uint64
	random *rand.Rand
	store  *Store
	worlds []*world
	*world // the workspace of the present step

	step     int
	history  []deed
	outcomes map[string]int // of operations, by name and refusal
	seen     []string       // every id that there has ever been
	known    map[string]bool
	tokens   map[string]bool
}

// world is a workspace, its model, and what its clients hold.
type world struct {
	w       *Workspace
	m       *model
	pending []held[*domain.Delivery]
	jobs    []held[Job]
	cursors []cursor
	links   []link
}

// held is a delivery in a version that somebody got hold of.
type held[T any] struct {
	what    T
	id      string
	version int
}

// cursor is a position in a list, as the store and as the model know it.
type cursor struct {
	place domain.Position
	at    domain.Time
	order int
}

// position is what the store calls it; nil for the top of a list.
func (c *cursor) position() *domain.Position {
	if c == nil {
		return nil
	}
	return &c.place
}

// link is what the holder of a portal session has.
type link struct {
	sessionID, code, token string
	portal                 *Portal // nil until the code is exchanged
}

// deed is an operation that was done.
type deed struct {
	step int
	name string
	args []any
}

func TestTheStoreEqualsAModel(t *testing.T) {
	t.Parallel()
	if *modelSeed != 0 {
		newRun(t, *modelSeed).steps(*modelSteps)
		return
	}
	var answered outcomes
	t.Run("seeds", func(t *testing.T) {
		for seed := uint64(1); seed <= modelSeeds; seed++ {
			t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
				t.Parallel()
				r := newRun(t, seed)
				r.steps(*modelSteps)
				answered.add(r)
			})
		}
	})
	if !t.Failed() {
		answered.require(t)
	}
}

func newRun(t testing.TB, seed uint64) *run {
	r := &run{t: t, seed: seed, random: rand.New(rand.NewPCG(seed, 0)), store: New(seed), known: map[string]bool{}, tokens: map[string]bool{}, outcomes: map[string]int{}}
	schedules := []domain.Schedule{{time.Second, time.Minute, time.Hour}, domain.DefaultSchedule, {}, {time.Minute, time.Second}}
	for i := range 2 {
		m := &model{now: start, plan: domain.PlanPro, endpointLimit: domain.Unlimited, schedule: schedules[(int(seed)+i)%len(schedules)]}
		if r.chance(2) {
			m.endpointLimit = domain.Limit(12 + r.random.IntN(12))
		}
		w, err := r.store.AddWorkspace(NewWorkspace{
			ID: fmt.Sprint("ws_", i), Settings: domain.Settings{Plan: m.plan, EndpointLimit: m.endpointLimit, Schedule: m.schedule},
			Now: func() domain.Time { return m.now },
		})
		require.NoError(t, err)
		standard := w.Environments()[0]
		keep(m, &m.environments, standard.ID, start, environmentRow{Name: "Production", Slug: "production", IsDefault: true, UpdatedAt: start})
		r.world = &world{w: w, m: m}
		r.worlds = append(r.worlds, r.world)
		r.fresh(standard.ID, "env_")
	}
	return r
}

func (r *run) steps(n int) {
	var choices []func(*run)
	for _, o := range operations {
		for range o.weight {
			choices = append(choices, o.do)
		}
	}
	for r.step = 1; r.step <= n; r.step++ {
		r.world = r.worlds[r.random.IntN(len(r.worlds))]
		r.m.expire()
		choices[r.random.IntN(len(choices))](r)
		if r.step%batch == 0 || r.step == n {
			for _, r.world = range r.worlds {
				r.m.expire()
				r.compareAll()
			}
		}
	}
}

// did notes an operation before it is done.
func (r *run) did(name string, args ...any) {
	if len(r.history) == recent {
		r.history = r.history[1:]
	}
	r.history = append(r.history, deed{r.step, r.w.ID() + "." + name, args})
}

// fail ends the test with all that it takes to see what has happened.
func (r *run) fail(format string, args ...any) {
	r.t.Helper()
	var text strings.Builder
	fmt.Fprintf(&text, format, args...)
	fmt.Fprintf(&text, "\nstep %d of seed %d (-model.seed=%d), at %d; the last operations:", r.step, r.seed, r.seed, r.m.now)
	for _, d := range r.history {
		spelt, err := json.Marshal(d.args)
		if err != nil {
			spelt = fmt.Append(nil, d.args)
		}
		fmt.Fprintf(&text, "\n%6d %s %s", d.step, d.name, spelt)
	}
	r.t.Fatal(text.String())
}

// agree compares a refusal with the model's and tells whether there is none.
func (r *run) agree(err error, want refusal) bool {
	r.t.Helper()
	_, name, _ := strings.Cut(r.history[len(r.history)-1].name, ".")
	r.outcomes[name+": "+string(want)]++
	switch {
	case want == "" && err != nil:
		r.fail("refused with %q, which the model allows", err)
	case want != "" && err == nil:
		r.fail("allowed, which the model refuses with %q", want)
	case want != "" && !strings.HasPrefix(err.Error(), string(want)):
		r.fail("refused with %q, by the model with %q", err, want)
	}
	return want == ""
}

func equal[T comparable](r *run, what string, got, want T) {
	r.t.Helper()
	if got != want {
		r.fail("%s differs:\n got %+v\nwant %+v", what, got, want)
	}
}

// same compares a record with the model's.
func same[R record, T comparable](r *run, what string, got R, want *kept[T], view func(R) (string, T)) {
	r.t.Helper()
	id, row := view(got)
	if id != want.id || got.Place().CreatedAt != want.at || row != want.row {
		r.fail("%s differs:\n got %s at %d: %+v\nwant %s at %d: %+v", what, id, got.Place().CreatedAt, row, want.id, want.at, want.row)
	}
}

// sameList compares a list with the model's.
func sameList[R record, T comparable](r *run, what string, got []R, want []*kept[T], view func(R) (string, T)) {
	r.t.Helper()
	equal(r, "the length of "+what, len(got), len(want))
	for i, row := range got {
		same(r, what, row, want[i], view)
	}
}

// fresh expects an id that nobody has had before.
func (r *run) fresh(id, prefix string) {
	r.t.Helper()
	if r.known[id] || !strings.HasPrefix(id, prefix) || id == prefix {
		r.fail("%q is no new id", id)
	}
	r.known[id] = true
	r.seen = append(r.seen, id)
}

func (r *run) chance(in int) bool { return r.random.IntN(in) == 0 }

// one of some values.
func one[T any](r *run, some ...T) T { return some[r.random.IntN(len(some))] }

// maybe gives nil half of the time.
func maybe[T any](r *run, value T) *T {
	if r.chance(2) {
		return nil
	}
	return &value
}

// pick gives the id of a row, and now and then that of something else.
func pick[T comparable](r *run, rows []*kept[T]) string {
	switch {
	case len(rows) == 0 || r.chance(25):
		return one(r, r.seen...)
	case r.chance(80):
		return "unknown"
	}
	return one(r, rows...).id
}
