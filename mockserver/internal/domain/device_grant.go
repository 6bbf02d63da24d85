package domain

import "time"

// How long a grant and the token that it leads to live, and how often a client
// may ask.
const (
	DeviceGrantLifetime = 10 * time.Minute
	DeviceGrantInterval = 5 * time.Second
	CLITokenLifetime    = 90 * 24 * time.Hour
)

// DeviceGrant is a command line's request for a token, which somebody signed in
// to the dashboard approves or denies.
type DeviceGrant struct {
	UserCode  string
	CodeHash  Hash // of the device code
	ExpiresAt Time
	Approved  bool
	Denied    bool
}

// Poll tells whether the token can be had: not yet, for no error and false.
func (g DeviceGrant) Poll(now Time) (bool, error) {
	switch {
	case g.Denied:
		return false, Refuse(CodeAccessDenied, "The request was denied")
	case now >= g.ExpiresAt:
		return false, Refuse(CodeExpiredToken, "The device code has expired")
	}
	return g.Approved, nil
}
