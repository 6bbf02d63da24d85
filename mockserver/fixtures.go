package mockserver

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"
)

// Fixtures is what a server starts with. Every id and token is free text, and
// what is left out is generated or takes the API's default. Within a list the
// rows are created in order: lists of the API give the last one first.
type Fixtures struct {
	Workspaces []WorkspaceFixture `json:"workspaces"`
}

// WorkspaceFixture is one workspace. It always has the default environment
// "production", and a management token, an API key and a session token are
// generated where it lists none.
type WorkspaceFixture struct {
	ID               string               `json:"id"`
	Name             string               `json:"name"`
	Plan             Plan                 `json:"plan"`          // empty for [PlanPro]
	EndpointLimit    *int                 `json:"endpointLimit"` // nil for none
	RateLimit        *RateLimitFixture    `json:"rateLimit"`     // nil for none
	ManagementTokens []TokenFixture       `json:"managementTokens"`
	APIKeys          []APIKeyFixture      `json:"apiKeys"`
	SessionTokens    []TokenFixture       `json:"sessionTokens"`
	CLITokens        []TokenFixture       `json:"cliTokens"`
	Environments     []EnvironmentFixture `json:"environments"`
	Applications     []ApplicationFixture `json:"applications"`
	Endpoints        []EndpointFixture    `json:"endpoints"`
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
	IsActive      *bool                  `json:"isActive"` // nil for true
	Metadata      map[string]string      `json:"metadata"`
	CreatedAt     *time.Time             `json:"createdAt"` // nil for now
}

// EndpointConfigFixture is what an endpoint's type needs.
type EndpointConfigFixture struct {
	WebhookURL string `json:"webhookUrl"`
}

// ParseFixtures reads the JSON form of [Fixtures]. It refuses unknown keys, and
// its errors name the place.
func ParseFixtures(data []byte) (Fixtures, error) {
	var f Fixtures
	if err := json.Unmarshal(data, &f); err != nil {
		return Fixtures{}, explain(data, err)
	}
	if err := checkKeys(strings.TrimSpace(string(data)), reflect.TypeFor[Fixtures](), ""); err != nil {
		return Fixtures{}, err
	}
	return f, nil
}

// explain says where in data the error is.
func explain(data []byte, err error) error {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		return fmt.Errorf("line %d: %w", line(data, syntax.Offset), err)
	case errors.As(err, &kind):
		return fmt.Errorf("line %d: %s is a %s, want %s", line(data, kind.Offset), kind.Field, kind.Value, kind.Type)
	}
	return err
}

func line(data []byte, offset int64) int {
	return 1 + bytes.Count(data[:min(int(offset), len(data))], []byte("\n"))
}

// checkKeys refuses keys that t does not have. encoding/json can do that as
// well, but it takes "ID" for "id" and cannot say where a key stands.
func checkKeys(raw string, t reflect.Type, path string) error {
	switch {
	case raw == "null":
		return nil
	case t.Kind() == reflect.Pointer:
		return checkKeys(raw, t.Elem(), path)
	case t.Kind() == reflect.Slice:
		return checkItems(raw, t.Elem(), path)
	case t.Kind() == reflect.Struct && t != reflect.TypeFor[time.Time]():
		return checkMembers(raw, t, path)
	}
	return nil
}

func checkItems(raw string, t reflect.Type, path string) error {
	var items []json.RawMessage
	if err := json.Unmarshal([]byte(raw), &items); err != nil {
		return err
	}
	for i, item := range items {
		if err := checkKeys(string(item), t, fmt.Sprintf("%s[%d]", path, i)); err != nil {
			return err
		}
	}
	return nil
}

func checkMembers(raw string, t reflect.Type, path string) error {
	var members map[string]json.RawMessage
	if err := json.Unmarshal([]byte(raw), &members); err != nil {
		return err
	}
	known := map[string]reflect.Type{}
	for i := range t.NumField() {
		known[t.Field(i).Tag.Get("json")] = t.Field(i).Type
	}
	for _, key := range slices.Sorted(maps.Keys(members)) {
		field, ok := known[key]
		if !ok {
			return fmt.Errorf("%sunknown key %q; there are %s", at(path), key, strings.Join(slices.Sorted(maps.Keys(known)), ", "))
		}
		if err := checkKeys(string(members[key]), field, strings.TrimPrefix(path+"."+key, ".")); err != nil {
			return err
		}
	}
	return nil
}

func at(path string) string {
	if path == "" {
		return ""
	}
	return path + ": "
}
