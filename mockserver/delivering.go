package mockserver

import (
	"time"

	"github.com/nahook/nahook-go/mockserver/internal/api"
	"github.com/nahook/nahook-go/mockserver/internal/clock"
	"github.com/nahook/nahook-go/mockserver/internal/delivery"
	"github.com/nahook/nahook-go/mockserver/internal/domain"
	"github.com/nahook/nahook-go/mockserver/internal/store"
)

func (s *Server) workspaceOf(rows *store.Workspace) *Workspace {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.byRows[rows]
}

func (s *Server) deliver(rows *store.Workspace, deliveries []*domain.Delivery) {
	s.workspaceOf(rows).engine.Deliver(deliveries)
}

func (s *Server) attempt(rows *store.Workspace, d *domain.Delivery, limit time.Duration) *domain.Delivery {
	return s.workspaceOf(rows).engine.Attempt(d, limit)
}

// newEngine makes what delivers for the workspace.
func (w *Workspace) newEngine(c workspaceConfig) *delivery.Engine {
	e := delivery.Config{
		Rows: w.rows, Machine: machine, Egress: c.guard(), Handlers: w.handlers, Receiver: w.receiver, Report: w.reportAttempt,
		Attempt: w.attemptDelivery, Log: w.server.log, AfterFunc: clock.AfterFunc,
	}
	if manual, ok := w.clock.(*clock.Manual); ok {
		e.Move = func(to domain.Time) { manual.Set(to.Std()) }
	}
	return delivery.New(e)
}

var machine = delivery.Machine{WithTimeout: clock.WithTimeout, Stopwatch: clock.Stopwatch}

// receiver finds what takes deliveries at a host in memory.
func (w *Workspace) receiver(host string) delivery.Receiver {
	w.mu.Lock()
	defer w.mu.Unlock()
	if r := w.receivers[host]; r != nil {
		return r.receive
	}
	return nil
}

func (w *Workspace) reportAttempt(text string) { w.report(attemptOperation, text) }

func (w *Workspace) report(operation, text string) {
	w.server.problems.add(api.Problem{Workspace: w.ID(), Operation: operation, Text: text})
}
