package nahook

import (
	"context"
	"fmt"
	"iter"
	"net/url"
	"strconv"
	"time"

	"github.com/nahook/nahook-go/internal/transport"
)

// Applications are your customers in Nahook. They need the Developer Portal
// feature: without it every method fails with [ErrFeatureDisabled].
type Applications struct{ api *transport.Transport }

// Application is one customer, with endpoints of their own.
type Application struct {
	ID             string            `json:"id"`             // starts with "app_"
	ExternalID     string            `json:"externalId"`     // your own id of the customer; empty if none was given
	Name           string            `json:"name"`           // for people
	Metadata       map[string]string `json:"metadata"`       // up to 5 keys of your own; nil only if the server left it out
	MaxEndpoints   *int              `json:"maxEndpoints"`   // how many endpoints the customer may have, disabled ones included; nil is no limit but the plan's, 0 none
	ShowEventTypes bool              `json:"showEventTypes"` // whether the portal shows the event types and lets the customer subscribe
	CreatedAt      time.Time         `json:"createdAt"`
	UpdatedAt      time.Time         `json:"updatedAt"`
}

// ListApplicationsOptions selects one page. Negative numbers are refused with
// [ErrInvalidArgument].
type ListApplicationsOptions struct {
	Limit  int // at most this many, 1 to 100; 0 is the server's default, 50, and it takes more than 100 as 100
	Offset int // after skipping this many of the newest
}

// CreateApplicationOptions describes a new application.
type CreateApplicationOptions struct {
	Name           string            `json:"name"`                     // required, up to 255 characters
	ExternalID     string            `json:"externalId,omitempty"`     // unique in the workspace; fixed once given
	Metadata       map[string]string `json:"metadata,omitempty"`       // up to 5 keys
	MaxEndpoints   *int              `json:"maxEndpoints,omitempty"`   // nil is no limit, 0 lets the customer create none
	ShowEventTypes *bool             `json:"showEventTypes,omitempty"` // nil is true
}

// UpdateApplicationOptions changes what it sets and leaves the rest.
type UpdateApplicationOptions struct {
	Name           *string           `json:"name,omitempty"`
	Metadata       map[string]string `json:"metadata,omitzero"`        // replaces the whole map: nil leaves it, an empty one clears it
	MaxEndpoints   Nullable[int]     `json:"maxEndpoints,omitzero"`    // [Null] removes the limit; one below the present count blocks only new endpoints
	ShowEventTypes *bool             `json:"showEventTypes,omitempty"` // existing subscriptions keep delivering either way
}

// List returns one page of applications, newest first. With nil options it is
// the first page, of 50; [Applications.All] goes through all pages.
func (a *Applications) List(ctx context.Context, workspaceID string, o *ListApplicationsOptions, opts ...CallOption) (*List[Application], error) {
	return applications(list[applicationJSON](ctx, a.api, transport.Get("applications.list", "/workspaces/{workspace}/applications", workspaceID).Where(o.query()), opts))
}

// Create adds an application. It fails with [ErrConflict] if its ExternalID is
// taken, which is also how a repeated Create shows that the first one worked;
// without an ExternalID a repeated Create adds another application.
func (a *Applications) Create(ctx context.Context, workspaceID string, o CreateApplicationOptions, opts ...CallOption) (*Application, error) {
	return application(call[applicationJSON](ctx, a.api, transport.Post("applications.create", "/workspaces/{workspace}/applications", workspaceID).With(o), opts))
}

// Get returns one application, or [ErrNotFound].
func (a *Applications) Get(ctx context.Context, workspaceID, id string, opts ...CallOption) (*Application, error) {
	return application(call[applicationJSON](ctx, a.api, transport.Get("applications.get", "/workspaces/{workspace}/applications/{application}", workspaceID, id), opts))
}

// Update changes an application and returns it as it is then, or [ErrNotFound].
func (a *Applications) Update(ctx context.Context, workspaceID, id string, o UpdateApplicationOptions, opts ...CallOption) (*Application, error) {
	return application(call[applicationJSON](ctx, a.api, transport.Patch("applications.update", "/workspaces/{workspace}/applications/{application}", workspaceID, id).With(o), opts))
}

// Delete removes an application for good, with all its endpoints and portal
// sessions. It fails with [ErrNotFound] if there is none, except after an
// attempt whose answer was lost: then that attempt has removed it.
func (a *Applications) Delete(ctx context.Context, workspaceID, id string, opts ...CallOption) error {
	return remove(ctx, a.api, transport.Delete("applications.delete", "/workspaces/{workspace}/applications/{application}", workspaceID, id), opts)
}

// ListEndpoints returns all endpoints of an application, newest first, without
// their secrets, or [ErrNotFound].
func (a *Applications) ListEndpoints(ctx context.Context, workspaceID, id string, opts ...CallOption) (*List[Endpoint], error) {
	return list[Endpoint](ctx, a.api, transport.Get("applications.listEndpoints", "/workspaces/{workspace}/applications/{application}/endpoints", workspaceID, id), opts)
}

// CreateEndpoint adds an endpoint to an application. It fails with
// [ErrApplicationEndpointLimitReached] if the application has MaxEndpoints
// already, and with [ErrEndpointLimitReached] if the workspace has all that its
// plan allows.
func (a *Applications) CreateEndpoint(ctx context.Context, workspaceID, id string, o CreateEndpointOptions, opts ...CallOption) (*Endpoint, error) {
	return call[Endpoint](ctx, a.api, transport.Post("applications.createEndpoint", "/workspaces/{workspace}/applications/{application}/endpoints", workspaceID, id).With(o), opts)
}

// All goes through the applications, newest first, one page at a time as the
// loop asks for them. Of its options, Limit is the size of a page, 100 if it is
// 0 or more than that, and Offset is where to start; nil goes through all. An
// error ends the loop, with a nil application.
//
// Pages are counted from the newest application. One created meanwhile may be
// missed, but makes no other appear twice, unless 300 or more are created between
// two pages; one deleted meanwhile shifts another past the loop, which is then
// missed. A server that ignores the offset ends the loop with an error. That a
// page is the last one shows when it is shorter than the one before it, so even
// a single one takes two requests.
func (a *Applications) All(ctx context.Context, workspaceID string, o *ListApplicationsOptions, opts ...CallOption) iter.Seq2[*Application, error] {
	var start ListApplicationsOptions
	if o != nil {
		start = *o
	}
	return offsetPages("applications.list", start.Limit, start.Offset, applicationID, func(limit, offset int) ([]Application, error) {
		page, err := a.List(ctx, workspaceID, &ListApplicationsOptions{Limit: limit, Offset: offset}, opts...)
		if err != nil {
			return nil, err
		}
		return page.Data, nil
	})
}

func applicationID(a *Application) string { return a.ID }

func (a *Application) complete() error { return required("id", a.ID) }

// applicationsQuery is ListApplicationsOptions on the wire.
type applicationsQuery struct {
	Limit  count `url:"limit,omitempty"`
	Offset count `url:"offset,omitempty"`
}

func (o *ListApplicationsOptions) query() any {
	if o == nil {
		return nil
	}
	return applicationsQuery{count(o.Limit), count(o.Offset)}
}

// count is a number in a query that cannot be negative.
type count int

// EncodeValues implements [query.Encoder].
func (c count) EncodeValues(key string, v *url.Values) error {
	if c < 0 {
		return fmt.Errorf("%s is negative", key)
	}
	v.Set(key, strconv.Itoa(int(c)))
	return nil
}

// applicationJSON is an application as servers may send it: those that do not
// know of showEventTypes yet show them. Reading that beside the record, and not
// in an UnmarshalJSON, spares a list from being scanned twice.
type applicationJSON struct {
	Application
	Show optionalBool `json:"showEventTypes"`
}

// optionalBool tells absence from false without the allocation of a *bool.
type optionalBool struct{ given, value bool }

func (b *optionalBool) UnmarshalJSON(data []byte) error {
	switch string(data) {
	case "true", "false":
		*b = optionalBool{given: true, value: data[0] == 't'}
	case "null":
	default:
		return flaw("showEventTypes is not a bool")
	}
	return nil
}

func application(a *applicationJSON, err error) (*Application, error) {
	if err != nil {
		return nil, err
	}
	return a.record(), nil
}

func applications(page *List[applicationJSON], err error) (*List[Application], error) {
	if err != nil {
		return nil, err
	}
	records := make([]Application, len(page.Data))
	for i := range page.Data {
		records[i] = *page.Data[i].record()
	}
	return &List[Application]{records}, nil
}

func (a *applicationJSON) record() *Application {
	a.ShowEventTypes = a.Show.value || !a.Show.given
	return &a.Application
}
