package api

import (
	"github.com/nahook/nahook-go/mockserver/internal/domain"
)

func portalSessionRoutes() []route {
	return []route{
		post("portalSessions.create", "/applications/{application}/portal", (*API).createPortalSession).portal(),
	}
}

// portalSessionJSON has the link twice: the documentation uses both names.
type portalSessionJSON struct {
	URL       string    `json:"url"`
	PortalURL string    `json:"portalUrl"`
	Code      string    `json:"code"`
	ExpiresAt timestamp `json:"expiresAt"`
}

// createPortalSession puts the code behind the link's #, which a browser never
// sends: no log, referrer or link scanner gets to see it.
func (a *API) createPortalSession(x *exchange) (any, error) {
	n := domain.NewPortalSession{
		Role:     domain.Role(valueOr(x.body.text("role", absent), string(domain.DefaultRole))),
		Minutes:  valueOr(x.body.integer("expiresInMinutes", absent), domain.DefaultSessionMinutes),
		Metadata: valueOr(x.body.metadata(), nil),
	}
	if err := x.body.check(); err != nil {
		return nil, err
	}
	session, code, err := x.editor().CreatePortalSession(x.PathValue("application"), n)
	if err != nil {
		return nil, err
	}
	link := a.publicURL(x.Request) + "/portal/s/" + session.ID + "#code=" + code
	return portalSessionJSON{URL: link, PortalURL: link, Code: code, ExpiresAt: timestamp(session.ExpiresAt)}, nil
}
