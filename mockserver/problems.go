package mockserver

import (
	"fmt"
	"sync"

	"github.com/nahook/nahook-go/mockserver/internal/api"
)

// Problem is something that the service tolerates and a test should not: a
// request field that does not exist, or a handler that panicked.
type Problem struct {
	Workspace string // id; empty for a request that named none
	Operation string // such as "applications.create"; empty for a request to no route
	Text      string // a sentence
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

// maxProblems bounds what a server that runs for long remembers. Those who make
// the same mistake again and again are told how often.
const maxProblems = 1000

// problems counts what is the same and keeps the order of first appearance.
type problems struct {
	mu    sync.Mutex
	index map[api.Problem]int
	list  []Problem
}

func (p *problems) add(problem api.Problem) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.index == nil {
		p.index = map[api.Problem]int{}
	}
	i, known := p.index[problem]
	switch {
	case known:
		p.list[i].Count++
	case len(p.list) < maxProblems:
		p.index[problem] = len(p.list)
		p.list = append(p.list, Problem{problem.Workspace, problem.Operation, problem.Text, 1})
	}
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
