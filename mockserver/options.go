package mockserver

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/nahook/nahook-go/mockserver/internal/clock"
	"github.com/nahook/nahook-go/mockserver/internal/domain"
)

// Option configures a server. Every [WorkspaceOption] is one too: given to
// [Start] or [New] it applies to each workspace of the server, unless the
// workspace is made with another.
type Option interface{ configureServer(*config) error }

// WorkspaceOption configures one workspace.
type WorkspaceOption interface {
	Option
	configureWorkspace(*workspaceConfig) error
}

type config struct {
	fixtures  *Fixtures
	publicURL string
	log       *slog.Logger
	lenient   bool
	approves  bool
	seed      *uint64
	workspace workspaceConfig
}

type workspaceConfig struct {
	start *time.Time
	real  bool
	plan  *Plan
	limit *int
	rate  *domain.RateLimit

	schedule *domain.Schedule
	egress   *Egress
	allowed  []string
	accepted []string
	framing  []string
	journal  *journalLimits
}

var errNilOption = errors.New("an option is nil")

type serverOption func(*config) error

func (o serverOption) configureServer(c *config) error { return o(c) }

type workspaceOption func(*workspaceConfig) error

func (o workspaceOption) configureServer(c *config) error { return o(&c.workspace) }

func (o workspaceOption) configureWorkspace(c *workspaceConfig) error { return o(c) }

// WithFixtures starts the server with these workspaces instead of one empty
// workspace. The first is the default workspace.
func WithFixtures(f Fixtures) Option {
	return serverOption(func(c *config) error {
		if len(f.Workspaces) == 0 {
			return errors.New("WithFixtures: there is no workspace")
		}
		c.fixtures = &f
		return nil
	})
}

// WithPublicURL sets how the links begin that the server hands out, for a
// server that clients reach through a proxy. By default they begin with scheme
// and host of the request that asked for the link.
func WithPublicURL(raw string) Option {
	return serverOption(func(c *config) error {
		u, err := url.Parse(raw)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil || strings.ContainsAny(raw, "?#") {
			return fmt.Errorf("WithPublicURL: %q is not an http or https URL without user, query and fragment", raw)
		}
		c.publicURL = strings.TrimRight(raw, "/")
		return nil
	})
}

// WithLogger logs one record per request, without bodies, queries and tokens.
// By default the server is silent.
func WithLogger(log *slog.Logger) Option {
	return serverOption(func(c *config) error {
		if log == nil {
			return errors.New("WithLogger: the logger is nil; leave the option out for silence")
		}
		c.log = log
		return nil
	})
}

// WithStrict decides whether problems fail the test that started the server,
// as they do by default, or are only logged. See [Server.Problems].
func WithStrict(strict bool) Option {
	return serverOption(func(c *config) error {
		c.lenient = !strict
		return nil
	})
}

// WithSeed makes ids, tokens and signing secrets the same in every run, for
// golden output. Equal requests in equal order give equal answers; the codes of
// portal sessions stay random.
func WithSeed(seed uint64) Option {
	return serverOption(func(c *config) error {
		c.seed = &seed
		return nil
	})
}

// WithStart sets where the clock stands at first, cut to the millisecond. By
// default that is the moment at which the workspace is made.
func WithStart(start time.Time) WorkspaceOption {
	return workspaceOption(func(c *workspaceConfig) error {
		if start.UnixMilli() <= 0 || start.UTC().Year() > 9000 { // retries may be years away
			return fmt.Errorf("WithStart: %v is not between the years 1970 and 9000", start)
		}
		c.start = &start
		return nil
	})
}

// WithRealClock lets the workspace's clock run. Inside a testing/synctest
// bubble it runs with the bubble's time.
func WithRealClock() WorkspaceOption {
	return workspaceOption(func(c *workspaceConfig) error {
		c.real = true
		return nil
	})
}

// Plan is what a workspace pays for, which decides what it may use.
type Plan string

// The plans of the platform. Applications and portal sessions need PlanPro.
const (
	PlanHobby Plan = "hobby"
	PlanPro   Plan = "pro"
)

// WithPlan sets the workspace's plan. The default is [PlanPro].
func WithPlan(plan Plan) WorkspaceOption {
	return workspaceOption(func(c *workspaceConfig) error {
		if !domain.Plan(plan).Valid() {
			return fmt.Errorf("WithPlan: the plan %q does not exist; use %q or %q", plan, PlanHobby, PlanPro)
		}
		c.plan = &plan
		return nil
	})
}

// WithEndpointLimit caps the endpoints of the whole workspace, as a plan may.
// By default there is no such cap.
func WithEndpointLimit(limit int) WorkspaceOption {
	return workspaceOption(func(c *workspaceConfig) error {
		if limit < 0 || limit > maxLimit {
			return fmt.Errorf("WithEndpointLimit: %d is not between 0 and %d", limit, maxLimit)
		}
		c.limit = &limit
		return nil
	})
}

// WithRateLimit refuses requests over limit within each window of workspace
// time. A window begins with the first request after the last one ended. By
// default nothing is refused.
func WithRateLimit(limit int, window time.Duration) WorkspaceOption {
	return workspaceOption(func(c *workspaceConfig) error {
		if limit < 1 || window < time.Millisecond {
			return fmt.Errorf("WithRateLimit: %d requests in %v is no limit; both must be positive", limit, window)
		}
		c.rate = &domain.RateLimit{Limit: limit, Window: window}
		return nil
	})
}

// WithAutoApprove approves every device grant for the default workspace as soon as
// a command line asks for it. See [Workspace.ApproveDeviceGrant].
func WithAutoApprove() Option {
	return serverOption(func(c *config) error {
		c.approves = true
		return nil
	})
}

const maxLimit = 1<<31 - 1

// configureWorkspace lays opts over defaults. Only options of one list can
// contradict each other.
func configureWorkspace(defaults workspaceConfig, opts []WorkspaceOption) (workspaceConfig, error) {
	var own workspaceConfig
	for _, o := range opts {
		if o == nil {
			return own, errNilOption
		}
		if err := o.configureWorkspace(&own); err != nil {
			return own, err
		}
	}
	return own.over(defaults), own.check()
}

// check refuses options that contradict each other.
func (c workspaceConfig) check() error {
	if c.real && c.start != nil {
		return errors.New("WithRealClock and WithStart exclude each other: a running clock starts now")
	}
	return nil
}

func (c workspaceConfig) over(defaults workspaceConfig) workspaceConfig {
	if !c.real && c.start == nil {
		c.real, c.start = defaults.real, defaults.start
	}
	c.plan = cmp.Or(c.plan, defaults.plan)
	c.limit = cmp.Or(c.limit, defaults.limit)
	c.rate = cmp.Or(c.rate, defaults.rate)
	c.schedule = cmp.Or(c.schedule, defaults.schedule)
	c.egress = cmp.Or(c.egress, defaults.egress)
	c.journal = cmp.Or(c.journal, defaults.journal)
	c.allowed = slices.Concat(defaults.allowed, c.allowed)
	c.accepted = slices.Concat(defaults.accepted, c.accepted)
	if c.framing == nil {
		c.framing = defaults.framing
	}
	return c
}

// clock makes the workspace's clock.
func (c workspaceConfig) clock() clock.Clock {
	if c.real {
		return clock.Real{}
	}
	start := clock.Real{}.Now()
	if c.start != nil {
		start = *c.start
	}
	return clock.NewManual(start)
}

// settings lays the options over what a fixture says.
func (c workspaceConfig) settings(s domain.Settings) domain.Settings {
	if c.plan != nil {
		s.Plan = domain.Plan(*c.plan)
	}
	if c.limit != nil {
		s.EndpointLimit = domain.Limit(*c.limit)
	}
	if c.rate != nil {
		s.RateLimit = *c.rate
	}
	if c.schedule != nil {
		s.Schedule = *c.schedule
	}
	return s
}
