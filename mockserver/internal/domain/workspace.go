package domain

import (
	"math"
	"time"
)

// Plan is what a workspace pays for.
type Plan string

// The plans of the platform.
const (
	PlanHobby Plan = "hobby"
	PlanPro   Plan = "pro"
)

// Valid tells whether the platform knows the plan.
func (p Plan) Valid() bool { return p == PlanHobby || p == PlanPro }

// Feature is something that a plan may lack.
type Feature string

// What a plan may lack.
const (
	DeveloperPortal Feature = "Developer Portal" // applications and portal sessions
	PayloadStorage  Feature = "Payload storage"  // showing what was delivered
)

// Require refuses a feature that the plan lacks.
func (p Plan) Require(f Feature) error {
	if f == "" || p == PlanPro {
		return nil
	}
	return Refuse(CodeFeatureDisabled, "%s is not available on your plan", f)
}

// Limit caps a count. [Unlimited] sets no cap, zero allows none.
type Limit int32

// Unlimited is the absence of a cap.
const Unlimited Limit = math.MinInt32

func (l Limit) validate(field string) error {
	if l < 0 && l != Unlimited {
		return Invalid("%s must be an integer of 0 or more, or null for no limit", field)
	}
	return nil
}

// Reached tells whether count leaves no room for one more.
func (l Limit) Reached(count int) bool { return l != Unlimited && count >= int(l) }

// Settings are the parts of a workspace that a customer of the platform cannot
// change through any API.
type Settings struct {
	Plan          Plan
	EndpointLimit Limit
	RateLimit     RateLimit
	Schedule      Schedule
}

// RateLimit allows Limit requests in each window. The zero value sets no limit.
type RateLimit struct {
	Limit  int
	Window time.Duration
}

// RateWindow is how much of the present window has been used.
type RateWindow struct {
	Start Time
	Used  int
}

// RateVerdict is what a client is told about its budget.
type RateVerdict struct {
	Limit, Remaining int
	Reset            time.Duration // until the window ends
	Refused          bool
}

// Take counts one request at now. A refused request does not count, and a window
// that has ended, or that lies in the future of a clock that was set back, is
// replaced by one that starts at now.
func (l RateLimit) Take(w RateWindow, now Time) (RateWindow, RateVerdict) {
	if w.Used == 0 || now < w.Start || now >= w.Start.Add(l.Window) {
		w = RateWindow{Start: now}
	}
	refused := w.Used >= l.Limit
	if !refused {
		w.Used++
	}
	left := time.Duration(w.Start.Add(l.Window)-now) * time.Millisecond
	return w, RateVerdict{Limit: l.Limit, Remaining: l.Limit - w.Used, Reset: left, Refused: refused}
}
