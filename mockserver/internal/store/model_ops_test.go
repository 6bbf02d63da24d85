package store

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/nahook/nahook-go/mockserver/internal/domain"
)

// operations are what a run does, as often as their weights say.
var operations = []struct {
	weight int
	do     func(*run)
}{
	{12, (*run).moveClock}, {1, (*run).changePlan},
	{4, (*run).createApplication}, {4, (*run).updateApplication}, {1, (*run).deleteApplication}, {3, (*run).readApplications},
	{7, (*run).createEndpoint}, {6, (*run).updateEndpoint}, {2, (*run).deleteEndpoint}, {1, (*run).rotateSecret}, {3, (*run).readEndpoints},
	{3, (*run).createEventType}, {1, (*run).updateEventType}, {1, (*run).deleteEventType}, {2, (*run).readEventTypes},
	{2, (*run).createEnvironment}, {1, (*run).updateEnvironment}, {1, (*run).deleteEnvironment}, {2, (*run).readEnvironments},
	{3, (*run).setVisibility}, {8, (*run).subscribe}, {2, (*run).unsubscribe}, {2, (*run).readSubscriptions},
	{2, (*run).addCredential}, {1, (*run).revokeCLIToken}, {2, (*run).lookup},
	{14, (*run).send}, {7, (*run).trigger}, {2, (*run).testDelivery}, {1, (*run).importDeliveries}, {4, (*run).repeat},
	{20, (*run).beginOne}, {32, (*run).finishOne}, {14, (*run).retry}, {4, (*run).retryByHand},
	{14, (*run).readDeliveries}, {4, (*run).readDelivery}, {2, (*run).readSummaries}, {4, (*run).readAudit},
	{4, (*run).createSession}, {5, (*run).exchange}, {4, (*run).openPortal}, {1, (*run).endSession}, {2, (*run).takeTest},
	{3, (*run).portalReads}, {3, (*run).portalCreateEndpoint}, {3, (*run).portalChanges}, {3, (*run).portalSubscribe}, {2, (*run).portalDeliveries},
}

// badWords are no names of event types, nor slugs.
var badWords = []string{"Order", "a b", "x..y", "ä.ö", strings.Repeat("x", 101)}

var (
	actors = []domain.Actor{
		{Type: domain.ActorManagementToken, ID: "m", Label: "M"}, {Type: domain.ActorUser, ID: "u", Label: "U"},
		{Type: domain.ActorCLIToken, ID: "c", Label: "C"}, domain.Nobody,
	}
	addresses = []string{"https://acme.test/hooks", "http://acme.test:8080/a?b=c", "https://[::1]/x", "", "bad", "ftp://bad.test", "https://bad.test:0/"}
)

func (r *run) actor() domain.Actor { return one(r, actors...) }

func (r *run) flip() bool { return r.chance(2) }

// text is sometimes empty, and sometimes one letter too long.
func (r *run) text(most int) string {
	switch r.random.IntN(25) {
	case 0:
		return ""
	case 1:
		return strings.Repeat("ä", most)
	case 2:
		return strings.Repeat("x", most+1)
	}
	return fmt.Sprint("text ", r.random.IntN(1000))
}

func (r *run) metadata(limit int) domain.Metadata {
	if r.flip() {
		return nil
	}
	pairs := make(domain.Metadata, r.random.IntN(limit+1))
	if r.chance(12) {
		pairs = make(domain.Metadata, limit+1)
	}
	for i := range pairs {
		pairs[i] = domain.Pair{Key: fmt.Sprint("k", i), Value: fmt.Sprint(r.random.IntN(100))}
	}
	return pairs
}

// origin is mostly the present, and sometimes what a fixture brings along.
func origin[T comparable](r *run, rows []*kept[T]) Origin {
	var o Origin
	switch r.random.IntN(12) {
	case 0:
		o.ID = fmt.Sprint("import_", r.step)
	case 1:
		if len(rows) > 0 {
			o.ID = one(r, rows...).id
		}
	}
	if r.chance(8) {
		o.CreatedAt = ptr(r.m.now - one[domain.Time](r, 0, 1, 1000, 3_600_000))
	}
	return o
}

// born expects the id that was brought along, or a new one.
func (r *run) born(id, prefix string, o Origin) {
	r.t.Helper()
	if o.ID != "" {
		equal(r, "the id", id, o.ID)
		prefix = "import_"
	}
	r.fresh(id, prefix)
}

// moveClock goes by any amount, or to where something ends, give or take a
// millisecond.
func (r *run) moveClock() {
	by := time.Duration(r.random.IntN(4)) * time.Millisecond
	switch r.random.IntN(20) {
	default:
	case 0, 1, 2, 3, 4, 5:
		if ends := r.ends(); len(ends) > 0 {
			to := one(r, ends[:min(4, len(ends))]...) + domain.Time(r.random.IntN(3)-1)
			by = max(0, time.Duration(to-r.m.now)*time.Millisecond)
		}
	case 6, 7, 8, 9:
		by = time.Duration(r.random.Int64N(int64(5 * time.Minute)))
	case 10, 11:
		by = time.Duration(r.random.Int64N(int64(day)))
	}
	r.m.now = r.m.now.Add(by)
	r.did("moveClock", by.String(), r.m.now)
}

// ends are the instants to come at which something ends or falls due, in order.
func (r *run) ends() []domain.Time {
	var ends []domain.Time
	for _, d := range r.m.deliveries {
		ends = append(ends, d.row.NextRetryAt, d.at.Add(week), d.at.Add(day))
	}
	for _, a := range r.m.answers {
		ends = append(ends, a.ends)
	}
	for _, s := range r.m.sessions {
		ends = append(ends, s.row.CodeExpiresAt, s.row.ExpiresAt)
	}
	for _, w := range r.m.tests {
		ends = append(ends, w.start+60_000)
	}
	ends = slices.DeleteFunc(ends, func(at domain.Time) bool { return at <= r.m.now })
	slices.Sort(ends)
	return slices.Compact(ends)
}

func (r *run) changePlan() {
	plan := one(r, domain.PlanPro, domain.PlanPro, domain.PlanHobby)
	r.did("SetPlan", plan)
	r.w.Configure(func(s *domain.Settings) { s.Plan = plan })
	r.m.plan = plan
	equal(r, "the plan", r.w.Plan(), plan)
	equal(r, "whether payloads are kept", r.w.Require(domain.PayloadStorage) == nil, plan == domain.PlanPro)
}

func (r *run) newApplication() domain.NewApplication {
	n := domain.NewApplication{Name: r.text(255), Metadata: r.metadata(5), MaxEndpoints: r.limit(), ShowEventTypes: !r.chance(3)}
	if r.flip() {
		n.ExternalID = ptr(fmt.Sprint("cust_", r.random.IntN(10)))
	}
	if r.chance(15) {
		n.ExternalID = ptr(r.text(255))
	}
	return n
}

func (r *run) limit() domain.Limit {
	return one[domain.Limit](r, domain.Unlimited, domain.Unlimited, domain.Unlimited, 5, 4, 3, 2, 1, 0, one[domain.Limit](r, 6, 7, -1))
}

func (r *run) createApplication() {
	if len(r.m.applications) > 10 {
		r.deleteApplication()
		return
	}
	actor, n, o := r.actor(), r.newApplication(), origin(r, r.m.applications)
	r.did("ImportApplication", actor.Type, n, o)
	create := func() (*domain.Application, error) { return r.w.By(actor).ImportApplication(n, o) }
	if o == (Origin{}) {
		create = func() (*domain.Application, error) { return r.w.By(actor).CreateApplication(n) }
	}
	got, err := create()
	want, no := r.m.createApplication(actor, n, o, cmp.Or(got, new(domain.Application)).ID)
	if r.agree(err, no) {
		r.born(got.ID, "app_", o)
		same(r, "the application", got, want, viewApplication)
	}
}

func (r *run) updateApplication() {
	actor, id := r.actor(), pick(r, r.m.applications)
	c := domain.ApplicationChange{MaxEndpoints: maybe(r, r.limit()), ShowEventTypes: maybe(r, !r.chance(3)), Metadata: maybe(r, r.metadata(5)), Name: maybe(r, r.text(255))}
	if r.chance(8) {
		c = domain.ApplicationChange{}
	}
	r.did("UpdateApplication", actor.Type, id, c)
	got, err := r.w.By(actor).UpdateApplication(id, c)
	want, no := r.m.updateApplication(actor, id, c)
	if r.agree(err, no) {
		same(r, "the application", got, want, viewApplication)
	}
}

func (r *run) deleteApplication() {
	if len(r.m.applications) < 5 {
		r.createApplication()
		return
	}
	actor, id := r.actor(), pick(r, r.m.applications)
	session := findBy(r.m.sessions, func(k *kept[sessionRow]) bool { return k.row.ApplicationID == id })
	if session != nil {
		r.takeTestsOf(session.id)
	}
	r.did("DeleteApplication", actor.Type, id)
	err := r.w.By(actor).DeleteApplication(id)
	r.agree(err, r.m.deleteApplication(actor, id))
	if session != nil {
		r.takeTestsOf(session.id)
	}
}

func (r *run) readApplications() {
	id, offset, limit := pick(r, r.m.applications), r.random.IntN(len(r.m.applications)+3), 1+r.random.IntN(6)
	r.did("Applications", id, offset, limit)
	r.compareApplication(id)
	sameList(r, "the page", r.w.Applications(nil, offset, limit), page(newestFirst(r.m.applications, all), offset, limit), viewApplication)
}

// compareApplication reads one application, which need not exist.
func (r *run) compareApplication(id string) {
	r.t.Helper()
	app := find(r.m.applications, id)
	no := noApplication
	if app != nil {
		no = ""
	}
	got, err := r.w.Application(id)
	if r.agree(err, no) {
		same(r, "the application", got, app, viewApplication)
	}
	endpoints, err := r.w.ApplicationEndpoints(id)
	if r.agree(err, no) {
		sameList(r, "the application's endpoints", endpoints, r.m.endpointsOf(id), viewEndpoint)
	}
}
