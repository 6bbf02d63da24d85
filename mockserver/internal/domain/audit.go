package domain

// ActorType is what kind of somebody changed something.
type ActorType string

// The types of actors.
const (
	ActorManagementToken ActorType = "management_token"
	ActorUser            ActorType = "user"
	ActorCLIToken        ActorType = "cli_token"
	ActorPortalSession   ActorType = "portal_session"
)

// Actor is who changes something. [Nobody] does so unrecorded.
type Actor struct {
	Type  ActorType
	ID    string
	Label string // what people call the actor
}

// Nobody is the actor of what a workspace starts with.
var Nobody Actor

// Resource is a kind of thing that the audit log tells of.
type Resource string

// The kinds of things that are audited.
const (
	ResourceApplication   Resource = "application"
	ResourceEndpoint      Resource = "endpoint"
	ResourceEventType     Resource = "event_type"
	ResourceSubscription  Resource = "subscription"
	ResourceEnvironment   Resource = "environment"
	ResourcePortalSession Resource = "portal_session"
	ResourceDelivery      Resource = "delivery"
	ResourceCLIToken      Resource = "cli_token"
)

// Verb is what was done to a resource.
type Verb string

// What can be done to resources.
const (
	VerbCreated           Verb = "created"
	VerbUpdated           Verb = "updated"
	VerbDeleted           Verb = "deleted"
	VerbVisibilityUpdated Verb = "visibility_updated" // of an environment
	VerbSecretRotated     Verb = "secret_rotated"     // of an endpoint
	VerbSecretRevealed    Verb = "secret_revealed"    // of an endpoint
	VerbTested            Verb = "tested"             // of an endpoint
	VerbRetried           Verb = "retried"            // of a delivery
	VerbExchanged         Verb = "exchanged"          // of a portal session
	VerbCodeReplayed      Verb = "code_replayed"      // of a portal session
	VerbEnded             Verb = "ended"              // of a portal session
)

// Change is what an audit entry tells: what was done to what.
type Change struct {
	Resource   Resource
	ResourceID string
	Verb       Verb
	Metadata   Metadata // what else is worth knowing
}

// Action names the kind of change, such as "endpoint.created".
func (c Change) Action() string { return string(c.Resource) + "." + string(c.Verb) }

// AuditEntry is one row of the audit log. Rows are never changed and never go.
type AuditEntry struct {
	ID string // a UUID
	Position
	Change
	Actor Actor
}
