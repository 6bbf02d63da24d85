// Package store keeps the records of the reference server: one lock per
// workspace, ordered indexes, ids, and every rule that has to see more than one
// record. A method validates, checks and writes in one critical section, so
// caps, unique names and cascades hold under any concurrency.
package store

import (
	"crypto/sha256"
	"encoding/binary"
	"sync"

	"github.com/nahook/nahook-go/mockserver/internal/domain"
)

// Store is all workspaces of one server and the tokens that open them.
type Store struct {
	seed uint64

	mu sync.RWMutex // taken after a workspace's lock, never before

	workspaces map[string]*Workspace
	owners     map[domain.Hash]owner
	grants     grants
	portals    portals
	failures   failures
}

// owner is what a token leads to.
type owner struct {
	credential *domain.Credential
	workspace  *Workspace
}

// New makes an empty store. Equal seeds give equal ids and signing secrets for
// equal requests in equal order.
func New(seed uint64) *Store {
	return &Store{seed: seed, workspaces: map[string]*Workspace{}, owners: map[domain.Hash]owner{}, grants: newGrants(), portals: newPortals(), failures: newFailures()}
}

// NewWorkspace describes a workspace to be added.
type NewWorkspace struct {
	ID       string // empty for a generated one
	Name     string
	Settings domain.Settings
	Now      func() domain.Time
	// DefaultEnvironmentID and DefaultEnvironmentName describe the environment
	// that every workspace has; empty for a generated id and the usual name.
	DefaultEnvironmentID   string
	DefaultEnvironmentName string
}

// AddWorkspace adds an empty workspace with its default environment.
func (s *Store) AddWorkspace(n NewWorkspace) (*Workspace, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	w := newWorkspace(s, n, newSource(s.seed, uint64(len(s.workspaces))))
	if _, taken := s.workspaces[w.id]; taken {
		return nil, domain.Refuse(domain.CodeConflict, "A workspace with the id %q already exists", w.id)
	}
	s.workspaces[w.id] = w
	return w, nil
}

// Workspace finds a workspace; nil for an id that does not exist.
func (s *Store) Workspace(id string) *Workspace {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.workspaces[id]
}

// Lookup finds the credential behind a token, and the workspace it opens; nil
// for a token that was never issued. The table is keyed by hash, so the time it
// takes says nothing about the tokens in it.
func (s *Store) Lookup(token string) (*domain.Credential, *Workspace) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	found := s.owners[domain.HashOf(token)]
	return found.credential, found.workspace
}

// revoke forgets tokens, which are unknown from then on.
func (s *Store) revoke(tokens []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, token := range tokens {
		delete(s.owners, domain.HashOf(token))
	}
}

func (s *Store) addCredential(w *Workspace, c *domain.Credential) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := domain.HashOf(c.Token)
	if _, taken := s.owners[key]; taken {
		return domain.Refuse(domain.CodeConflict, "this token is given twice")
	}
	s.owners[key] = owner{c, w}
	return nil
}

// end revokes a credential: it is answered as such from then on.
func (s *Store) end(c *domain.Credential) {
	s.mu.Lock()
	defer s.mu.Unlock()
	revoked := *c
	revoked.Revoked = true
	key := domain.HashOf(c.Token)
	s.owners[key] = owner{&revoked, s.owners[key].workspace}
}

// streamSeed spreads a seed and a stream number over a ChaCha8 key.
func streamSeed(seed, stream uint64) [32]byte {
	var in [16]byte
	binary.BigEndian.PutUint64(in[:8], seed)
	binary.BigEndian.PutUint64(in[8:], stream)
	return sha256.Sum256(in[:])
}
