package transport

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode"

	"github.com/google/go-querystring/query"
)

// Request is one operation: what it is called, where it goes, what it carries.
type Request struct {
	Name     string   // the operation's id, such as "applications.get"
	Method   string   // GET, POST, PUT, PATCH or DELETE
	Template string   // the path below the base URL, with a named brace for each value
	Values   []string // what the braces stand for, unescaped, in order
	Query    any      // a struct with url tags, or nil
	Body     any      // encoded as JSON, or nil
	Keyed    bool     // the body carries idempotency keys, so that making it twice does no more than once

	Header  http.Header   // sent besides, and instead of, the transport's own
	Timeout time.Duration // instead of the transport's; zero keeps that
	Once    bool          // never repeated
}

// Get reads.
func Get(name, template string, values ...string) Request {
	return Request{Name: name, Method: http.MethodGet, Template: template, Values: values}
}

// Post creates; a Post is repeated only where it cannot have taken effect, unless
// it is [Request.Repeatable].
func Post(name, template string, values ...string) Request {
	return Request{Name: name, Method: http.MethodPost, Template: template, Values: values}
}

// Patch changes what its body gives.
func Patch(name, template string, values ...string) Request {
	return Request{Name: name, Method: http.MethodPatch, Template: template, Values: values}
}

// Put sets the whole of something, which may be done twice.
func Put(name, template string, values ...string) Request {
	return Request{Name: name, Method: http.MethodPut, Template: template, Values: values}
}

// Delete removes; if an earlier attempt may have done so already, a 404 is a success.
func Delete(name, template string, values ...string) Request {
	return Request{Name: name, Method: http.MethodDelete, Template: template, Values: values}
}

// With gives the request a JSON body.
func (r Request) With(body any) Request {
	r.Body = body
	return r
}

// Where gives the request a query: a struct with url tags, or nil for none.
func (r Request) Where(query any) Request {
	r.Query = query
	return r
}

// Repeatable says that the body carries idempotency keys.
func (r Request) Repeatable() Request {
	r.Keyed = true
	return r
}

// safe tells whether making the request twice does no more than making it once.
func (r Request) safe() bool { return r.Method != http.MethodPost || r.Keyed }

// url is where the request goes, or an error if a value would make it address
// something else than the template says.
func (r Request) url(base *url.URL) (url.URL, error) {
	u := *base
	if err := r.checkValues(); err != nil {
		return u, err
	}
	u.Path, u.RawPath = r.fill(base.EscapedPath()), ""
	if strings.Contains(u.Path, "%") {
		u.RawPath = u.Path
		u.Path, _ = url.PathUnescape(u.RawPath) // what fill escaped can be unescaped
	}
	if r.Query == nil {
		return u, nil
	}
	values, err := query.Values(r.Query)
	u.RawQuery = values.Encode()
	return u, err
}

// fill is the template with its values escaped, behind prefix.
func (r Request) fill(prefix string) string {
	var b strings.Builder
	b.Grow(len(prefix) + len(r.Template) + 32)
	b.WriteString(prefix)
	rest := r.Template
	for _, value := range r.Values {
		literal, brace, _ := strings.Cut(rest, "{")
		_, rest, _ = strings.Cut(brace, "}")
		b.WriteString(literal)
		b.WriteString(url.PathEscape(value))
	}
	b.WriteString(rest)
	return b.String()
}

// checkValues refuses the values that servers, proxies and net/http itself
// would clean away, which reaches a parent or a neighbour. Its error names
// the brace and not the value, which may be anything.
func (r Request) checkValues() error {
	if strings.Count(r.Template, "{") != len(r.Values) {
		return fmt.Errorf("path %s has %d values", r.Template, len(r.Values))
	}
	for i, value := range r.Values {
		if checkSegment(value) != nil {
			brace, _, _ := strings.Cut(strings.Split(r.Template, "{")[i+1], "}")
			return CheckName(brace+" id", value)
		}
	}
	return nil
}

// CheckName refuses what cannot be the name or the id of anything, in a path or
// elsewhere. Its error says what it is, such as "endpoint id", and not the value.
func CheckName(what, value string) error {
	if err := checkSegment(value); err != nil {
		return fmt.Errorf("the %s %w", what, err)
	}
	return nil
}

func checkSegment(value string) error {
	switch {
	case value == "":
		return errors.New("is empty")
	case value == "." || value == "..":
		return fmt.Errorf("is %q, which addresses something else", value)
	case strings.ContainsFunc(value, unicode.IsControl):
		return errors.New("holds a control character")
	}
	return nil
}

// encode is the JSON of the body, in b, or nil if there is none.
func (r Request) encode(b *bytes.Buffer) ([]byte, error) {
	if r.Body == nil {
		return nil, nil
	}
	body, err := encode(b, r.Body)
	if err != nil {
		return nil, fmt.Errorf("the body cannot be encoded: %w", err)
	}
	return body, nil
}

// Encode is the JSON of v without the escapes that make it fit for HTML: what
// receives a payload gets the characters that its sender wrote.
func Encode(v any) ([]byte, error) {
	return encode(new(bytes.Buffer), v)
}

func encode(b *bytes.Buffer, v any) ([]byte, error) {
	e := json.NewEncoder(b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}
