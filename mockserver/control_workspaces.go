package mockserver

import (
	"fmt"
	"slices"
	"time"

	"github.com/nahook/nahook-go/mockserver/internal/clock"
	"github.com/nahook/nahook-go/mockserver/internal/domain"
)

// workspaceJSON is what it takes to use a workspace.
type workspaceJSON struct {
	ID              string `json:"id"`
	Name            string `json:"name"`
	Now             string `json:"now"`
	ManagementToken string `json:"managementToken"`
	APIKey          string `json:"apiKey"`
	SessionToken    string `json:"sessionToken"`
}

func (w *Workspace) described() workspaceJSON {
	return workspaceJSON{w.ID(), w.Name(), w.Now().Format(timestamp), w.ManagementToken(), w.APIKey(), w.SessionToken()}
}

func listWorkspaces(c *controlCall) (any, error) {
	list := []workspaceJSON{}
	for _, w := range c.server.Workspaces() {
		list = append(list, w.described())
	}
	return map[string]any{"workspaces": list}, nil
}

// newWorkspaceJSON is the options of a workspace: those that a fixture has too are
// spelt as there.
type newWorkspaceJSON struct {
	ID             string            `json:"id"`
	Name           string            `json:"name"`
	Plan           Plan              `json:"plan"`
	EndpointLimit  *int              `json:"endpointLimit"`
	RateLimit      *RateLimitFixture `json:"rateLimit"`
	Schedule       []int             `json:"schedule"`
	FramingOrigins []string          `json:"framingOrigins"`

	Clock       string     `json:"clock"`
	Start       *time.Time `json:"start"`
	Egress      string     `json:"egress"`
	AllowHosts  []string   `json:"allowHosts"`
	AcceptHosts []string   `json:"acceptHosts"`
}

const (
	clockReal   = "real"
	clockManual = "manual"
)

func createWorkspace(c *controlCall) (any, error) {
	var body newWorkspaceJSON
	if err := c.read(&body, maxControlBody); err != nil {
		return nil, err
	}
	options, err := body.options()
	if err != nil {
		return nil, err
	}
	config, err := configureWorkspace(c.server.defaults, options)
	if err != nil {
		return nil, err
	}
	f := body.fixture()
	w, err := c.server.addWorkspace(nil, f, config.besides(f))
	if err != nil {
		return nil, err
	}
	return w.described(), nil
}

func (n newWorkspaceJSON) fixture() WorkspaceFixture {
	return WorkspaceFixture{
		ID: n.ID, Name: n.Name, Plan: n.Plan, EndpointLimit: n.EndpointLimit, RateLimit: n.RateLimit,
		Schedule: n.Schedule, FramingOrigins: n.FramingOrigins,
	}
}

// besides is c without what the fixture decides, which a server's own options would
// overrule.
func (c workspaceConfig) besides(f WorkspaceFixture) workspaceConfig {
	if f.Plan != "" {
		c.plan = nil
	}
	if f.EndpointLimit != nil {
		c.limit = nil
	}
	if f.RateLimit != nil {
		c.rate = nil
	}
	if f.Schedule != nil {
		c.schedule = nil
	}
	return c
}

// options are those that a fixture cannot say.
func (n newWorkspaceJSON) options() ([]WorkspaceOption, error) {
	options, err := n.clockOptions()
	if err != nil {
		return nil, err
	}
	if n.Egress != "" {
		i := slices.Index([]string{"local", "public"}, n.Egress) // in the order of the constants
		if i < 0 {
			return nil, domain.Invalid("egress: %q is neither local nor public", n.Egress)
		}
		options = append(options, WithEgress(Egress(i)))
	}
	for _, hosts := range []struct {
		key    string
		list   []string
		option func(...string) WorkspaceOption
	}{{"allowHosts", n.AllowHosts, WithAllowedHosts}, {"acceptHosts", n.AcceptHosts, WithAcceptedHosts}} {
		option := hosts.option(hosts.list...)
		if err := option.configureWorkspace(new(workspaceConfig)); err != nil {
			return nil, fmt.Errorf("%s: %s", hosts.key, withoutName(err))
		}
		options = append(options, option)
	}
	return options, nil
}

func (n newWorkspaceJSON) clockOptions() ([]WorkspaceOption, error) {
	switch {
	case n.Clock != "" && n.Clock != clockReal && n.Clock != clockManual:
		return nil, domain.Invalid("clock: %q is neither real nor manual", n.Clock)
	case n.Clock == clockReal && n.Start != nil:
		return nil, domain.Invalid("start: a real clock starts now")
	case n.Clock == clockReal:
		return []WorkspaceOption{WithRealClock()}, nil
	case n.Start != nil:
		start := WithStart(*n.Start)
		if err := start.configureWorkspace(new(workspaceConfig)); err != nil {
			return nil, fmt.Errorf("start: %s", withoutName(err))
		}
		return []WorkspaceOption{start}, nil
	case n.Clock == clockManual:
		return []WorkspaceOption{WithStart(clock.Real{}.Now())}, nil
	}
	return nil, nil
}

func putPlan(c *controlCall) (any, error) {
	var body struct {
		Plan Plan `json:"plan"`
	}
	if err := c.read(&body, maxControlBody); err != nil {
		return nil, err
	}
	return body, c.workspace.change(WithPlan(body.Plan))
}

func putEndpointLimit(c *controlCall) (any, error) {
	var body struct {
		Limit *int `json:"limit"`
	}
	if err := c.read(&body, maxControlBody); err != nil {
		return nil, err
	}
	if body.Limit == nil {
		return nil, domain.Invalid("limit is required")
	}
	return body, c.workspace.change(WithEndpointLimit(*body.Limit))
}

func putRateLimit(c *controlCall) (any, error) {
	var body RateLimitFixture
	if err := c.read(&body, maxControlBody); err != nil {
		return nil, err
	}
	settings, err := WorkspaceFixture{RateLimit: &body}.settings()
	if err != nil {
		return nil, err
	}
	return body, c.workspace.change(WithRateLimit(settings.RateLimit.Limit, settings.RateLimit.Window))
}

func putFramingOrigins(c *controlCall) (any, error) {
	var body struct {
		Origins []string `json:"origins"`
	}
	if err := c.read(&body, maxControlBody); err != nil {
		return nil, err
	}
	if body.Origins == nil {
		return nil, domain.Invalid("origins is required; an empty array lets nobody in")
	}
	return body, c.workspace.setFramingOrigins(body.Origins)
}
