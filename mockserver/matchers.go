package mockserver

import (
	"bytes"
	"cmp"
	"encoding/json"
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
	err       error  // why it makes no sense
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
		all.err = cmp.Or(all.err, m.err)
		if all.operation != "" && m.operation != "" && all.operation != m.operation {
			all.err = cmp.Or(all.err, fmt.Errorf("no request is of two operations, %s and %s", all.operation, m.operation))
		}
		all.operation = cmp.Or(all.operation, m.operation)
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
	method = strings.ToUpper(method)
	return matching("method "+method, func(e *Exchange) string { return differs("method", e.Method, method) })
}

// Path picks requests with a path, escaped as it is in the URL. A segment "*"
// stands for any one.
func Path(path string) Matcher {
	want := strings.Split(path, "/")
	m := matching("path "+path, func(e *Exchange) string {
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
	if !strings.HasPrefix(path, "/") || strings.Contains(path, "?") {
		m.err = fmt.Errorf("Path(%q): want a path that begins with a slash, without a query", path)
	}
	return m
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

// Header picks requests that have a header with a value, among others perhaps.
// Credentials are redacted, and cannot be matched.
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
		decoded, err = decodeExactly(encoded)
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
	v, err := decodeExactly(body)
	if err != nil {
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

// decodeExactly keeps numbers as they are: those of equal value are equal, however
// large, and however they are spelt.
func decodeExactly(text []byte) (any, error) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var v any
	err := decoder.Decode(&v)
	return exactly(v), err
}

func exactly(v any) any {
	switch v := v.(type) {
	case json.Number:
		return json.Number(plain(v.String()))
	case []any:
		for i := range v {
			v[i] = exactly(v[i])
		}
	case map[string]any:
		for name := range v {
			v[name] = exactly(v[name])
		}
	}
	return v
}

// plain spells a number of JSON in one way only: 3, 3.0 and 3e0 are 3.
func plain(number string) string {
	if strings.ContainsAny(number, "eE") {
		f, err := strconv.ParseFloat(number, 64)
		if err != nil {
			return number // there is none like it
		}
		number = strconv.FormatFloat(f, 'f', -1, 64)
	}
	if strings.Contains(number, ".") {
		number = strings.TrimRight(strings.TrimRight(number, "0"), ".")
	}
	if number == "-0" {
		return "0"
	}
	return number
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
	if m.err == nil && m.operation != "" && !operations()[m.operation] {
		return fmt.Errorf("there is no operation %q; Server.Operations lists all", m.operation)
	}
	return m.err
}
