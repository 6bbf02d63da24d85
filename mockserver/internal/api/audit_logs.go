package api

import (
	"math"

	"github.com/nahook/nahook-go/mockserver/internal/domain"
	"github.com/nahook/nahook-go/mockserver/internal/store"
)

func auditLogRoutes() []route {
	return []route{get("auditLogs.list", "/audit-logs", (*API).listAuditLogs)}
}

const auditPage = 50

type auditLogsJSON struct {
	Data     []auditLogJSON `json:"data"`
	Total    int            `json:"total"`
	Page     int            `json:"page"`
	PageSize int            `json:"pageSize"`
}

type auditLogJSON struct {
	ID           string            `json:"id"`
	ActorType    domain.ActorType  `json:"actorType"`
	ActorID      string            `json:"actorId"`
	ActorLabel   string            `json:"actorLabel"`
	Visibility   string            `json:"visibility"`
	Action       string            `json:"action"`
	ResourceType domain.Resource   `json:"resourceType"`
	ResourceID   string            `json:"resourceId"`
	Metadata     map[string]string `json:"metadata"`
	CreatedAt    timestamp         `json:"createdAt"`
}

func encodeAuditLog(e *domain.AuditEntry) auditLogJSON {
	return auditLogJSON{
		ID: e.ID, ActorType: e.Actor.Type, ActorID: e.Actor.ID, ActorLabel: e.Actor.Label, Visibility: "workspace",
		Action: e.Action(), ResourceType: e.Resource, ResourceID: e.ResourceID, Metadata: e.Metadata.Map(),
		CreatedAt: timestamp(e.CreatedAt),
	}
}

func (a *API) listAuditLogs(x *exchange) (any, error) {
	q, err := parseQuery(x.URL.RawQuery)
	if err != nil {
		return nil, err
	}
	number, err := q.count("page", 1)
	if err != nil || number == 0 {
		return nil, domain.Invalid("page must be a positive integer")
	}
	f := store.AuditFilter{
		Action: q.Get("action"), Resource: domain.Resource(q.Get("resource_type")), ActorType: domain.ActorType(q.Get("actor_type")),
	}
	if f.From, err = q.instant("from"); err != nil {
		return nil, err
	}
	if f.To, err = q.instant("to"); err != nil {
		return nil, err
	}
	var space [auditPage]*domain.AuditEntry
	offset := (min(number, math.MaxInt/auditPage) - 1) * auditPage
	rows, total := x.workspace.AuditLog(space[:0], f, offset, auditPage)
	return auditLogsJSON{Data: encodeAll(rows, encodeAuditLog), Total: total, Page: number, PageSize: auditPage}, nil
}
