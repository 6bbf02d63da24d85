package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/nahook/nahook-go/mockserver/internal/domain"
)

const (
	maxBody    = 1 << 20
	maxDrained = 16 << 20 // of a body that is refused for its size
)

var (
	errNotJSON   = domain.Invalid("Request body must be valid JSON")
	errNotObject = domain.Invalid("Request body must be a JSON object")
	errMediaType = domain.Refuse(codeUnsupportedMediaType, "Content-Type must be application/json")
)

// readBody decodes the body of a method that has one, of at most most bytes.
func (x *exchange) readBody(rt route, most int) error {
	if rt.method == http.MethodGet || rt.method == http.MethodDelete {
		// net/http notices that a client has left once the body is read.
		if x.Body != nil && x.Body != http.NoBody {
			io.Copy(io.Discard, io.LimitReader(x.Body, maxDrained))
		}
		return nil
	}
	body, err := ReadBody(x.Request, most)
	switch {
	case err != nil:
		return err
	case len(body) == 0 && rt.bodyless:
		x.body = newFields("", nil)
		return nil
	}
	x.raw = body
	x.body, err = parseObject(body)
	return err
}

// ReadBody reads what should be JSON, of at most most bytes. Its errors are for
// [WriteError].
func ReadBody(r *http.Request, most int) ([]byte, error) {
	if r.Body == nil { // a request that was made for a client, and given to the handler
		r.Body = http.NoBody
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, int64(most)+1))
	switch {
	case err != nil:
		return nil, errNotJSON
	case len(body) > 0 && !isJSON(r.Header.Get("Content-Type")):
		err = errMediaType
	case len(body) > most:
		err = domain.Refuse(domain.CodePayloadTooLarge, "Request body must be at most %d bytes", most)
	default:
		return body, nil
	}
	// A client that is cut off while it still writes may never read the answer.
	io.Copy(io.Discard, io.LimitReader(r.Body, maxDrained))
	return nil, err
}

func isJSON(contentType string) bool {
	const want = "application/json"
	if contentType == want { // as nearly always
		return true
	}
	mediaType, _, err := mime.ParseMediaType(contentType)
	return err == nil && mediaType == want
}

// fields reads the members of one JSON object. Its methods return nil for what
// is absent and keep the first error, so that a handler asks for everything
// and checks once.
type fields struct {
	path    string // of the object in errors: "config." for a nested one, empty for the body and for items of a batch
	place   string // of the object in the body, such as "items[0]."
	members map[string]json.RawMessage
	asked   map[string]bool
	nested  []*fields
	err     error
}

func newFields(path string, members map[string]json.RawMessage) *fields {
	return &fields{path: path, place: path, members: members, asked: map[string]bool{}}
}

// parseObject is stricter than encoding/json, which replaces what is no text and
// takes null for an empty object.
func parseObject(body []byte) (*fields, error) {
	var members map[string]json.RawMessage
	err := json.Unmarshal(body, &members)
	var mismatch *json.UnmarshalTypeError
	switch {
	case err != nil && !errors.As(err, &mismatch), !IsText(body):
		return nil, errNotJSON
	case members == nil || err != nil:
		return nil, errNotObject
	}
	return newFields("", members), nil
}

// IsText tells whether JSON can be stored as it was meant: encoding/json would
// replace invalid UTF-8 and half characters, which makes different strings equal.
func IsText(body []byte) bool { return utf8.Valid(body) && !hasLoneSurrogate(body) }

// IsObject tells whether a body is a JSON object that could be stored.
func IsObject(body []byte) bool {
	_, err := parseObject(body)
	return err == nil
}

// hasLoneSurrogate looks for an escape such as \ud800 without its other half. It
// stands for no character: two different ones would be stored as the same.
func hasLoneSurrogate(body []byte) bool {
	for {
		i := bytes.IndexByte(body, '\\')
		if i < 0 {
			return false
		}
		body = body[i:]
		first, size := escape(body)
		second, next := escape(body[size:])
		switch {
		case !utf16.IsSurrogate(first):
			next = 0
		case utf16.DecodeRune(first, second) == utf8.RuneError:
			return true
		}
		body = body[max(size+next, 1):]
	}
}

// escape reads the escape that text begins with: its character if it is of the
// form \u1234, and how long it is.
func escape(text []byte) (rune, int) {
	switch {
	case len(text) >= 6 && text[0] == '\\' && text[1] == 'u':
		n, _ := strconv.ParseUint(string(text[2:6]), 16, 16)
		return rune(n), 6
	case len(text) >= 2 && text[0] == '\\':
		return utf8.RuneError, 2
	}
	return utf8.RuneError, 0
}

// null is what an explicit null means for a field: that depends on the field.
type null int

const (
	refused null = iota
	absent
	clears // as an empty string does
)

// member gives the raw value, or nil where the field is absent.
func (f *fields) member(name string, n null) json.RawMessage {
	f.asked[name] = true
	raw := f.members[name]
	if n == absent && string(raw) == "null" {
		return nil
	}
	return raw
}

// decode reads a member into a new T. Anything but the kind of value that T
// holds is an error that says what is wanted.
func decode[T any](f *fields, name, kind string, raw json.RawMessage) *T {
	if raw == nil {
		return nil
	}
	value := new(T)
	if err := json.Unmarshal(raw, value); err != nil || string(raw) == "null" {
		f.refuse(name, kind)
		return nil
	}
	return value
}

func (f *fields) refuse(name, kind string) {
	if f.err == nil {
		f.err = domain.Invalid("%s%s must be %s", f.path, name, kind)
	}
}

func (f *fields) text(name string, n null) *string {
	raw := f.member(name, n)
	if n == clears && string(raw) == "null" {
		return new(string)
	}
	return decode[string](f, name, "a string", raw)
}

// required reads a text that has to be there.
func (f *fields) required(name string) string {
	text := f.text(name, refused)
	if text == nil && f.err == nil {
		f.err = domain.Invalid("%s%s is required", f.path, name)
	}
	return valueOr(text, "")
}

func (f *fields) boolean(name string) *bool {
	return decode[bool](f, name, "true or false", f.member(name, refused))
}

// texts reads an array of strings.
func (f *fields) texts(name string) []string {
	items := decode[[]json.RawMessage](f, name, "an array of strings", f.member(name, refused))
	if items == nil {
		return nil
	}
	texts := make([]string, 0, len(*items))
	for _, item := range *items {
		if text := decode[string](f, name, "an array of strings", item); text != nil {
			texts = append(texts, *text)
		}
	}
	return texts
}

// integer takes the JSON integers up to 2^31−1 alone: not 3.0, not 1e1. What is
// below its negative is as wrong as that everywhere.
func (f *fields) integer(name string, n null) *int {
	raw := f.member(name, n)
	if raw == nil {
		return nil
	}
	const most = 1<<31 - 1
	value, err := strconv.Atoi(string(raw)) // gives the nearest int if the number is none
	switch {
	case err != nil && !errors.Is(err, strconv.ErrRange):
		f.refuse(name, "an integer")
		return nil
	case value > most:
		f.refuse(name, "at most "+strconv.Itoa(most))
		return nil
	}
	value = max(value, -most)
	return &value
}

// limit reads a cap, for which null means none.
func (f *fields) limit(name string) *domain.Limit {
	value := domain.Unlimited
	if string(f.member(name, clears)) == "null" {
		return &value
	}
	n := f.integer(name, refused)
	if n == nil {
		return nil
	}
	value = domain.Limit(*n)
	return &value
}

// object reads a nested object.
func (f *fields) object(name string) *fields {
	members := decode[map[string]json.RawMessage](f, name, "an object", f.member(name, absent))
	if members == nil {
		return nil
	}
	inner := newFields(f.path+name+".", *members)
	inner.place = f.place + name + "."
	f.nested = append(f.nested, inner)
	return inner
}

// metadata reads a flat object of strings.
func (f *fields) metadata() *domain.Metadata {
	object := f.object("metadata")
	if object == nil {
		return nil
	}
	pairs := make(map[string]string, len(object.members))
	for _, key := range slices.Sorted(maps.Keys(object.members)) {
		if value := object.text(key, refused); value != nil {
			pairs[key] = *value
		}
	}
	metadata := domain.NewMetadata(pairs)
	return &metadata
}

// objects reads an array of objects, up to one more than most: that is enough to
// refuse it. What is none is nil. Their errors do not tell their places: the answer
// has one for each.
func (f *fields) objects(name string, most int) []*fields {
	items := decode[[]json.RawMessage](f, name, "an array of objects", f.member(name, refused))
	if items == nil {
		return nil
	}
	read := (*items)[:min(len(*items), most+1)]
	objects := make([]*fields, 0, len(read))
	for i, item := range read {
		var members map[string]json.RawMessage
		if err := json.Unmarshal(item, &members); err != nil || members == nil {
			objects = append(objects, nil)
			continue
		}
		object := newFields("", members)
		object.place = fmt.Sprintf("%s[%d].", name, i)
		f.nested = append(f.nested, object)
		objects = append(objects, object)
	}
	return objects
}

// has tells whether there is a member, be it null.
func (f *fields) has(name string) bool { return f.members[name] != nil }

// payload reads what is to be delivered: the bytes of an object, as they are.
func (f *fields) payload() []byte {
	raw := f.member("payload", refused)
	switch {
	case f.err != nil:
		return nil
	case raw == nil:
		f.err = domain.Invalid("payload is required")
	case raw[0] != '{':
		f.err = domain.Invalid("payload must be an object")
	case len(raw) > domain.MaxPayload:
		f.err = domain.Refuse(domain.CodePayloadTooLarge, "payload must be at most %d bytes", domain.MaxPayload)
	}
	return raw
}

// check gives the first error of the object and of those nested in it.
func (f *fields) check() error {
	for _, inner := range f.nested {
		if f.err == nil {
			f.err = inner.check()
		}
	}
	return f.err
}

// unknown lists the fields that nobody asked for; none where there is no body.
func (f *fields) unknown() []string {
	if f == nil {
		return nil
	}
	var names []string
	for name := range f.members {
		if !f.asked[name] {
			names = append(names, strconv.Quote(f.place+name))
		}
	}
	slices.Sort(names)
	for _, inner := range f.nested {
		names = append(names, inner.unknown()...)
	}
	return names
}
