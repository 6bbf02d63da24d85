package domain

import "cmp"

// Kind is a family of bearer tokens. A token opens the routes of its family and
// no others.
type Kind string

// The kinds of tokens, named as messages name them.
const (
	ManagementToken Kind = "Management token"
	APIKey          Kind = "API key"
	SessionToken    Kind = "Session token"
	CLIToken        Kind = "CLI token"
)

// Prefix is how tokens of the kind begin.
func (k Kind) Prefix() string {
	switch k {
	case APIKey:
		return "nhk_us_"
	case SessionToken:
		return "nhs_"
	case CLIToken:
		return "nhc_us_"
	default:
		return "nhm_"
	}
}

// IDPrefix is how the ids of generated tokens of the kind begin.
func (k Kind) IDPrefix() string {
	if k == CLIToken {
		return "clitok_"
	}
	return "tok_"
}

// Credential is a bearer token and what is known of it.
type Credential struct {
	Kind          Kind
	ID            string // what the audit log and the CLI call it
	Label         string // what people call it; empty for nothing
	Token         string
	EnvironmentID string // of an API key
	Disabled      bool
	Revoked       bool
	ExpiresAt     Time // [Never] for no end
}

// Check refuses a credential that has been ended or switched off.
func (c *Credential) Check(now Time) error {
	switch {
	case c.Revoked:
		return Refuse(CodeTokenRevoked, "%s has been revoked", c.Kind)
	case now >= c.ExpiresAt:
		return Refuse(CodeTokenExpired, "%s has expired", c.Kind)
	case c.Disabled:
		return Refuse(CodeTokenDisabled, "%s is disabled", c.Kind)
	}
	return nil
}

// Actor is who acts with the credential.
func (c *Credential) Actor() Actor {
	a := Actor{Type: ActorManagementToken, ID: c.ID, Label: cmp.Or(c.Label, string(c.Kind))}
	switch c.Kind {
	case SessionToken:
		a.Type = ActorUser
	case CLIToken:
		a.Type = ActorCLIToken
	}
	return a
}
