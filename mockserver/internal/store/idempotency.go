package store

import "github.com/nahook/nahook-go/mockserver/internal/domain"

// idempotency remembers the answers to requests with a key.
type idempotency struct {
	answers map[keyScope]*answered
	ends    heap[*answered]
}

// keyScope is where a key means one thing: an endpoint, or an event type in an
// environment.
type keyScope struct{ endpointID, environmentID, eventTypeID, key string }

type answered struct {
	scope       keyScope
	ends        domain.Time
	deliveryIDs []string
}

func newIdempotency() idempotency { return idempotency{answers: map[keyScope]*answered{}} }

// find gives the deliveries that a request with this key has made.
func (i *idempotency) find(scope keyScope, now domain.Time) ([]string, bool) {
	a := i.answers[scope]
	if a == nil || now >= a.ends {
		return nil, false
	}
	return a.deliveryIDs, true
}

// remember keeps an answer from the instant at on.
func (i *idempotency) remember(scope keyScope, at domain.Position, deliveryIDs []string) {
	a := &answered{scope: scope, ends: at.CreatedAt.Add(domain.KeyLifetime), deliveryIDs: deliveryIDs}
	if known := i.answers[scope]; known != nil && known.ends > a.ends {
		return // a seeded row that is older
	}
	i.answers[scope] = a
	i.ends.push(a.ends, at.Sequence, a)
}

// forget drops the answers that nobody can ask for any more.
func (i *idempotency) forget(now domain.Time) {
	for {
		a, ok := i.ends.take(now)
		if !ok {
			return
		}
		if i.answers[a.scope] == a {
			delete(i.answers, a.scope)
		}
	}
}
