package store

import (
	"crypto/rand"
	"fmt"

	"github.com/nahook/nahook-go/mockserver/internal/domain"
)

// grants are the device grants of a server: a workspace is named only by whoever
// approves one.
type grants struct {
	byUser   map[string]*grant
	byDevice map[domain.Hash]*grant
	ends     heap[*grant]
}

type grant struct {
	domain.DeviceGrant
	workspace *Workspace // of an approved one
	by        domain.Actor
}

func newGrants() grants {
	return grants{byUser: map[string]*grant{}, byDevice: map[domain.Hash]*grant{}}
}

func (g *grants) remove(old *grant) {
	delete(g.byUser, old.UserCode)
	delete(g.byDevice, old.CodeHash)
}

// StartDeviceGrant begins a grant at now and gives its two codes.
func (s *Store) StartDeviceGrant(now domain.Time) (deviceCode, userCode string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for old, ended := s.grants.ends.take(now); ended; old, ended = s.grants.ends.take(now) {
		s.grants.remove(old)
	}
	deviceCode, userCode = newCode(), newUserCode()
	for s.grants.byUser[userCode] != nil {
		userCode = newUserCode()
	}
	g := &grant{DeviceGrant: domain.DeviceGrant{
		UserCode: userCode, CodeHash: domain.HashOf(deviceCode), ExpiresAt: now.Add(domain.DeviceGrantLifetime),
	}}
	s.grants.byUser[userCode], s.grants.byDevice[g.CodeHash] = g, g
	s.grants.ends.push(g.ExpiresAt, 0, g)
	return deviceCode, userCode
}

// ApproveDeviceGrant lets the grant lead to a token of the editor's workspace.
func (e Editor) ApproveDeviceGrant(userCode string, now domain.Time) error {
	return e.store.decide(userCode, now, func(g *grant) { g.Approved, g.workspace, g.by = true, e.Workspace, e.actor })
}

// DenyDeviceGrant ends a grant.
func (s *Store) DenyDeviceGrant(userCode string, now domain.Time) error {
	return s.decide(userCode, now, func(g *grant) { g.Denied = true })
}

func (s *Store) decide(userCode string, now domain.Time, decide func(*grant)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	g := s.grants.byUser[userCode]
	if g == nil || g.Approved || g.Denied || now >= g.ExpiresAt {
		return fmt.Errorf("no device grant with the user code %q waits for a decision", userCode)
	}
	decide(g)
	return nil
}

// PollDeviceGrant gives the token of an approved grant, once. Without an error it
// gives nil for one that nobody has decided on.
func (s *Store) PollDeviceGrant(deviceCode, machine string, now domain.Time) (*domain.Credential, *Workspace, error) {
	g, err := s.redeem(deviceCode, now)
	if g == nil || err != nil {
		return nil, nil, err
	}
	token, err := g.workspace.By(g.by).createCLIToken(machine)
	return token, g.workspace, err
}

// redeem takes a grant that is approved. An unknown code is answered like one
// that has expired.
func (s *Store) redeem(deviceCode string, now domain.Time) (*grant, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	g := s.grants.byDevice[domain.HashOf(deviceCode)]
	if g == nil {
		g = new(grant)
	}
	approved, err := g.Poll(now)
	if !approved {
		return nil, err
	}
	s.grants.remove(g)
	return g, nil
}

func (e Editor) createCLIToken(machine string) (*domain.Credential, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	token, err := e.addCredentialLocked(domain.Credential{
		Kind: domain.CLIToken, Label: machine, ExpiresAt: e.now().Add(domain.CLITokenLifetime),
	})
	if err != nil {
		return nil, err
	}
	e.recordLocked(domain.VerbCreated, domain.ResourceCLIToken, token.ID)
	return token, nil
}

// RevokeCLIToken ends a CLI token of the workspace.
func (e Editor) RevokeCLIToken(id string) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	token := e.cliTokens[id]
	if token == nil {
		return domain.NotFound("CLI token")
	}
	delete(e.cliTokens, id)
	e.store.end(token)
	e.recordLocked(domain.VerbDeleted, domain.ResourceCLIToken, id)
	return nil
}

const userCodeLetters = "BCDFGHJKLMNPQRSTVWXZ" // no vowels, so no words

// newUserCode makes a code for people to type, such as BCDF-WXZB.
func newUserCode() string {
	var random [8]byte
	rand.Read(random[:]) // never fails: the program ends if the system has no entropy
	code := make([]byte, 0, 9)
	for i, b := range random {
		if i == 4 {
			code = append(code, '-')
		}
		code = append(code, userCodeLetters[int(b)%len(userCodeLetters)])
	}
	return string(code)
}
