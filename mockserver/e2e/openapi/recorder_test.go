package openapi_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"slices"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// recorder passes requests on and holds every answer against the document.
type recorder struct {
	document *document
	next     http.RoundTripper

	mu       sync.Mutex
	problems []string
	seen     map[outcome]bool
	samples  map[outcome][]byte // the longest body of each
}

// outcome is one way in which an operation can end.
type outcome struct {
	operation string
	status    int
	code      string // of an error
}

func (o outcome) String() string { return fmt.Sprintf("%s %d %s", o.operation, o.status, o.code) }

func newRecorder(d *document, next http.RoundTripper) *recorder {
	return &recorder{document: d, next: next, seen: map[outcome]bool{}, samples: map[outcome][]byte{}}
}

// RoundTrip answers with what the server does, whether that is right or not.
func (r *recorder) RoundTrip(request *http.Request) (*http.Response, error) {
	var sent []byte
	if request.Body != nil {
		var err error
		if sent, err = io.ReadAll(request.Body); err != nil {
			return nil, err
		}
		request = request.Clone(request.Context())
		request.Body = io.NopCloser(bytes.NewReader(sent))
	}
	res, err := r.next.RoundTrip(request)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, err
	}
	res.Body = io.NopCloser(bytes.NewReader(body))
	if o := r.document.find(request.Method, request.URL.EscapedPath()); o != nil {
		r.record(o, sent, res, body)
	}
	return res, nil
}

func (r *recorder) record(o *operation, sent []byte, res *http.Response, body []byte) {
	ended := outcome{o.id, res.StatusCode, errorCode(body)}
	err := o.check(sent, res, body)
	r.mu.Lock()
	defer r.mu.Unlock()
	if err != nil {
		r.problems = append(r.problems, fmt.Sprintf("%v: %v\nrequest: %.300s\nanswer: %.600s", ended, err, sent, body))
		return
	}
	r.seen[ended] = true
	if len(body) > len(r.samples[ended]) {
		r.samples[ended] = body
	}
}

// errorCode is empty where there is no error.
func errorCode(body []byte) string {
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
	if err != nil {
		return ""
	}
	code, _ := members(members(value)["error"])["code"].(string)
	return code
}

// check tells what of an exchange the document does not allow. The body of a
// request has to fit only if all of it was accepted: a 207 says that some was not.
func (o *operation) check(sent []byte, res *http.Response, body []byte) error {
	documented := o.answers[res.StatusCode]
	if documented == nil {
		return fmt.Errorf("the status %d is not documented", res.StatusCode)
	}
	if err := documented.check(res, body); err != nil {
		return err
	}
	switch {
	case !success(res.StatusCode), res.StatusCode == http.StatusMultiStatus, len(sent) == 0:
		return nil
	case o.request == nil:
		return errors.New("a body was accepted that is not documented")
	}
	return validate(o.request, sent)
}

func (a *answer) check(res *http.Response, body []byte) error {
	for _, header := range a.headers {
		if err := header.check(res.Header); err != nil {
			return err
		}
	}
	contentType := res.Header.Get("Content-Type")
	if a.body == nil {
		if len(body) > 0 || contentType != "" {
			return errors.New("there is a body, or the type of one")
		}
		return nil
	}
	if mediaType, _, err := mime.ParseMediaType(contentType); err != nil || mediaType != "application/json" {
		return fmt.Errorf("the content type is %q", contentType)
	}
	return validate(a.body, body)
}

func (h documentedHeader) check(header http.Header) error {
	values := header.Values(h.name)
	if len(values) == 0 && !h.required {
		return nil
	}
	if len(values) != 1 {
		return fmt.Errorf("%s is there %d times", h.name, len(values))
	}
	value := any(values[0])
	if slices.Contains(h.value.Types.ToStrings(), "integer") {
		var err error
		if value, err = jsonschema.UnmarshalJSON(bytes.NewReader([]byte(values[0]))); err != nil {
			return fmt.Errorf("%s: %w", h.name, err)
		}
	}
	return h.value.Validate(value)
}

func validate(schema *jsonschema.Schema, body []byte) error {
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
	if err != nil {
		return err
	}
	return schema.Validate(value)
}

// missing lists the documented outcomes that no request has had.
func (r *recorder) missing() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var missing []string
	for _, o := range r.document.operations {
		for _, status := range o.statuses() {
			codes := o.answers[status].codes
			if success(status) {
				codes = []string{""}
			}
			for _, code := range codes {
				if ended := (outcome{o.id, status, code}); !r.seen[ended] {
					missing = append(missing, ended.String())
				}
			}
		}
	}
	return missing
}
