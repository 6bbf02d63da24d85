package mockserver

import (
	"fmt"
	"slices"
)

// nobody stands for the test where there is none. What would end a test ends the
// program.
type nobody struct{}

func (nobody) Helper()                      {}
func (nobody) Cleanup(func())               {}
func (nobody) Errorf(string, ...any)        {}
func (nobody) Logf(string, ...any)          {}
func (nobody) Failed() bool                 { return false }
func (nobody) Fatalf(f string, args ...any) { panic(fmt.Sprintf(f, args...)) }

// t is whose workspace it is.
func (w *Workspace) t() TB {
	switch {
	case w.tb != nil:
		return w.tb
	case w.server.tb != nil:
		return w.server.tb
	}
	return nobody{}
}

// fail ends the test, or the program where there is no test.
func (w *Workspace) fail(format string, args ...any) {
	w.t().Helper()
	w.t().Fatalf("mockserver: "+format, args...)
}

// StartWorkspace adds an empty workspace that belongs to a test, to a server that
// several tests share: what goes wrong with it fails that test and no other, its
// problems are reported at that test's end, and its deliveries and its journal end
// with it. Otherwise it is as [Server.NewWorkspace] makes it. The server may be one
// made by [New].
func (s *Server) StartWorkspace(tb TB, opts ...WorkspaceOption) *Workspace {
	tb.Helper()
	w, err := s.newWorkspace(tb, opts)
	if err != nil {
		tb.Fatalf("mockserver: StartWorkspace: %v", err)
		return nil
	}
	tb.Cleanup(w.finish)
	return w
}

// finish is the end of a workspace's own test.
func (w *Workspace) finish() {
	w.tb.Helper()
	w.engine.Stop()
	w.engine.Close()
	w.conclude()
	problems := w.Problems()
	w.server.tell(w.tb, problems)
	w.tellOnFailure()
	w.journal.clear()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.told = problems
}

// finish is the end of the server's test. What other tests were told is theirs.
func (s *Server) finish() {
	s.tb.Helper()
	if err := s.Close(); err != nil {
		s.tb.Errorf("mockserver: %v", err)
	}
	told := map[Problem]bool{}
	for _, w := range s.Workspaces() {
		for _, problem := range w.alreadyTold() {
			told[problem] = true
		}
	}
	s.tell(s.tb, slices.DeleteFunc(s.Problems(), func(p Problem) bool { return told[p] }))
	for _, w := range s.Workspaces() {
		if w.tb == nil {
			w.tellOnFailure()
		}
	}
}

func (w *Workspace) alreadyTold() []Problem {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.told
}

// tell fails the test for each problem, or logs it where that was asked for.
func (s *Server) tell(tb TB, problems []Problem) {
	tb.Helper()
	report := tb.Errorf
	if s.lenient {
		report = tb.Logf
	}
	for _, problem := range problems {
		report("mockserver: %s", problem)
	}
}

// tellOnFailure shows a failed test what it has done to the workspace.
func (w *Workspace) tellOnFailure() {
	w.t().Helper()
	if w.t().Failed() && w.journal.used() {
		w.t().Logf("mockserver: %s", w.summary())
	}
}

// conclude makes problems of the faults that have not hit, once.
func (w *Workspace) conclude() {
	for _, text := range w.faults.giveUp() {
		w.report("", text)
	}
}
