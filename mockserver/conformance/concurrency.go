package conformance

import (
	"fmt"
	"sync"
)

// concurrently takes the same step n times at once, each with a probe of its own,
// and takes over what they have made.
func (p *probe) concurrently(n int, step func(*probe) response) []response {
	if p.err != nil {
		return nil
	}
	probes, answers := make([]probe, n), make([]response, n)
	var steps sync.WaitGroup
	for i := range probes {
		probes[i] = probe{ctx: p.ctx, target: p.target, client: p.client}
		probes[i].caller = probes[i].management(p.target.Tenant)
		steps.Go(func() { answers[i] = step(&probes[i]) })
	}
	steps.Wait()
	for i := range probes {
		for _, left := range probes[i].made {
			left.p = p
			p.made = append(p.made, left)
		}
		if probes[i].err != nil {
			p.fail(probes[i].err)
		}
		answers[i].p = p
	}
	return answers
}

// with are the answers of this status.
func with(answers []response, status int) []response {
	var found []response
	for _, answer := range answers {
		if answer.status == status {
			found = append(found, answer)
		}
	}
	return found
}

// holds wants something of answers that were given at once.
func (p *probe) holds(claim bool, want string, answers []response) {
	if claim || p.err != nil {
		return
	}
	var got []int
	for _, answer := range answers {
		got = append(got, answer.status)
	}
	p.fail(fmt.Errorf("%d times at once %s: want %s; got %d", len(answers), answers[0].line, want, got))
}
