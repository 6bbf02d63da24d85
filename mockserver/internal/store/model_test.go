package store

import (
	"slices"
	"strings"

	"github.com/nahook/nahook-go/mockserver/internal/domain"
)

// model is a workspace without an index: rows in plain slices, and every answer
// found by scanning and sorting them. It takes from the store only what cannot be
// foretold: ids, keys and secrets that were made.
type model struct {
	now           domain.Time
	order         int
	plan          domain.Plan
	endpointLimit domain.Limit
	schedule      domain.Schedule

	environments  []*kept[environmentRow]
	published     []publication
	credentials   []domain.Credential
	applications  []*kept[applicationRow]
	endpoints     []*kept[endpointRow]
	eventTypes    []*kept[eventTypeRow]
	subscriptions []*kept[subscriptionRow]
	deliveries    []*kept[deliveryRow]
	answers       []modelAnswer
	sessions      []*kept[sessionRow]
	tests         []testWindow
	audit         []auditRow // oldest first
}

// kept is a record of the model with its place in every list.
type kept[T comparable] struct {
	id      string
	at      domain.Time
	order   int // of arrival
	version int // how often it has changed
	row     T
}

type environmentRow struct {
	Name, Slug string
	IsDefault  bool
	UpdatedAt  domain.Time
}

type publication struct{ environmentID, eventTypeID string }

type applicationRow struct {
	ExternalID, Name, Metadata string
	MaxEndpoints               domain.Limit
	ShowEventTypes             bool
	UpdatedAt                  domain.Time
}

type endpointRow struct {
	ApplicationID, EnvironmentID            string
	Type                                    domain.EndpointType
	URL, WebhookURL                         string
	Secret, OldSecret                       string
	OldSecretEnds                           domain.Time
	Accepts, IsActive                       bool
	Description, AuthUsername, AuthPassword string
	Metadata                                string
	UpdatedAt                               domain.Time
}

type eventTypeRow struct{ Name, Description string }

type subscriptionRow struct{ EndpointID, EventTypeID string }

type deliveryRow struct {
	EndpointID, ApplicationID, MessageID, IdempotencyKey, EventType, Payload string

	Stored                              bool
	Storage                             domain.PayloadStatus
	Status                              domain.DeliveryStatus
	Attempts                            string // spelt by attemptsText
	NextRetryAt, DeliveredAt, UpdatedAt domain.Time
	Once, Seeded                        bool
}

// modelScope is where a key means one thing.
type modelScope struct{ endpointID, eventTypeID, environmentID, key string }

// modelAnswer is what a request with a key was told.
type modelAnswer struct {
	scope       modelScope
	ends        domain.Time
	deliveryIDs []string
}

type sessionRow struct {
	ApplicationID            string
	Role                     domain.Role
	Metadata                 string
	CodeHash, TokenHash      domain.Hash
	CodeExpiresAt, ExpiresAt domain.Time
	Exchanged                bool
}

type testWindow struct {
	credentialID string
	start        domain.Time
	used         int
}

type auditRow struct {
	at         domain.Time
	actor      domain.Actor
	resource   domain.Resource
	resourceID string
	verb       domain.Verb
	metadata   string
}

// refusal is how the text of an error begins; empty for success.
type refusal string

const (
	noApplication  refusal = "not_found: Application"
	noEndpoint     refusal = "not_found: Endpoint"
	noEventType    refusal = "not_found: Event type"
	noSubscription refusal = "not_found: Subscription"
	noEnvironment  refusal = "not_found: Environment"
	noDelivery     refusal = "not_found: Delivery"
	invalid        refusal = "validation_error: "
	conflict       refusal = "conflict: "
	disabled       refusal = "conflict: Endpoint is disabled"
	badCode        refusal = "invalid_code: "
)

func keep[T comparable](m *model, rows *[]*kept[T], id string, at domain.Time, row T) *kept[T] {
	m.order++
	k := &kept[T]{id: id, at: at, order: m.order, row: row}
	*rows = append(*rows, k)
	return k
}

func find[T comparable](rows []*kept[T], id string) *kept[T] {
	return findBy(rows, func(k *kept[T]) bool { return k.id == id })
}

func findBy[T comparable](rows []*kept[T], wanted func(*kept[T]) bool) *kept[T] {
	if i := slices.IndexFunc(rows, wanted); i >= 0 {
		return rows[i]
	}
	return nil
}

func drop[T comparable](rows *[]*kept[T], gone func(*kept[T]) bool) {
	*rows = slices.DeleteFunc(*rows, gone)
}

// newestFirst gives the wanted rows as lists of the API give them.
func newestFirst[T comparable](rows []*kept[T], wanted func(*kept[T]) bool) []*kept[T] {
	var selected []*kept[T]
	for _, k := range rows {
		if wanted(k) {
			selected = append(selected, k)
		}
	}
	slices.SortFunc(selected, func(a, b *kept[T]) int {
		if a.older(b.at, b.order) {
			return 1
		}
		return -1
	})
	return selected
}

func (k *kept[T]) older(at domain.Time, order int) bool {
	return k.at < at || k.at == at && k.order < order
}

func all[T comparable](*kept[T]) bool { return true }

// page cuts rows[offset:offset+limit], as far as there are any.
func page[R any](rows []R, offset, limit int) []R {
	offset = min(offset, len(rows))
	return rows[offset:min(offset+limit, len(rows))]
}

// record writes a row of the audit log; metadata are keys and values in turn.
func (m *model) record(actor domain.Actor, resource domain.Resource, id string, verb domain.Verb, metadata ...string) {
	if actor.Type == "" {
		return
	}
	var text strings.Builder
	for i := 0; i < len(metadata); i += 2 {
		text.WriteString(metadata[i] + "=" + metadata[i+1] + ";")
	}
	m.audit = append(m.audit, auditRow{m.now, actor, resource, id, verb, text.String()})
}

func metadataText(metadata domain.Metadata) string {
	if len(metadata) == 0 {
		return ""
	}
	var text strings.Builder
	for _, p := range metadata {
		text.WriteString(p.Key + "=" + p.Value + ";")
	}
	return text.String()
}

// selectAudit scans the log, newest first.
func (m *model) selectAudit(f AuditFilter) []auditRow {
	var rows []auditRow
	for _, row := range slices.Backward(m.audit) {
		switch {
		case f.Action != "" && f.Action != string(row.resource)+"."+string(row.verb),
			f.Resource != "" && f.Resource != row.resource,
			f.ActorType != "" && f.ActorType != row.actor.Type,
			f.From != nil && row.at < *f.From,
			f.To != nil && row.at > *f.To:
		default:
			rows = append(rows, row)
		}
	}
	return rows
}
