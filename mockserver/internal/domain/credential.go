package domain

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

// Credential is a bearer token and what is known of it.
type Credential struct {
	Kind          Kind
	ID            string // what the audit log and the CLI call it
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
