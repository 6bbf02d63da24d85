package mockserver

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"strconv"
	"strings"
)

// Matcher picks exchanges, and requests for a [Fault]. The zero value picks all.
type Matcher struct {
	parts     []part
	operation string // that it is limited to; empty for none
	answer    bool   // it looks at the answer
	err       error
}

// part is one condition.
type part struct {
	text string                   // such as "status 403"
	miss func(e *Exchange) string // why an exchange does not match; empty if it does
}

func matching(text string, miss func(e *Exchange) string) Matcher {
	return Matcher{parts: []part{{text, miss}}}
}

// All picks what every one of matchers picks.
func All(matchers ...Matcher) Matcher {
	var all Matcher
	for _, m := range matchers {
		all.parts = append(all.parts, m.parts...)
		all.answer = all.answer || m.answer
		all.err = errors.Join(all.err, m.err)
		if all.operation == "" {
			all.operation = m.operation
		}
	}
	return all
}

// Operation picks the requests of one operation, such as "applications.create",
// "ingest.send", "dashboard.deliveries.retry" or "portal.endpoints.create";
// "delivery.attempt" picks the attempts to deliver.
func Operation(id string) Matcher {
	m := matching("operation "+id, func(e *Exchange) string {
		return differs("operation", orUnknown(e.Operation), id)
	})
	m.operation = id
	return m
}

// Method picks requests with a method, such as "POST".
func Method(method string) Matcher {
	return matching("method "+method, func(e *Exchange) string { return differs("method", e.Method, method) })
}

// Path picks requests with a path, escaped as it is in the URL. A segment "*"
// stands for any one.
func Path(path string) Matcher {
	want := strings.Split(path, "/")
	return matching("path "+path, func(e *Exchange) string {
		got := strings.Split(e.Path, "/")
		same := len(got) == len(want)
		for i := 0; same && i < len(want); i++ {
			same = want[i] == "*" || want[i] == got[i]
		}
		if same {
			return ""
		}
		return differs("path", e.Path, path)
	})
}

// Host picks requests to a host, with its port if it has one: of attempts, that of
// the endpoint.
func Host(host string) Matcher {
	return matching("host "+host, func(e *Exchange) string { return differs("host", e.Host, host) })
}

// Answered picks exchanges by the status of the answer; 0 picks those without one.
// It cannot pick requests for a fault.
func Answered(status int) Matcher {
	m := matching("status "+strconv.Itoa(status), func(e *Exchange) string {
		return differs("status", strconv.Itoa(e.Status), strconv.Itoa(status))
	})
	m.answer = true
	return m
}

// Header picks requests that have a header with a value. Credentials are redacted,
// and cannot be matched.
func Header(name, value string) Matcher {
	return matching(fmt.Sprintf("header %s %q", name, value), func(e *Exchange) string {
		for _, got := range e.Header[http.CanonicalHeaderKey(name)] {
			if got == value {
				return ""
			}
		}
		return fmt.Sprintf("header %s is %q, not %q", name, e.Header.Values(name), value)
	})
}

// Field picks requests whose JSON body has a value at a path, such as "name",
// "metadata.plan" or "items.0.endpointId". The value is compared as JSON: want may be
// anything that encodes to it, nil for null.
func Field(path string, want any) Matcher {
	encoded, err := json.Marshal(want)
	var decoded any
	if err == nil {
		err = json.Unmarshal(encoded, &decoded)
	}
	m := matching(fmt.Sprintf("field %s %s", path, encoded), func(e *Exchange) string {
		got, found := field(e.Body, path)
		switch {
		case !found:
			return fmt.Sprintf("field %s is absent, not %s", path, encoded)
		case !reflect.DeepEqual(got, decoded):
			text, _ := json.Marshal(got) // it was decoded from JSON
			return fmt.Sprintf("field %s is %s, not %s", path, text, encoded)
		}
		return ""
	})
	if err != nil {
		m.err = fmt.Errorf("Field(%q): the value cannot be JSON: %w", path, err)
	}
	return m
}

func field(body []byte, path string) (any, bool) {
	var v any
	if json.Unmarshal(body, &v) != nil {
		return nil, false
	}
	for name := range strings.SplitSeq(path, ".") {
		var found bool
		switch container := v.(type) {
		case map[string]any:
			v, found = container[name]
		case []any:
			i, err := strconv.Atoi(name)
			if found = err == nil && i >= 0 && i < len(container); found {
				v = container[i]
			}
		}
		if !found {
			return nil, false
		}
	}
	return v, true
}

func differs(what, got, want string) string {
	if got == want {
		return ""
	}
	return fmt.Sprintf("%s is %s, not %s", what, got, want)
}

// misses says why an exchange does not match; nothing if it does.
func (m Matcher) misses(e *Exchange) []string {
	var all []string
	for _, p := range m.parts {
		if miss := p.miss(e); miss != "" {
			all = append(all, miss)
		}
	}
	return all
}

func (m Matcher) String() string {
	texts := make([]string, len(m.parts))
	for i, p := range m.parts {
		texts[i] = p.text
	}
	return strings.Join(texts, ", ")
}

// with is what follows "a request" in a sentence.
func (m Matcher) with() string {
	if len(m.parts) == 0 {
		return ""
	}
	return " with " + m.String()
}

// checkMatcher refuses what could never match.
func (w *Workspace) checkMatcher(m Matcher) error {
	if m.err != nil {
		return m.err
	}
	for _, p := range m.parts {
		id, found := strings.CutPrefix(p.text, "operation ")
		if found && !operations()[id] {
			return fmt.Errorf("there is no operation %q; Server.Operations lists all", id)
		}
	}
	return nil
}
