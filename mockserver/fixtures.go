package mockserver

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/nahook/nahook-go/mockserver/internal/api"
)

// Fixtures is what a server starts with. Every id and token is free text, and
// what is left out is generated or takes the API's default. Rows are created in
// the order given, unless createdAt makes them older: the API lists the newest
// first.
type Fixtures struct {
	Workspaces []WorkspaceFixture `json:"workspaces"`
}

// WorkspaceFixture is one workspace. It always has the default environment
// "production", and a management token, an API key and a session token are
// generated where it lists none.
type WorkspaceFixture struct {
	ID               string               `json:"id"`
	Name             string               `json:"name"`
	Plan             Plan                 `json:"plan"`           // empty for [PlanPro]
	EndpointLimit    *int                 `json:"endpointLimit"`  // nil for none
	RateLimit        *RateLimitFixture    `json:"rateLimit"`      // nil for none
	Schedule         []int                `json:"schedule"`       // seconds between attempts; nil for the default, empty for one attempt
	FramingOrigins   []string             `json:"framingOrigins"` // who may show the portal in a frame; nil for what the options say
	ManagementTokens []TokenFixture       `json:"managementTokens"`
	APIKeys          []APIKeyFixture      `json:"apiKeys"`
	SessionTokens    []TokenFixture       `json:"sessionTokens"`
	CLITokens        []TokenFixture       `json:"cliTokens"`
	Environments     []EnvironmentFixture `json:"environments"`
	EventTypes       []EventTypeFixture   `json:"eventTypes"`
	Applications     []ApplicationFixture `json:"applications"`
	Endpoints        []EndpointFixture    `json:"endpoints"`
	Deliveries       []DeliveryFixture    `json:"deliveries"`
}

// RateLimitFixture allows Limit requests in each window of workspace time.
type RateLimitFixture struct {
	Limit         int `json:"limit"`
	WindowSeconds int `json:"windowSeconds"`
}

// TokenFixture is a management, session or CLI token.
type TokenFixture struct {
	ID        string     `json:"id"` // empty for a generated one
	Token     string     `json:"token"`
	Disabled  bool       `json:"disabled"`
	Revoked   bool       `json:"revoked"`
	ExpiresAt *time.Time `json:"expiresAt"` // nil for never
}

// APIKeyFixture is an ingestion key, which belongs to one environment.
type APIKeyFixture struct {
	Key         string `json:"key"`
	Environment string `json:"environment"` // a slug; empty for the default environment
	Disabled    bool   `json:"disabled"`
}

// EnvironmentFixture is one environment. The slug "production" gives the
// default environment, which exists anyway, an id and a name.
type EnvironmentFixture struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Slug string `json:"slug"`
}

// EventTypeFixture is one entry of the catalog.
type EventTypeFixture struct {
	ID          string   `json:"id"`
	Name        string   `json:"name"`
	Description string   `json:"description"`
	PublishedIn []string `json:"publishedIn"` // slugs; nil for the default environment, empty for none
}

// ApplicationFixture is one customer.
type ApplicationFixture struct {
	ID             string            `json:"id"`
	Name           string            `json:"name"`
	ExternalID     string            `json:"externalId"` // empty for none
	Metadata       map[string]string `json:"metadata"`
	MaxEndpoints   *int              `json:"maxEndpoints"`   // nil for no limit
	ShowEventTypes *bool             `json:"showEventTypes"` // nil for true
	CreatedAt      *time.Time        `json:"createdAt"`      // nil for now
}

// EndpointFixture is one endpoint, of an application or of the workspace. It
// obeys every rule of the API but the caps: a fixture may start above a cap.
type EndpointFixture struct {
	ID            string                 `json:"id"`
	ApplicationID string                 `json:"applicationId"` // empty for an endpoint of the workspace
	Environment   string                 `json:"environment"`   // a slug; empty for the default environment
	Type          string                 `json:"type"`          // empty for "webhook"
	URL           string                 `json:"url"`
	Config        *EndpointConfigFixture `json:"config"`
	Secret        string                 `json:"secret"` // empty for a generated one
	Description   string                 `json:"description"`
	AuthUsername  string                 `json:"authUsername"`
	AuthPassword  string                 `json:"authPassword"`
	IsActive      *bool                  `json:"isActive"`      // nil for true
	Subscriptions []string               `json:"subscriptions"` // names of event types
	Metadata      map[string]string      `json:"metadata"`
	Deliver       string                 `json:"deliver"`   // "accept" lets every attempt succeed without a request; empty makes it
	CreatedAt     *time.Time             `json:"createdAt"` // nil for now
}

// EndpointConfigFixture is what an endpoint's type needs.
type EndpointConfigFixture struct {
	WebhookURL string `json:"webhookUrl"`
}

// DeliveryFixture is one delivery as it was left. It is not attempted, until it is
// retried by hand, and is kept for ever. What is not here follows from its
// attempts.
type DeliveryFixture struct {
	ID             string           `json:"id"`
	EndpointID     string           `json:"endpointId"`
	EventType      string           `json:"eventType"` // a name; empty for a direct send
	Status         string           `json:"status"`
	IdempotencyKey string           `json:"idempotencyKey"` // empty for a generated one
	Payload        json.RawMessage  `json:"payload"`        // an object; nil for none
	PayloadStatus  string           `json:"payloadStatus"`  // instead of what the rest implies: "available", "processing", "not_found" or "error"
	Attempts       []AttemptFixture `json:"attempts"`       // oldest first
	CreatedAt      *time.Time       `json:"createdAt"`      // nil for now
}

// AttemptFixture is one attempt at a delivery.
type AttemptFixture struct {
	Status             string     `json:"status"`             // "success" or "failed"
	ResponseStatusCode *int       `json:"responseStatusCode"` // nil for no response
	ResponseTimeMs     *int       `json:"responseTimeMs"`
	ErrorMessage       string     `json:"errorMessage"`
	CreatedAt          *time.Time `json:"createdAt"` // nil for that of the attempt before, or of the delivery
}

// ParseFixtures reads the JSON form of [Fixtures], and checks it: a server can
// be started with what it returns. Unknown and repeated keys are refused, and
// errors name the place.
func ParseFixtures(data []byte) (Fixtures, error) {
	var f Fixtures
	if err := checkSyntax(data); err != nil {
		return Fixtures{}, err
	}
	if err := fill("", data, reflect.ValueOf(&f).Elem()); err != nil {
		return Fixtures{}, err
	}
	if len(f.Workspaces) == 0 {
		return Fixtures{}, errors.New("there is no workspace")
	}
	if _, err := build(config{fixtures: &f, log: slog.New(slog.DiscardHandler)}, nil); err != nil {
		return Fixtures{}, err
	}
	return f, nil
}

// checkSyntax says in which line the text stops being JSON.
func checkSyntax(data []byte) error {
	if !api.IsText(data) {
		return errors.New("the file is not UTF-8, or has an escape such as \\ud800 without its other half")
	}
	var any json.RawMessage
	err := json.Unmarshal(data, &any)
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		line := 1 + bytes.Count(data[:syntax.Offset], []byte("\n"))
		return fmt.Errorf("line %d: %w", line, err)
	}
	return err
}

// fill decodes raw into v. encoding/json does the leaves; it takes "ID" for
// "id", lets a repeated key change what came before, and cannot say where in a
// document a value stands.
func fill(path string, raw json.RawMessage, v reflect.Value) error {
	switch {
	case v.Type() == reflect.TypeFor[json.RawMessage]():
		v.SetBytes(bytes.Clone(raw))
		return nil
	case v.Kind() == reflect.Slice:
		return fillSlice(path, raw, v)
	case v.Kind() == reflect.Map:
		return fillMap(path, raw, v)
	case v.Kind() == reflect.Pointer && string(raw) == "null":
		return nil
	case v.Kind() == reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		return fill(path, raw, v.Elem())
	case v.Kind() == reflect.Struct && v.Type() != reflect.TypeFor[time.Time]():
		return fillStruct(path, raw, v)
	}
	err := json.Unmarshal(raw, v.Addr().Interface())
	if t, ok := v.Interface().(time.Time); err != nil || ok && t.UTC().Year() > 9999 {
		return fmt.Errorf("%swant %s", place(path), kindOf(v.Type()))
	}
	return nil
}

func fillSlice(path string, raw json.RawMessage, v reflect.Value) error {
	var items []json.RawMessage
	if err := json.Unmarshal(raw, &items); err != nil {
		return fmt.Errorf("%swant an array", place(path))
	}
	if items != nil {
		v.Set(reflect.MakeSlice(v.Type(), 0, len(items)))
	}
	for i, item := range items {
		v.Set(reflect.Append(v, reflect.Zero(v.Type().Elem())))
		if err := fill(fmt.Sprintf("%s[%d]", path, i), item, v.Index(i)); err != nil {
			return err
		}
	}
	return nil
}

func fillStruct(path string, raw json.RawMessage, v reflect.Value) error {
	fields := fieldsOf(v)
	return members(path, raw, func(key string, value json.RawMessage) error {
		field, known := fields[key]
		if !known {
			names := cmp.Or(strings.Join(slices.Sorted(maps.Keys(fields)), ", "), "none")
			return fmt.Errorf("%sunknown key %q; there are %s", place(path), key, names)
		}
		return fill(strings.TrimPrefix(path+"."+key, "."), value, field)
	})
}

// fillMap fills the one kind of map that fixtures have, of strings.
func fillMap(path string, raw json.RawMessage, v reflect.Value) error {
	if string(raw) == "null" {
		return nil
	}
	v.Set(reflect.MakeMap(v.Type()))
	return members(path, raw, func(key string, value json.RawMessage) error {
		var text *string
		if err := json.Unmarshal(value, &text); err != nil || text == nil {
			return fmt.Errorf("%s.%s: want a string", path, key)
		}
		v.SetMapIndex(reflect.ValueOf(key), reflect.ValueOf(*text))
		return nil
	})
}

// members calls do for each member of an object, in order, and refuses what is
// no object and keys that are given twice.
func members(path string, raw json.RawMessage, do func(key string, value json.RawMessage) error) error {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	if start, _ := decoder.Token(); start != json.Delim('{') {
		return fmt.Errorf("%swant an object", place(path))
	}
	seen := map[string]bool{}
	for decoder.More() {
		token, _ := decoder.Token() // the syntax has been checked
		key, _ := token.(string)
		if seen[key] {
			return fmt.Errorf("%sthe key %q is given twice", place(path), key)
		}
		seen[key] = true
		var value json.RawMessage
		if err := decoder.Decode(&value); err != nil {
			return err
		}
		if err := do(key, value); err != nil {
			return err
		}
	}
	return nil
}

// fieldsOf gives the fields of a struct by their keys.
func fieldsOf(v reflect.Value) map[string]reflect.Value {
	fields := map[string]reflect.Value{}
	for i := range v.NumField() {
		fields[v.Type().Field(i).Tag.Get("json")] = v.Field(i)
	}
	return fields
}

func kindOf(t reflect.Type) string {
	switch {
	case t == reflect.TypeFor[time.Time]():
		return "an instant such as \"2026-01-15T10:30:00.000Z\""
	case t.Kind() == reflect.Bool:
		return "true or false"
	case t.Kind() == reflect.Int:
		return "an integer"
	}
	return "a string"
}

func place(path string) string {
	if path == "" {
		return ""
	}
	return path + ": "
}
