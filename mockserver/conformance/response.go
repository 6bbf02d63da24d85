package conformance

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// response is what the target answered, or a part of that. Each expectation that
// does not hold ends the case with an error that shows both.
type response struct {
	p      *probe
	line   string // of the request
	status int
	header http.Header
	body   []byte
	value  any  // the decoded body, or a part of that, numbers as [json.Number]; nil if it is no JSON
	within bool // the value is a part
}

// expect ends the case unless the claim is true. What was wanted completes
// "want …".
func (r response) expect(claim bool, want string, args ...any) response {
	if !claim && r.p.err == nil {
		text := fmt.Sprintf("%s: want %s; got %d %s", r.line, fmt.Sprintf(want, args...), r.status, r.excerpt())
		r.p.fail(errors.New(r.p.redact(text)))
	}
	return r
}

const longestExcerpt = 400

// excerpt is the beginning of the body, or of the part.
func (r response) excerpt() string {
	body := r.body
	if r.within {
		body, _ = json.Marshal(r.value) // it was decoded from JSON
	}
	if len(body) == 0 {
		return "without a body"
	}
	text := r.p.redact(string(bytes.ToValidUTF8(body, []byte("?")))) // before a secret is cut in two
	if runes := []rune(text); len(runes) > longestExcerpt {
		text = string(runes[:longestExcerpt]) + "…"
	}
	return text
}

var (
	secretMembers = regexp.MustCompile(`"(secret|authPassword|webhookUrl|token|access_token|device_code|user_code)"\s*:\s*"[^"]*"`)
	portalCode    = regexp.MustCompile(`"code"\s*:\s*"[^"]*[^"a-z_][^"]*"`) // codes of errors are of letters alone
	secretTexts   = regexp.MustCompile(`whsec_[A-Za-z0-9+/=]+|nh[a-z]_[A-Za-z0-9_-]+|#code=[^"\s]+`)
)

// redact takes out what must not be in a report.
func (p *probe) redact(text string) string {
	t := p.target
	for _, v := range t.variables() {
		if secret := strings.Contains(v.name, "TOKEN") || strings.Contains(v.name, "KEY"); secret && *v.value != "" {
			text = strings.ReplaceAll(text, *v.value, "[redacted]")
		}
	}
	text = secretMembers.ReplaceAllString(text, `"$1":"[redacted]"`)
	text = portalCode.ReplaceAllString(text, `"code":"[redacted]"`)
	return secretTexts.ReplaceAllString(text, "[redacted]")
}

func (r response) is(status int) response {
	return r.expect(r.status == status, "status %d", status)
}

// refuses wants the error envelope.
func (r response) refuses(status int, code string) response {
	r.expect(r.status == status && r.at("error.code") == code, "%d with the error code %q", status, code)
	message, _ := r.at("error.message").(string)
	return r.expect(message != "", "an error message")
}

func (r response) says(message string) response {
	return r.expect(r.at("error.message") == message, "the message %q", message)
}

// invalid wants the answer to a request that breaks a rule. The service is
// documented to answer some of these in its web framework's own shape, where
// error is a text.
func (r response) invalid() response {
	if text, _ := r.at("error").(string); text != "" && r.status == http.StatusBadRequest {
		return r.has("statusCode", "400")
	}
	return r.refuses(http.StatusBadRequest, "validation_error")
}

// missing wants the answer to an id that nobody has.
func (r response) missing(noun string) response {
	return r.refuses(http.StatusNotFound, "not_found").says(noun + " not found")
}

// deleted wants a success without a body.
func (r response) deleted() {
	r.expect(r.status == http.StatusNoContent && len(r.body) == 0, "204 without a body")
}

// same wants the same status and body as another answer.
func (r response) same(other response) {
	r.expect(r.status == other.status && bytes.Equal(r.body, other.body), "the same answer as to %s, which is %d %s",
		other.line, other.status, other.excerpt())
}

// at gives the value at a path such as "items.0.error.code", nil if there is
// none. The empty path is the whole.
func (r response) at(path string) any {
	value, _ := r.find(path)
	return value
}

func (r response) find(path string) (any, bool) {
	value := r.value
	if path == "" {
		return value, value != nil
	}
	for key := range strings.SplitSeq(path, ".") {
		switch v := value.(type) {
		case map[string]any:
			member, ok := v[key]
			if !ok {
				return nil, false
			}
			value = member
		case []any:
			i, err := strconv.Atoi(key)
			if err != nil || i < 0 || i >= len(v) {
				return nil, false
			}
			value = v[i]
		default:
			return nil, false
		}
	}
	return value, true
}

// has wants the JSON value at a path.
func (r response) has(path, want string) response {
	got, ok := r.find(path)
	if path == "" {
		path = "all of it"
	}
	return r.expect(ok && reflect.DeepEqual(got, decoded(want)), "%s to be %s", path, want)
}

// decoded reads JSON as the bodies of answers are read.
func decoded(text string) any {
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	var value any
	if decoder.Decode(&value) != nil {
		return fmt.Errorf("%q is no JSON", text) // equals nothing
	}
	return value
}

func (r response) without(path string) response {
	_, there := r.find(path)
	return r.expect(!there, "no %s", path)
}

// text wants a string that is not empty.
func (r response) text(path string) string {
	text, _ := r.at(path).(string)
	r.expect(text != "", "a text at %s", path)
	return text
}

func (r response) matches(path, pattern string) response {
	text := r.text(path)
	ok, _ := regexp.MatchString(pattern, text)
	return r.expect(ok, "%s like %s", path, pattern)
}

const timestamp = `^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$`

// hasKeys wants these members, and no others.
func (r response) hasKeys(names ...string) response {
	members, _ := r.value.(map[string]any)
	got := slices.Sorted(maps.Keys(members))
	slices.Sort(names)
	return r.expect(slices.Equal(got, names), "an object of exactly %s", strings.Join(names, ", "))
}

// hasHeader wants one header of this value.
func (r response) hasHeader(name, value string) response {
	got := r.header.Values(name)
	return r.expect(len(got) == 1 && got[0] == value, "the header %s: %s, not %q", name, value, got)
}

// part gives what is at a path, to expect things of it.
func (r response) part(path string) response {
	value, ok := r.find(path)
	r.expect(ok, "%s", path)
	r.value, r.within = value, true
	return r
}

// rows wants an array.
func (r response) rows() []any {
	rows, ok := r.value.([]any)
	r.expect(ok, "a JSON array")
	return rows
}

// count is how many elements the array at a path has, -1 if there is none.
func (r response) count(path string) int {
	rows, ok := r.at(path).([]any)
	if !ok {
		return -1
	}
	return len(rows)
}

// row gives the element of an array whose member has the value.
func (r response) row(key, value string) response {
	for i := range r.rows() {
		if row := r.part(strconv.Itoa(i)); row.at(key) == value {
			return row
		}
	}
	r.expect(false, "a row whose %s is %s", key, value)
	return response{p: r.p, line: r.line}
}

// no wants an array without such an element.
func (r response) no(key, value string) response {
	for i := range r.rows() {
		r.expect(r.part(strconv.Itoa(i)).at(key) != value, "no row whose %s is %s", key, value)
	}
	return r
}

// inOrder wants the rows with these ids one behind the other, with or without
// others between.
func (r response) inOrder(ids ...string) response {
	var found []string
	for i := range r.rows() {
		if id, _ := r.part(strconv.Itoa(i)).at("id").(string); slices.Contains(ids, id) {
			found = append(found, id)
		}
	}
	return r.expect(slices.Equal(found, ids), "the rows %s in this order", strings.Join(ids, ", "))
}
