package mockserver

import (
	"fmt"
	"strings"
	"sync"

	"github.com/nahook/nahook-go/mockserver/internal/api"
)

// Problem is something that the service tolerates and a test should not: a
// request field that does not exist, a delivery to a host that is not local, a
// handler that panicked, or a fault that has not hit as often as it says or could
// not be applied.
type Problem struct {
	Workspace string // id; empty for a request that named none
	Operation string // such as "applications.create"; empty for a request to no route
	Text      string // a sentence; behind that, a panic has its stack
	Count     int    // how often it has happened
}

// String is one line, unless a stack trace is part of the text.
func (p Problem) String() string {
	text := p.Text
	if p.Operation != "" {
		text = p.Operation + ": " + text
	}
	if p.Count > 1 {
		text += fmt.Sprintf(" (%d times)", p.Count)
	}
	return text
}

// What a server that runs for long remembers is bounded in number for each
// workspace, so that a noisy one does not hide the others, and in size.
const (
	maxProblems    = 1000
	maxProblemText = 8 << 10
	tooMany        = "there are more problems than are listed"
)

// problems counts what is the same and keeps the order of first appearance.
type problems struct {
	mu    sync.Mutex
	index map[api.Problem]int // by the first line of the text: stacks differ
	count map[string]int      // of each workspace
	list  []Problem
}

func (p *problems) add(problem api.Problem) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.index == nil {
		p.index, p.count = map[api.Problem]int{}, map[string]int{}
	}
	text := problem.Text[:min(len(problem.Text), maxProblemText)]
	problem.Text, _, _ = strings.Cut(text, "\n")
	if _, known := p.index[problem]; !known && p.count[problem.Workspace] >= maxProblems {
		text = tooMany
		problem = api.Problem{Workspace: problem.Workspace, Text: tooMany}
	}
	i, known := p.index[problem]
	if !known {
		i = len(p.list)
		p.index[problem] = i
		p.count[problem.Workspace]++
		p.list = append(p.list, Problem{Workspace: problem.Workspace, Operation: problem.Operation, Text: text})
	}
	p.list[i].Count++
}

// of gives the problems of one workspace, or all for an empty id.
func (p *problems) of(workspace string) []Problem {
	p.mu.Lock()
	defer p.mu.Unlock()
	var found []Problem
	for _, problem := range p.list {
		if workspace == "" || problem.Workspace == workspace {
			found = append(found, problem)
		}
	}
	return found
}
