package conformance

import (
	"context"
	"errors"
)

// Outcome is what became of a case.
type Outcome string

// The outcomes of cases.
const (
	Passed        Outcome = "passed"
	Failed        Outcome = "failed"
	NotApplicable Outcome = "not applicable"
)

// Result is one case that has run.
type Result struct {
	Case
	Err error // nil if the case has passed; see [ErrNotApplicable]
}

// Outcome tells a failure from a case that did not apply.
func (r Result) Outcome() Outcome {
	switch {
	case r.Err == nil:
		return Passed
	case errors.Is(r.Err, ErrNotApplicable):
		return NotApplicable
	}
	return Failed
}

// Report is what became of the cases of a [Run], in their order.
type Report struct{ Results []Result }

// Count is how many cases of a provenance came out so.
func (r Report) Count(p Provenance, o Outcome) int {
	n := 0
	for _, result := range r.Results {
		if result.Provenance == p && result.Outcome() == o {
			n++
		}
	}
	return n
}

// Failures are the results of the cases that failed.
func (r Report) Failures() []Result {
	var failures []Result
	for _, result := range r.Results {
		if result.Outcome() == Failed {
			failures = append(failures, result)
		}
	}
	return failures
}

// Run checks cases one after the other and tells observe, which may be nil, of
// each as it is done. It stops when ctx ends: what was not done is not in the
// report.
func Run(ctx context.Context, t Target, cases []Case, observe func(Result)) Report {
	var report Report
	for _, c := range cases {
		if ctx.Err() != nil {
			break
		}
		result := Result{Case: c, Err: c.Check(ctx, t)}
		if result.Err != nil && ctx.Err() != nil {
			break // that is what has ended the case
		}
		report.Results = append(report.Results, result)
		if observe != nil {
			observe(result)
		}
	}
	return report
}
