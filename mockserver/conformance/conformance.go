// Package conformance is the contract of the Nahook API as cases that run
// against any server: the reference server, the live service, or one of your own.
//
//	target, err := conformance.FromEnv(os.LookupEnv)
//	…
//	report := conformance.Run(ctx, target, conformance.Cases(), nil)
//	for _, failure := range report.Failures() {
//		fmt.Println(failure.Rule, failure.Err)
//	}
//
// The cases are the one table of behaviours: each says in a sentence what holds,
// and how certain that is. One that needs what the target has not is neither
// passed nor failed: see [ErrNotApplicable].
//
// # Safety
//
// A case may run in a workspace that others use: it works on objects of its own,
// under names that nobody else has, and deletes them, also when it fails. It
// waits for nothing, counts on no other case, and may run beside others. What
// it cannot take back are deliveries, audit rows and idempotency keys. Its
// endpoints are on hosts that do not exist, unless the target brings a receiver.
package conformance

import (
	"context"
	"errors"
	"slices"
)

// Provenance is how certain a rule is.
type Provenance string

// The provenances of rules.
const (
	Documented Provenance = "documented" // the vendor documents it, or its SDKs' suites assert it against the service
	Inferred   Provenance = "inferred"   // it follows from what is documented
	Own        Provenance = "own"        // nobody documents it: a decision of the reference server
)

// Provenances are all there are, the most certain first.
func Provenances() []Provenance { return []Provenance{Documented, Inferred, Own} }

// ErrNotApplicable is in the error of a case that needs what the target has not.
// The error says what that is. The case has neither passed nor failed.
var ErrNotApplicable = errors.New("not applicable")

// Case is one behaviour.
type Case struct {
	ID         string // such as "applications.create.duplicate-external-id"; the part before the first dot is the family
	Provenance Provenance
	Rule       string // a sentence for people
	// Check tells what the target does instead, or nil if the rule holds. Its
	// error names no token. The context ends requests, except those that delete
	// what the case has created.
	Check func(context.Context, Target) error
}

// Cases are all behaviours, those of a family together.
func Cases() []Case {
	return slices.Concat(
		conventions(), bodies(), authentication(), tenancy(), plans(), rateLimits(),
		applications(), applicationEndpoints(), endpoints(), endpointChanges(), endpointURLs(),
		eventTypes(), subscriptions(), environments(), visibility(),
		sending(), triggering(), sendBatches(), triggerBatches(),
		deliveries(), payloads(), delivering(), auditLogs(), auditWrites(),
		portalSessions(), exchanges(), portalRoles(), portalEndpoints(), portalCatalog(), portalDeliveries(),
		dashboard(), dashboardDeliveries(), deviceGrants(),
	)
}

func documented(id, text string, steps func(*probe)) Case { return rule(Documented, id, text, steps) }
func inferred(id, text string, steps func(*probe)) Case   { return rule(Inferred, id, text, steps) }
func own(id, text string, steps func(*probe)) Case        { return rule(Own, id, text, steps) }

func rule(p Provenance, id, text string, steps func(*probe)) Case {
	return Case{ID: id, Provenance: p, Rule: text, Check: func(ctx context.Context, t Target) error { return check(ctx, t, steps) }}
}
