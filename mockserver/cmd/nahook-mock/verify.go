package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/nahook/nahook-go/mockserver"
	"github.com/nahook/nahook-go/mockserver/conformance"
)

// verification are the flags of verify.
type verification struct {
	against     string
	provenances []conformance.Provenance
	run         *regexp.Regexp
	json        bool
	verbose     bool
}

func parseVerification(args []string, stdout io.Writer) (verification, error) {
	v := verification{provenances: conformance.Provenances(), run: regexp.MustCompile("")}
	flags := flag.NewFlagSet("verify", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.Usage = func() {}
	flags.StringVar(&v.against, "against", "", "`URL` of the service to check, with what NAHOOK_TEST_… names (default: a server of its own)")
	flags.Func("provenance", "comma-separated `labels` to check: documented, inferred, own (default: all)", func(text string) error {
		v.provenances = nil
		for label := range strings.SplitSeq(text, ",") {
			p := conformance.Provenance(strings.TrimSpace(label))
			if !slices.Contains(conformance.Provenances(), p) {
				return fmt.Errorf("%q is none of documented, inferred, own", label)
			}
			if !slices.Contains(v.provenances, p) {
				v.provenances = append(v.provenances, p)
			}
		}
		return nil
	})
	flags.Func("run", "`regexp` that the ids of the cases to check match", func(text string) (err error) {
		v.run, err = regexp.Compile(text)
		return err
	})
	flags.BoolVar(&v.json, "json", false, "print one JSON object")
	flags.BoolVar(&v.verbose, "v", false, "print the cases that pass, too")
	err := flags.Parse(args)
	if errors.Is(err, flag.ErrHelp) {
		fmt.Fprint(stdout, "nahook-mock verify checks a server against the documented behaviour.\n\n")
		printFlags(flags, stdout)
	}
	if err != nil {
		return v, fmt.Errorf("verify: %w", err)
	}
	if flags.NArg() > 0 {
		return v, fmt.Errorf("verify: unexpected argument %q; flags start with --", flags.Arg(0))
	}
	return v, nil
}

func printFlags(flags *flag.FlagSet, w io.Writer) {
	flags.VisitAll(func(f *flag.Flag) {
		name, usage := flag.UnquoteUsage(f)
		fmt.Fprintf(w, "  --%-22s %s\n", f.Name+" "+name, usage)
	})
}

// verify checks cases until they are done or ctx ends. Tokens come from the
// environment: a process's arguments can be read by others.
func verify(ctx context.Context, args []string, stdout io.Writer) error {
	v, err := parseVerification(args, stdout)
	if err != nil {
		return err
	}
	cases := v.cases()
	if len(cases) == 0 {
		return errors.New("verify: no case has such an id and such a provenance")
	}
	target, stop, err := v.target()
	if err != nil {
		return fmt.Errorf("verify: %w", err)
	}
	defer stop()
	observe := func(r conformance.Result) { v.print(stdout, r) }
	if v.json {
		observe = nil
	}
	report := conformance.Run(ctx, target, cases, observe)
	if err := v.summarise(stdout, report); err != nil {
		return failure{err}
	}
	if done := len(report.Results); done < len(cases) {
		return failure{fmt.Errorf("verify: interrupted after %d of %d cases", done, len(cases))}
	}
	if failed := len(report.Failures()); failed > 0 {
		return failure{fmt.Errorf("verify: %d of %d cases failed", failed, len(cases))}
	}
	return nil
}

func (v verification) cases() []conformance.Case {
	return slices.DeleteFunc(conformance.Cases(), func(c conformance.Case) bool {
		return !v.run.MatchString(c.ID) || !slices.Contains(v.provenances, c.Provenance)
	})
}

// target is the service that the flags and the environment name, or a new server
// with everything that a case can need.
func (v verification) target() (t conformance.Target, stop func(), err error) {
	if v.against != "" {
		t, err = conformance.FromEnv(func(name string) (string, bool) {
			if name == "NAHOOK_TEST_API_URL" {
				return v.against, true
			}
			return os.LookupEnv(name)
		})
		return t, func() {}, err
	}
	srv, err := mockserver.New(mockserver.WithFixtures(verifiedFixtures()))
	if err != nil {
		return t, nil, err
	}
	return verifiedTarget(srv), func() { srv.Close() }, nil
}

// verifiedFixtures adds to what serve starts with.
func verifiedFixtures() mockserver.Fixtures {
	f := testFixtures()
	endpoints := 2
	f.Workspaces = append(f.Workspaces,
		mockserver.WorkspaceFixture{ID: "ws_other"},
		mockserver.WorkspaceFixture{ID: "ws_hobby", Plan: mockserver.PlanHobby},
		mockserver.WorkspaceFixture{ID: "ws_capped", EndpointLimit: &endpoints},
		mockserver.WorkspaceFixture{ID: "ws_throttled", RateLimit: &mockserver.RateLimitFixture{Limit: 3, WindowSeconds: 3600}},
	)
	f.Workspaces[0].CLITokens = append(f.Workspaces[0].CLITokens, mockserver.TokenFixture{Token: "nhc_us_test_revoked", Revoked: true})
	return f
}

func verifiedTarget(srv *mockserver.Server) conformance.Target {
	tenants := make([]conformance.Tenant, 0, 5)
	for _, w := range srv.Workspaces() {
		tenants = append(tenants, conformance.Tenant{
			WorkspaceID: w.ID(), ManagementToken: w.ManagementToken(), APIKey: w.APIKey(), SessionToken: w.SessionToken(),
		})
	}
	return conformance.Target{
		Client: srv.HTTPClient(), BaseURL: "http://nahook.test", Disposable: true,
		Tenant: tenants[0], Other: tenants[1], Hobby: tenants[2], Capped: tenants[3], Throttled: tenants[4],
		EndpointID: "ep_test", EventType: "order.created", DisabledAPIKey: "nhk_us_test_disabled", RevokedCLIToken: "nhc_us_test_revoked",
		DisabledManagementToken: srv.NewManagementToken(mockserver.TokenOptions{Disabled: true}),
		ExpiredManagementToken:  srv.NewManagementToken(mockserver.TokenOptions{ExpiresIn: -1}),
		ExpiredSessionToken:     srv.NewSessionToken(mockserver.TokenOptions{ExpiresIn: -1}),
		Receiver: func(_ context.Context, status int) (conformance.Receiver, error) {
			recorder := &conformance.Recorder{Status: status}
			return conformance.Receiver{URL: srv.ReceiverHandler(recorder).URL(), Received: recorder.Received}, nil
		},
		DecideGrant: func(_ context.Context, userCode string, approve bool) error {
			if approve {
				srv.ApproveDeviceGrant(userCode)
			} else {
				srv.DenyDeviceGrant(userCode)
			}
			return nil
		},
	}
}

// print tells of one case: of those that pass only if that is asked for.
func (v verification) print(w io.Writer, r conformance.Result) {
	switch r.Outcome() {
	case conformance.Failed:
		fmt.Fprintf(w, "FAIL  %s (%s): %s\n      %s\n", r.ID, r.Provenance, r.Rule, strings.ReplaceAll(r.Err.Error(), "\n", "\n      "))
	case conformance.NotApplicable:
		fmt.Fprintf(w, "n/a   %s (%s): %s\n", r.ID, r.Provenance, strings.TrimPrefix(r.Err.Error(), "not applicable: "))
	default:
		if v.verbose {
			fmt.Fprintf(w, "ok    %s (%s): %s\n", r.ID, r.Provenance, r.Rule)
		}
	}
}

type reportJSON struct {
	Cases   []resultJSON                          `json:"cases"`
	Summary map[conformance.Provenance]countsJSON `json:"summary"`
}

type resultJSON struct {
	ID         string                 `json:"id"`
	Provenance conformance.Provenance `json:"provenance"`
	Rule       string                 `json:"rule"`
	Outcome    conformance.Outcome    `json:"outcome"`
	Error      string                 `json:"error,omitempty"`
}

type countsJSON struct {
	Passed        int `json:"passed"`
	Failed        int `json:"failed"`
	NotApplicable int `json:"notApplicable"`
}

// summarise ends the report with how many cases of each label came out how, or
// prints all of it as JSON.
func (v verification) summarise(w io.Writer, report conformance.Report) error {
	counts := map[conformance.Provenance]countsJSON{}
	for _, p := range v.provenances {
		c := countsJSON{report.Count(p, conformance.Passed), report.Count(p, conformance.Failed), report.Count(p, conformance.NotApplicable)}
		counts[p] = c
		if !v.json {
			fmt.Fprintf(w, "%s: %d passed, %d failed, %d not applicable\n", p, c.Passed, c.Failed, c.NotApplicable)
		}
	}
	if !v.json {
		return nil
	}
	all := reportJSON{Cases: make([]resultJSON, 0, len(report.Results)), Summary: counts}
	for _, r := range report.Results {
		row := resultJSON{ID: r.ID, Provenance: r.Provenance, Rule: r.Rule, Outcome: r.Outcome()}
		if r.Err != nil {
			row.Error = r.Err.Error()
		}
		all.Cases = append(all.Cases, row)
	}
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(all)
}
