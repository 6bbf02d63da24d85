package mockserver

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/nahook/nahook-go/mockserver/internal/domain"
)

// faultJSON is a [Fault], such as
//
//	{"match": {"operation": "applications.create"}, "times": 2, "do": {"effect": "status", "code": 503}}
type faultJSON struct {
	Match       matchJSON   `json:"match"`
	Times       int         `json:"times"`
	After       int         `json:"after"`
	AfterCommit bool        `json:"afterCommit"`
	Do          *effectJSON `json:"do"`
}

// matchJSON is the matchers that all have to match; what is left out matches.
type matchJSON struct {
	Operation string            `json:"operation"`
	Method    string            `json:"method"`
	Host      string            `json:"host"`
	Path      string            `json:"path"`
	Headers   map[string]string `json:"headers"`
	Fields    json.RawMessage   `json:"fields"` // an object: values of any kind by their paths
}

// effectJSON is an [Effect] with the one parameter that some have.
type effectJSON struct {
	Effect     string  `json:"effect"`
	Code       *int    `json:"code"`
	RetryAfter *string `json:"retryAfter"`
	For        *string `json:"for"`
	Bytes      *int    `json:"bytes"`
}

func createFault(c *controlCall) (any, error) {
	var body faultJSON
	if err := c.read(&body, maxControlBody); err != nil {
		return nil, err
	}
	fault, err := body.fault()
	if err != nil {
		return nil, err
	}
	if err := c.workspace.inject(fault); err != nil {
		return nil, err
	}
	return map[string]string{"fault": fault.String()}, nil
}

func (f faultJSON) fault() (Fault, error) {
	fault := Fault{Times: f.Times, After: f.After, AfterCommit: f.AfterCommit}
	switch {
	case f.Times < 0:
		return fault, domain.Invalid("times: %d is negative", f.Times)
	case f.After < 0:
		return fault, domain.Invalid("after: %d is negative", f.After)
	case f.Do == nil:
		return fault, domain.Invalid("do is required")
	}
	var err error
	if fault.Match, err = f.Match.matcher(); err != nil {
		return fault, fmt.Errorf("match.%w", err)
	}
	if fault.Do, err = f.Do.make(); err != nil {
		return fault, err
	}
	switch attempts := f.Match.Operation == attemptOperation; {
	case fault.Do.only == onlyDelivery && !attempts:
		err = domain.Invalid("do: the effect %q is for %s: match the operation %q", f.Do.Effect, onlyDelivery, attemptOperation)
	case fault.Do.only == onlyAPI && attempts:
		err = domain.Invalid("do: the effect %q is for %s", f.Do.Effect, onlyAPI)
	}
	return fault, err
}

// matcher is all conditions in one. Its errors begin with the key of the one that
// makes no sense.
func (m matchJSON) matcher() (Matcher, error) {
	var all []Matcher
	if m.Operation != "" {
		if !operations()[m.Operation] {
			return Matcher{}, fmt.Errorf("operation: there is no operation %q; GET %soperations lists all", m.Operation, controlPrefix)
		}
		all = append(all, Operation(m.Operation))
	}
	if m.Method != "" {
		all = append(all, Method(strings.ToUpper(m.Method)))
	}
	if m.Host != "" {
		all = append(all, Host(m.Host))
	}
	if m.Path != "" {
		path := Path(m.Path)
		if path.err != nil {
			return path, fmt.Errorf("path: want one that begins with a slash, without a query")
		}
		all = append(all, path)
	}
	for _, name := range slices.Sorted(maps.Keys(m.Headers)) {
		all = append(all, Header(name, m.Headers[name]))
	}
	if m.Fields == nil {
		return All(all...), nil
	}
	err := members("fields", m.Fields, func(path string, want json.RawMessage) error {
		all = append(all, Field(path, want))
		return nil
	})
	return All(all...), err
}

// effects are those of the Go API by their names, each with the parameter that it
// needs, empty for none.
var effects = map[string]struct {
	parameter string
	make      func(effectJSON) (Effect, error)
}{
	"status": {"code", func(e effectJSON) (Effect, error) { return Status(*e.Code), nil }},
	"rateLimit": {"retryAfter", func(e effectJSON) (Effect, error) {
		d, err := duration("do.retryAfter", *e.RetryAfter)
		return RateLimit(d), err
	}},
	"latency": {"for", func(e effectJSON) (Effect, error) {
		d, err := duration("do.for", *e.For)
		return Latency(d), err
	}},
	"truncate":          {"bytes", func(e effectJSON) (Effect, error) { return Truncate(*e.Bytes), nil }},
	"reset":             {"", func(effectJSON) (Effect, error) { return Reset(), nil }},
	"emptyReply":        {"", func(effectJSON) (Effect, error) { return EmptyReply(), nil }},
	"garbage":           {"", func(effectJSON) (Effect, error) { return Garbage(), nil }},
	"htmlPage":          {"", func(effectJSON) (Effect, error) { return HTMLPage(), nil }},
	"framework400":      {"", func(effectJSON) (Effect, error) { return Framework400(), nil }},
	"staleCursor":       {"", func(effectJSON) (Effect, error) { return StaleCursor(), nil }},
	"wrongSignature":    {"", func(effectJSON) (Effect, error) { return WrongSignature(), nil }},
	"staleTimestamp":    {"", func(effectJSON) (Effect, error) { return StaleTimestamp(), nil }},
	"duplicateDelivery": {"", func(effectJSON) (Effect, error) { return DuplicateDelivery(), nil }},
}

func (e effectJSON) make() (Effect, error) {
	kind, known := effects[e.Effect]
	if !known {
		return Effect{}, domain.Invalid("do.effect: there is no effect %q; there are %s", e.Effect, strings.Join(slices.Sorted(maps.Keys(effects)), ", "))
	}
	given := map[string]bool{"code": e.Code != nil, "retryAfter": e.RetryAfter != nil, "for": e.For != nil, "bytes": e.Bytes != nil}
	if kind.parameter != "" && !given[kind.parameter] {
		return Effect{}, domain.Invalid("do.%s is required for the effect %q", kind.parameter, e.Effect)
	}
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if given[name] && name != kind.parameter {
			return Effect{}, domain.Invalid("do.%s: the effect %q has none", name, e.Effect)
		}
	}
	effect, err := kind.make(e)
	if err == nil && effect.err != nil {
		err = fmt.Errorf("do: %w", effect.err)
	}
	return effect, err
}
