package nahook

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"time"

	"github.com/nahook/nahook-go/internal/transport"
)

// AuditLogs tell who changed what in a workspace, by whatever way. What is sent
// and delivered is not among them.
type AuditLogs struct{ api *transport.Transport }

// ActorType is what somebody acted with. It is open: a server may know more of
// them than this version of the module.
type ActorType string

// What somebody can act with.
const (
	ActorTypeManagementToken ActorType = "management_token"
	ActorTypeUser            ActorType = "user"           // of the dashboard
	ActorTypeCLIToken        ActorType = "cli_token"      // the command line
	ActorTypePortalSession   ActorType = "portal_session" // a customer in the Developer Portal
)

// AuditLog is one change.
type AuditLog struct {
	ID           string         `json:"id"` // a UUID
	ActorType    ActorType      `json:"actorType"`
	ActorID      string         `json:"actorId"`
	ActorLabel   string         `json:"actorLabel"` // for people
	Visibility   string         `json:"visibility"` // who may see it, such as "workspace"
	Action       string         `json:"action"`     // such as "endpoint.created"
	ResourceType string         `json:"resourceType"`
	ResourceID   string         `json:"resourceId"`
	Metadata     map[string]any `json:"metadata"` // depends on Action; numbers in it are float64
	CreatedAt    time.Time      `json:"createdAt"`
}

// AuditLogPage is one page of audit logs.
type AuditLogPage struct {
	Data     []AuditLog `json:"data"`     // empty, not nil, if there are none
	Total    int        `json:"total"`    // how many there are on all pages
	Page     int        `json:"page"`     // which page this is, from 1
	PageSize int        `json:"pageSize"` // how many a full page has
}

// ListAuditLogsOptions selects one page. A negative number is refused with
// [ErrInvalidArgument].
type ListAuditLogsOptions struct {
	Page         int       // from 1; 0 is the first
	From         time.Time // none before, to the millisecond; zero is no limit
	To           time.Time // none after, to the millisecond; zero is no limit
	Action       string    // such as "endpoint.created"; empty is all
	ResourceType string    // such as "endpoint"; empty is all
	ActorType    ActorType // empty is all
}

// List returns one page of audit logs, newest first. With nil options it is the
// first page of all; [AuditLogs.All] goes through all pages.
func (a *AuditLogs) List(ctx context.Context, workspaceID string, o *ListAuditLogsOptions, opts ...CallOption) (*AuditLogPage, error) {
	return call[AuditLogPage](ctx, a.api, transport.Get("auditLogs.list", "/workspaces/{workspace}/audit-logs", workspaceID).Where(o.query()), opts)
}

// All goes through the audit logs, newest first, one page at a time as the loop
// asks for them. Of its options, Page is where to start, and the others select;
// nil goes through all. An error ends the loop, with a nil audit log.
//
// Pages are counted from the newest row. One written meanwhile may be missed or
// come late, but makes no other appear twice or be missed. A server that ignores
// the page ends the loop with an error, and so do three pages in a row without
// anything new, as when that many rows are written between two of them.
func (a *AuditLogs) All(ctx context.Context, workspaceID string, o *ListAuditLogsOptions, opts ...CallOption) iter.Seq2[*AuditLog, error] {
	start := *cmp.Or(o, new(ListAuditLogsOptions))
	return numberedPages("auditLogs.list", cmp.Or(start.Page, 1), auditLogID, func(number int) ([]AuditLog, bool, error) {
		where := start
		where.Page = number
		page, err := a.List(ctx, workspaceID, &where, opts...)
		if err != nil {
			return nil, false, err
		}
		if page.Page != number {
			return nil, false, fmt.Errorf("nahook: auditLogs.list: the server ignores paging: it sent page %d for page %d", page.Page, number)
		}
		believed := page.Total >= len(page.Data) // else it is missing or wrong, and only an empty page is the last
		return page.Data, believed && number*page.PageSize >= page.Total, nil
	})
}

func auditLogID(a *AuditLog) string { return a.ID }

func (a *AuditLog) complete() error { return required("id", a.ID) }

func (p *AuditLogPage) complete() error { return completePage("data", p.Data) }

// auditLogsQuery is ListAuditLogsOptions on the wire.
type auditLogsQuery struct {
	Page         count  `url:"page,omitempty"`
	From         string `url:"from,omitempty"`
	To           string `url:"to,omitempty"`
	Action       string `url:"action,omitempty"`
	ResourceType string `url:"resource_type,omitempty"`
	ActorType    string `url:"actor_type,omitempty"`
}

func (o *ListAuditLogsOptions) query() any {
	if o == nil {
		return nil
	}
	return auditLogsQuery{count(o.Page), timestamp(o.From), timestamp(o.To), o.Action, o.ResourceType, string(o.ActorType)}
}

// timestamp is t as the API writes it, empty for none.
func timestamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02T15:04:05.000Z")
}
