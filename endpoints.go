package nahook

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/nahook/nahook-go/internal/transport"
)

// Endpoints are where webhooks go: those of the workspace and those of its
// applications. [Applications.CreateEndpoint] makes one for a customer.
type Endpoints struct{ api *transport.Transport }

// EndpointType tells how an endpoint is delivered to. It is open: a server may
// know more types than this version of the module.
type EndpointType string

// The types of endpoints.
const (
	EndpointTypeWebhook EndpointType = "webhook" // a signed POST to the endpoint's URL
	EndpointTypeSlack   EndpointType = "slack"   // a message through a Slack webhook
)

// Endpoint is one receiver of webhooks. It prints and logs without its secrets,
// within the limits of [Secret].
type Endpoint struct {
	ID           string            `json:"id"`               // starts with "ep_"
	URL          string            `json:"url"`              // empty for a Slack endpoint
	Secret       Secret            `json:"secret,omitempty"` // signs deliveries; only Create and Get have it
	Description  string            `json:"description"`
	AuthUsername string            `json:"authUsername"` // of HTTP basic authentication; the password is never returned
	HasAuth      bool              `json:"hasAuth"`      // whether deliveries authenticate
	IsActive     bool              `json:"isActive"`     // whether anything is delivered; a disabled endpoint still counts towards limits
	Type         EndpointType      `json:"type"`
	Config       EndpointConfig    `json:"config"`
	Metadata     map[string]string `json:"metadata"` // up to 5 keys of your own; nil only if the server left it out
	CreatedAt    time.Time         `json:"createdAt"`
	UpdatedAt    time.Time         `json:"updatedAt"`
}

// EndpointConfig is what an endpoint's type needs besides. It prints and logs
// without the webhook URL, whose possession is all that Slack asks for, within
// the limits of [Secret].
type EndpointConfig struct {
	WebhookURL string `json:"webhookUrl,omitempty"` // of a Slack endpoint
}

// CreateEndpointOptions describes a new endpoint. It prints and logs without
// its password, within the limits of [Secret].
type CreateEndpointOptions struct {
	URL           string            `json:"url,omitempty"`           // absolute, http or https; required unless Type is Slack
	Type          EndpointType      `json:"type,omitempty"`          // empty is a webhook; fixed once given
	Description   string            `json:"description,omitempty"`   // up to 500 characters
	AuthUsername  string            `json:"authUsername,omitempty"`  // HTTP basic authentication of deliveries:
	AuthPassword  string            `json:"authPassword,omitempty"`  // both or neither
	Metadata      map[string]string `json:"metadata,omitempty"`      // up to 5 keys
	Config        *EndpointConfig   `json:"config,omitempty"`        // required if Type is Slack
	EnvironmentID string            `json:"environmentId,omitempty"` // empty is the default environment; fixed once given
}

// UpdateEndpointOptions changes what it sets and leaves the rest. It prints and
// logs without its password, within the limits of [Secret].
type UpdateEndpointOptions struct {
	URL          *string           `json:"url,omitempty"`
	Description  *string           `json:"description,omitempty"` // an empty one clears it
	Metadata     map[string]string `json:"metadata,omitzero"`     // replaces the whole map: nil leaves it, an empty one clears it
	IsActive     *bool             `json:"isActive,omitempty"`
	Config       *EndpointConfig   `json:"config,omitempty"`
	AuthUsername *string           `json:"authUsername,omitempty"` // an empty one ends authentication
	AuthPassword *string           `json:"authPassword,omitempty"`
}

// List returns all endpoints of the workspace, those of applications included,
// newest first and without their secrets.
func (e *Endpoints) List(ctx context.Context, workspaceID string, opts ...CallOption) (*List[Endpoint], error) {
	return list[Endpoint](ctx, e.api, transport.Get("endpoints.list", "/workspaces/{workspace}/endpoints", workspaceID), opts)
}

// Create adds an endpoint that belongs to no application. Its URL need not be
// unique, and is not contacted. Create fails with [ErrEndpointLimitReached] if
// the workspace has all that its plan allows.
func (e *Endpoints) Create(ctx context.Context, workspaceID string, o CreateEndpointOptions, opts ...CallOption) (*Endpoint, error) {
	return call[Endpoint](ctx, e.api, transport.Post("endpoints.create", "/workspaces/{workspace}/endpoints", workspaceID).With(o), opts)
}

// Get returns one endpoint, with its secret, or [ErrNotFound].
func (e *Endpoints) Get(ctx context.Context, workspaceID, id string, opts ...CallOption) (*Endpoint, error) {
	return call[Endpoint](ctx, e.api, transport.Get("endpoints.get", "/workspaces/{workspace}/endpoints/{endpoint}", workspaceID, id), opts)
}

// Update changes an endpoint and returns it as it is then, without its secret,
// or [ErrNotFound].
func (e *Endpoints) Update(ctx context.Context, workspaceID, id string, o UpdateEndpointOptions, opts ...CallOption) (*Endpoint, error) {
	return call[Endpoint](ctx, e.api, transport.Patch("endpoints.update", "/workspaces/{workspace}/endpoints/{endpoint}", workspaceID, id).With(o), opts)
}

// Delete removes an endpoint for good, with its subscriptions. It fails with
// [ErrNotFound] if there is none, except after an attempt whose answer was lost:
// then that attempt has removed it.
func (e *Endpoints) Delete(ctx context.Context, workspaceID, id string, opts ...CallOption) error {
	return remove(ctx, e.api, transport.Delete("endpoints.delete", "/workspaces/{workspace}/endpoints/{endpoint}", workspaceID, id), opts)
}

func (e *Endpoint) complete() error { return required("id", e.ID) }

// LogValue logs the endpoint without its secrets.
func (e Endpoint) LogValue() slog.Value {
	type record Endpoint
	e.Secret, e.Config = Secret(e.Secret.redacted()), e.Config.redacted()
	return slog.AnyValue(record(e))
}

// Format prints the configuration without its webhook URL.
func (c EndpointConfig) Format(s fmt.State, verb rune) {
	type config EndpointConfig
	format(s, verb, config(c.redacted()))
}

// LogValue logs the configuration without its webhook URL.
func (c EndpointConfig) LogValue() slog.Value {
	type config EndpointConfig
	return slog.AnyValue(config(c.redacted()))
}

func (c EndpointConfig) redacted() EndpointConfig {
	c.WebhookURL = redact(c.WebhookURL)
	return c
}

func (c *EndpointConfig) redactedCopy() *EndpointConfig {
	if c == nil {
		return nil
	}
	return Ptr(c.redacted())
}

type createEndpointOptions CreateEndpointOptions

// Format prints the options without their secrets.
func (o CreateEndpointOptions) Format(s fmt.State, verb rune) { format(s, verb, o.redacted()) }

// LogValue logs the options without their secrets.
func (o CreateEndpointOptions) LogValue() slog.Value { return slog.AnyValue(o.redacted()) }

func (o CreateEndpointOptions) redacted() createEndpointOptions {
	o.AuthPassword, o.Config = redact(o.AuthPassword), o.Config.redactedCopy()
	return createEndpointOptions(o)
}

// LogValue logs the options without their secrets.
func (o UpdateEndpointOptions) LogValue() slog.Value {
	type options UpdateEndpointOptions
	if o.AuthPassword != nil {
		o.AuthPassword = Ptr(redact(*o.AuthPassword))
	}
	o.Config = o.Config.redactedCopy()
	return slog.AnyValue(options(o))
}
