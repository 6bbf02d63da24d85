package conformance

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// Target is the server that cases talk to, and what they may use of it. All but
// the first fields may be empty: the cases that need one of the others are then
// not applicable.
type Target struct {
	Client  *http.Client // nil for one that waits 30 s at most; redirects are not followed
	BaseURL string       // such as "https://api.nahook.com"
	Tenant               // where cases work; all but SessionToken is needed

	// Disposable says that nobody else needs the workspace, so that cases may try
	// what would harm it if the rule did not hold, such as deleting the default
	// environment.
	Disposable bool

	EnvironmentID           string // of the API key; empty for the default environment
	DisabledAPIKey          string
	DisabledManagementToken string
	ExpiredManagementToken  string
	ExpiredSessionToken     string
	RevokedCLIToken         string
	EndpointID              string // takes what cases send it, in the API key's environment
	EventType               string // a name that the workspace has

	Other     Tenant // another workspace of the same plan
	Hobby     Tenant // a workspace whose plan lacks the Developer Portal
	Capped    Tenant // a workspace whose plan limits its endpoints, to ten at most
	Throttled Tenant // a workspace with a rate limit, of a hundred requests at most

	// Receiver makes a receiver of webhooks that answers with the status, and that
	// the target can reach. See [Recorder].
	Receiver func(ctx context.Context, status int) (Receiver, error)
	// DecideGrant approves or denies the device grant with the user code.
	DecideGrant func(ctx context.Context, userCode string, approve bool) error
}

// Tenant is a workspace with a token of each family.
type Tenant struct {
	WorkspaceID     string
	ManagementToken string
	APIKey          string
	SessionToken    string // of the dashboard
}

// Receiver takes webhooks.
type Receiver struct {
	URL      string
	Received func() []Webhook // what has arrived, oldest first
}

// Webhook is one request that a [Receiver] got.
type Webhook struct {
	Method string
	Header http.Header
	Body   []byte
}

// variables are the environment of [FromEnv]. The first seven are what the suites
// of the vendor's SDKs read.
func (t *Target) variables() []variable {
	return []variable{
		{"API_URL", &t.BaseURL, true},
		{"WORKSPACE_ID", &t.WorkspaceID, true},
		{"MGMT_TOKEN", &t.ManagementToken, true},
		{"API_KEY", &t.APIKey, true},
		{"DISABLED_API_KEY", &t.DisabledAPIKey, false},
		{"ENDPOINT_ID", &t.EndpointID, false},
		{"EVENT_TYPE", &t.EventType, false},
		{"ENVIRONMENT_ID", &t.EnvironmentID, false},
		{"SESSION_TOKEN", &t.SessionToken, false},
		{"DISABLED_MGMT_TOKEN", &t.DisabledManagementToken, false},
		{"EXPIRED_MGMT_TOKEN", &t.ExpiredManagementToken, false},
		{"EXPIRED_SESSION_TOKEN", &t.ExpiredSessionToken, false},
		{"REVOKED_CLI_TOKEN", &t.RevokedCLIToken, false},
		{"OTHER_WORKSPACE_ID", &t.Other.WorkspaceID, false},
		{"OTHER_MGMT_TOKEN", &t.Other.ManagementToken, false},
		{"OTHER_API_KEY", &t.Other.APIKey, false},
		{"HOBBY_WORKSPACE_ID", &t.Hobby.WorkspaceID, false},
		{"HOBBY_MGMT_TOKEN", &t.Hobby.ManagementToken, false},
		{"HOBBY_API_KEY", &t.Hobby.APIKey, false},
		{"HOBBY_SESSION_TOKEN", &t.Hobby.SessionToken, false},
		{"CAPPED_WORKSPACE_ID", &t.Capped.WorkspaceID, false},
		{"CAPPED_MGMT_TOKEN", &t.Capped.ManagementToken, false},
		{"THROTTLED_WORKSPACE_ID", &t.Throttled.WorkspaceID, false},
		{"THROTTLED_MGMT_TOKEN", &t.Throttled.ManagementToken, false},
	}
}

type variable struct {
	name   string
	value  *string
	needed bool
}

const prefix = "NAHOOK_TEST_"

// FromEnv makes a target of the variables NAHOOK_TEST_API_URL, _WORKSPACE_ID,
// _MGMT_TOKEN and _API_KEY, which are needed, and of _DISABLED_API_KEY,
// _ENDPOINT_ID, _EVENT_TYPE, _ENVIRONMENT_ID, _SESSION_TOKEN,
// _DISABLED_MGMT_TOKEN, _EXPIRED_MGMT_TOKEN, _EXPIRED_SESSION_TOKEN,
// _REVOKED_CLI_TOKEN, _DISPOSABLE (true or false), and those of other workspaces, such as
// _OTHER_WORKSPACE_ID and _HOBBY_MGMT_TOKEN. An empty variable counts as none.
// The error names every variable that is missing. lookup is [os.LookupEnv] or
// the like.
func FromEnv(lookup func(string) (string, bool)) (Target, error) {
	var t Target
	var missing []string
	for _, v := range t.variables() {
		*v.value, _ = lookup(prefix + v.name)
		if *v.value == "" && v.needed {
			missing = append(missing, prefix+v.name)
		}
	}
	if len(missing) > 0 {
		return Target{}, fmt.Errorf("conformance: the environment lacks %s", strings.Join(missing, ", "))
	}
	if disposable, _ := lookup(prefix + "DISPOSABLE"); disposable != "" {
		var err error
		if t.Disposable, err = strconv.ParseBool(disposable); err != nil {
			return Target{}, fmt.Errorf("conformance: %sDISPOSABLE must be true or false", prefix)
		}
	}
	if err := t.validate(); err != nil {
		return Target{}, err
	}
	return t, nil
}

var (
	errIncomplete = errors.New("conformance: a target needs BaseURL, WorkspaceID, ManagementToken and APIKey")
	errBaseURL    = errors.New("conformance: the base URL must be http:// or https:// and a host, without user, query and fragment")
)

// validate does not repeat a bad URL, which may hold a password.
func (t *Target) validate() error {
	for _, v := range t.variables() {
		if v.needed && *v.value == "" {
			return errIncomplete
		}
	}
	u, err := url.Parse(t.BaseURL)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return errBaseURL
	}
	return nil
}
