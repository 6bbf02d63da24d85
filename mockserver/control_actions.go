package mockserver

import (
	"net/http"
	"time"

	"github.com/nahook/nahook-go/mockserver/internal/domain"
)

// newTokenJSON describes a token. An API key has an environment, and the other kinds
// an end.
type newTokenJSON struct {
	Kind        string `json:"kind"`
	Environment string `json:"environment"`
	Disabled    bool   `json:"disabled"`
	Revoked     bool   `json:"revoked"`
	ExpiresIn   string `json:"expiresIn"`
}

func createToken(c *controlCall) (any, error) {
	var body newTokenJSON
	if err := c.read(&body, maxControlBody); err != nil {
		return nil, err
	}
	token, err := body.mint(c.workspace)
	return map[string]string{"token": token}, err
}

func (n newTokenJSON) mint(w *Workspace) (string, error) {
	isKey := n.Kind == "apiKey"
	switch {
	case isKey && (n.Revoked || n.ExpiresIn != ""):
		return "", domain.Invalid("an API key is disabled or not; it is never revoked, and does not expire")
	case isKey:
		return w.newAPIKey(APIKeyOptions{Environment: n.Environment, Disabled: n.Disabled})
	case n.Environment != "":
		return "", domain.Invalid("environment: only an API key has one")
	}
	o := TokenOptions{Disabled: n.Disabled, Revoked: n.Revoked}
	if n.ExpiresIn != "" {
		var err error
		if o.ExpiresIn, err = duration("expiresIn", n.ExpiresIn); err == nil && o.ExpiresIn == 0 {
			err = domain.Invalid("expiresIn: 0s is no time; a negative one makes a token that has expired")
		}
		if err != nil {
			return "", err
		}
	}
	switch n.Kind {
	case "management":
		return w.NewManagementToken(o), nil
	case "session":
		return w.NewSessionToken(o), nil
	}
	return "", domain.Invalid("kind: %q is none of management, session and apiKey", n.Kind)
}

func rotateSecret(c *controlCall) (any, error) {
	var body struct {
		Grace string `json:"grace"`
	}
	if err := c.read(&body, maxControlBody); err != nil {
		return nil, err
	}
	var grace time.Duration
	if body.Grace != "" {
		var err error
		if grace, err = duration("grace", body.Grace); err != nil {
			return nil, err
		}
	}
	id := c.PathValue("id")
	if _, err := c.workspace.rows.Endpoint(id); err != nil {
		return nil, domain.Refuse(domain.CodeNotFound, "There is no endpoint %q", id)
	}
	secret, err := c.workspace.rotateSecret(id, grace)
	return map[string]string{"secret": secret}, err
}

func decideDeviceGrant(c *controlCall) (any, error) {
	var body struct {
		Approve *bool `json:"approve"`
	}
	if err := c.read(&body, maxControlBody); err != nil {
		return nil, err
	}
	approve := body.Approve == nil || *body.Approve
	if err := c.workspace.decideGrant(c.PathValue("user_code"), approve); err != nil {
		return nil, domain.Refuse(domain.CodeNotFound, "%v", err)
	}
	return map[string]bool{"approved": approve}, nil
}

// replyJSON is a [Reply].
type replyJSON struct {
	Status  int               `json:"status"`
	Headers map[string]string `json:"headers"`
	Body    string            `json:"body"`
	Delay   string            `json:"delay"`
	Reset   bool              `json:"reset"`
	Hang    bool              `json:"hang"`
}

func createReceiver(c *controlCall) (any, error) {
	var body struct {
		Replies []replyJSON `json:"replies"`
	}
	if err := c.read(&body, maxControlBody); err != nil {
		return nil, err
	}
	replies := make([]Reply, 0, len(body.Replies))
	err := each("replies", body.Replies, func(r replyJSON) error {
		reply, err := r.reply()
		replies = append(replies, reply)
		return err
	})
	if err != nil {
		return nil, err
	}
	receiver, err := c.workspace.scripted(replies)
	if err != nil {
		return nil, err
	}
	return map[string]string{"url": receiver.URL()}, nil
}

func (r replyJSON) reply() (Reply, error) {
	reply := Reply{Status: r.Status, Body: r.Body, Reset: r.Reset, Hang: r.Hang, Header: http.Header{}}
	for name, value := range r.Headers {
		reply.Header.Set(name, value)
	}
	var err error
	if r.Delay != "" {
		if reply.Delay, err = duration("delay", r.Delay); err != nil {
			return reply, err
		}
	}
	return reply, reply.check()
}
