package store

import (
	"time"

	"github.com/nahook/nahook-go/mockserver/internal/domain"
)

// exchangeLimit is how often an address may be wrong about a code.
var exchangeLimit = domain.RateLimit{Limit: 30, Window: time.Minute}

// failures counts failed exchanges by the address that they came from.
type failures struct {
	windows map[string]domain.RateWindow
	ends    heap[string]
}

func newFailures() failures { return failures{windows: map[string]domain.RateWindow{}} }

// forget drops the windows that have ended.
func (f *failures) forget(now domain.Time) {
	for {
		address, ended := f.ends.take(now)
		if !ended {
			return
		}
		if f.windows[address].Start.Add(exchangeLimit.Window) <= now {
			delete(f.windows, address)
		}
	}
}

// FailedExchanges tells whether an address has been wrong too often. It counts
// nothing: a refused exchange is not looked at.
func (s *Store) FailedExchanges(address string, now domain.Time) domain.RateVerdict {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failures.forget(now)
	_, verdict := exchangeLimit.Take(s.failures.windows[address], now)
	return verdict
}

// CountFailedExchange counts one more.
func (s *Store) CountFailedExchange(address string, now domain.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	window, _ := exchangeLimit.Take(s.failures.windows[address], now)
	if window.Used == 1 {
		s.failures.ends.push(now.Add(exchangeLimit.Window), 0, address)
	}
	s.failures.windows[address] = window
}
