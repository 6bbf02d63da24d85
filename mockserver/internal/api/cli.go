package api

import (
	"net/http"
	"time"

	"github.com/nahook/nahook-go/mockserver/internal/domain"
)

func grantRoutes() []route {
	return []route{
		post("deviceGrant.start", "/start", (*API).startGrant).answers(http.StatusOK).withoutBody(),
		post("deviceGrant.poll", "/poll", (*API).pollGrant).answers(http.StatusOK),
	}
}

func cliTokenRoutes() []route {
	return []route{remove("tokens.delete", "/{token}", (*API).deleteCLIToken)}
}

// grantJSON is in the letter of RFC 8628, like all of the device grant.
type grantJSON struct {
	DeviceCode      string `json:"device_code"`
	UserCode        string `json:"user_code"`
	VerificationURI string `json:"verification_uri"`
	ExpiresIn       int    `json:"expires_in"`
	Interval        int    `json:"interval"`
}

func (a *API) startGrant(x *exchange) (any, error) {
	deviceCode, userCode := a.StartGrant()
	return grantJSON{
		DeviceCode: deviceCode, UserCode: userCode, VerificationURI: a.publicURL(x.Request) + "/device",
		ExpiresIn: int(domain.DeviceGrantLifetime / time.Second), Interval: int(domain.DeviceGrantInterval / time.Second),
	}, nil
}

type grantedJSON struct {
	AccessToken string    `json:"access_token"`
	TokenType   string    `json:"token_type"`
	TokenID     string    `json:"token_id"`
	WorkspaceID string    `json:"workspace_id"`
	ExpiresAt   timestamp `json:"expires_at"`
}

type waitingJSON struct {
	Status string `json:"status"`
}

func (a *API) pollGrant(x *exchange) (any, error) {
	code := x.body.text("device_code", refused)
	machine := valueOr(x.body.text("machine_name", refused), "")
	if err := x.body.check(); err != nil {
		return nil, err
	}
	if code == nil {
		return nil, domain.Invalid("device_code is required")
	}
	token, workspace, err := a.PollGrant(*code, machine)
	switch {
	case err != nil:
		return nil, err
	case token == nil:
		x.status = http.StatusAccepted
		return waitingJSON{"authorization_pending"}, nil
	}
	x.workspace = workspace
	return grantedJSON{
		AccessToken: token.Token, TokenType: "Bearer", TokenID: token.ID, WorkspaceID: workspace.ID(), ExpiresAt: timestamp(token.ExpiresAt),
	}, nil
}

func (a *API) deleteCLIToken(x *exchange) (any, error) {
	return nil, x.editor().RevokeCLIToken(x.PathValue("token"))
}
