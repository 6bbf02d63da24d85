package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/nahook/nahook-go/mockserver"
)

// settings are the flags of serve and exec.
type settings struct {
	command   string
	addr      string
	fixtures  *string
	clock     string
	start     string
	readyFile string
	seed      *uint64
	publicURL string
	logLevel  slog.Level
	egress    string
	allowed   []string
	accepted  []string
	approves  bool
	control   string
	insecure  bool
	lenient   bool
}

// parseServe reads the flags of serve.
func parseServe(args []string, stdout io.Writer) (settings, error) {
	s := settings{command: "serve", addr: "127.0.0.1:3001", clock: "real", egress: "local", logLevel: slog.LevelInfo}
	flags := s.flags()
	flags.StringVar(&s.readyFile, "ready-file", "", "JSON `file` to write when the server listens: its URL and the tokens")
	flags.StringVar(&s.control, "control", "", "`address` of the control API, on loopback; port 0 picks a free one (default: there is none)")
	flags.BoolVar(&s.insecure, "control-insecure", false, "let --control be an address that other machines reach, who have to use that address and no name")
	if err := read(flags, args, "nahook-mock serve answers the API on a socket until it is interrupted.", stdout); err != nil {
		return s, err
	}
	switch {
	case flags.NArg() > 0:
		return s, fmt.Errorf("serve: unexpected argument %q; flags start with --", flags.Arg(0))
	case s.insecure && s.control == "":
		return s, errors.New("--control-insecure needs --control")
	}
	return s, nil
}

// parseExec reads the flags of exec, and the command behind them.
func parseExec(args []string, stdout io.Writer) (settings, []string, error) {
	s := settings{command: "exec", addr: "127.0.0.1:0", clock: "real", egress: "local", logLevel: slog.LevelWarn, control: "127.0.0.1:0"}
	flags := s.flags()
	flags.BoolVar(&s.lenient, "lenient", false, "let the command succeed in spite of problems")
	if err := read(flags, args, execHelp, stdout); err != nil {
		return s, nil, err
	}
	if flags.NArg() == 0 {
		return s, nil, errors.New("exec: no command given; use nahook-mock exec [flags] -- command")
	}
	return s, flags.Args(), nil
}

// flags are those that both have; s holds what they are by default.
func (s *settings) flags() *flag.FlagSet {
	flags := flag.NewFlagSet(s.command, flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.Usage = func() {} // an error is one line; help is for who asks
	flags.StringVar(&s.addr, "addr", s.addr, "`address` to listen on; port 0 picks a free one")
	flags.Func("fixtures", "JSON `file` with the workspaces to start with (default: ws_test with a token of each kind)", func(path string) error {
		s.fixtures = &path
		return nil
	})
	flags.StringVar(&s.clock, "clock", s.clock, "`mode`: real, or manual for a clock that stands still")
	flags.StringVar(&s.start, "start", "", "`instant` (RFC 3339) at which a manual clock stands")
	flags.Func("seed", "`number` that makes ids, tokens and signing secrets the same in every run", func(text string) error {
		seed, err := strconv.ParseUint(text, 10, 64)
		s.seed = &seed
		if err != nil {
			return errors.New("want a whole number of 0 or more")
		}
		return nil
	})
	flags.StringVar(&s.publicURL, "public-url", "", "`URL` with which links begin, where clients use a proxy")
	flags.StringVar(&s.egress, "egress", s.egress, "where deliveries may go, `scope`: local for loopback alone, public for public addresses alone")
	flags.Func("allow-hosts", "comma-separated `hosts` that deliveries may reach besides", appendTo(&s.allowed))
	flags.Func("accept-hosts", "comma-separated `hosts` to which deliveries succeed without a request", appendTo(&s.accepted))
	flags.BoolVar(&s.approves, "auto-approve", false, "approve every device grant at once")
	flags.TextVar(&s.logLevel, "log-level", s.logLevel, "least `level` to log: debug, info, warn or error")
	return flags
}

// read parses args. With -h it prints the flags and gives flag.ErrHelp.
func read(flags *flag.FlagSet, args []string, title string, stdout io.Writer) error {
	err := flags.Parse(args)
	if errors.Is(err, flag.ErrHelp) {
		fmt.Fprintf(stdout, "%s\n\n", title)
		help(flags, stdout)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", flags.Name(), err)
	}
	return nil
}

// appendTo reads a list, which may be given in several parts.
func appendTo(list *[]string) func(string) error {
	return func(text string) error {
		*list = append(*list, strings.Split(text, ",")...)
		return nil
	}
}

func help(flags *flag.FlagSet, w io.Writer) {
	flags.VisitAll(func(f *flag.Flag) {
		name, usage := flag.UnquoteUsage(f)
		fmt.Fprintf(w, "  --%-22s %s", f.Name+" "+name, usage)
		if f.DefValue != "" && f.DefValue != "false" {
			fmt.Fprintf(w, " (default %s)", strings.ToLower(f.DefValue))
		}
		fmt.Fprintln(w)
	})
}

// options turns the flags into what the server is made of.
func (s settings) options(f mockserver.Fixtures, log *slog.Logger) ([]mockserver.Option, error) {
	clock, err := s.clockOptions()
	if err != nil {
		return nil, err
	}
	options := append(clock, mockserver.WithFixtures(f), mockserver.WithLogger(log))
	if s.seed != nil {
		options = append(options, mockserver.WithSeed(*s.seed))
	}
	if s.publicURL != "" {
		options = append(options, mockserver.WithPublicURL(s.publicURL))
	}
	if s.approves {
		options = append(options, mockserver.WithAutoApprove())
	}
	egress, err := s.egressOptions()
	return append(options, egress...), err
}

func (s settings) egressOptions() ([]mockserver.Option, error) {
	scopes := map[string]mockserver.Egress{"local": mockserver.EgressLocal, "public": mockserver.EgressPublic}
	scope, ok := scopes[s.egress]
	if !ok {
		return nil, fmt.Errorf("--egress: %q is neither local nor public", s.egress)
	}
	return []mockserver.Option{
		mockserver.WithEgress(scope), mockserver.WithAllowedHosts(s.allowed...), mockserver.WithAcceptedHosts(s.accepted...),
	}, nil
}

func (s settings) load() (mockserver.Fixtures, error) {
	if s.fixtures == nil {
		return testFixtures(), nil
	}
	data, err := os.ReadFile(*s.fixtures)
	if err != nil {
		return mockserver.Fixtures{}, fmt.Errorf("--fixtures: %w", err)
	}
	f, err := mockserver.ParseFixtures(data)
	if err != nil {
		return f, fmt.Errorf("--fixtures %s: %w", *s.fixtures, err)
	}
	return f, nil
}

// clockOptions are none for a clock that stands still from now on.
func (s settings) clockOptions() ([]mockserver.Option, error) {
	switch {
	case s.clock != "real" && s.clock != "manual":
		return nil, fmt.Errorf("--clock: %q is neither real nor manual", s.clock)
	case s.clock == "real" && s.start != "":
		return nil, errors.New("--start needs --clock manual: a real clock starts now")
	case s.clock == "real":
		return []mockserver.Option{mockserver.WithRealClock()}, nil
	case s.start == "":
		return nil, nil
	}
	start, err := time.Parse(time.RFC3339, s.start)
	if err != nil {
		return nil, fmt.Errorf("--start: %q is not an instant like 2026-01-15T10:30:00Z", s.start)
	}
	return []mockserver.Option{mockserver.WithStart(start)}, nil
}

// testFixtures is what there is without --fixtures.
func testFixtures() mockserver.Fixtures {
	return mockserver.Fixtures{Workspaces: []mockserver.WorkspaceFixture{{
		ID: "ws_test", Name: "Test",
		ManagementTokens: []mockserver.TokenFixture{{Token: "nhm_test"}},
		APIKeys:          []mockserver.APIKeyFixture{{Key: "nhk_us_test"}, {Key: "nhk_us_test_disabled", Disabled: true}},
		SessionTokens:    []mockserver.TokenFixture{{Token: "nhs_test"}},
		CLITokens:        []mockserver.TokenFixture{{ID: "clitok_test", Token: "nhc_us_test"}},
		EventTypes:       []mockserver.EventTypeFixture{{ID: "evt_test", Name: "order.created", Description: "An order was placed"}},
		Endpoints: []mockserver.EndpointFixture{{
			ID: "ep_test", URL: "https://example.test/webhooks", Subscriptions: []string{"order.created"}, Deliver: "accept",
		}},
	}}}
}
