package conformance

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

const (
	requestTimeout = 30 * time.Second
	maxAnswer      = 16 << 20
)

// probe is one run of one case. It keeps the first error: after that it sends
// nothing and expects nothing, so that steps need not look.
type probe struct {
	caller // of the management API, where most cases live
	ctx    context.Context
	target Target
	client http.Client
	made   []thing
	err    error

	// exceeds tells that the case is about limits on requests. To all others a
	// limit that happens to be reached says nothing.
	exceeds bool
}

// thing is an object that the case has to delete, by the caller that made it.
type thing struct {
	caller
	path string
}

// caller sends requests to one family of routes.
type caller struct {
	p      *probe
	prefix string
	token  string // none sends no Authorization header
}

func check(ctx context.Context, t Target, steps func(*probe)) error {
	t.BaseURL = strings.TrimSuffix(t.BaseURL, "/")
	if err := t.validate(); err != nil {
		return err
	}
	p := &probe{ctx: ctx, target: t, client: http.Client{Timeout: requestTimeout}}
	if t.Client != nil {
		p.client = *t.Client
	}
	p.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	p.caller = p.management(t.Tenant)
	steps(p)
	return p.finish()
}

// finish deletes what the case has made, the newest first, whatever became of
// the case and of its context.
func (p *probe) finish() error {
	err := p.err
	p.err, p.exceeds, p.ctx = nil, true, context.WithoutCancel(p.ctx)
	for _, left := range slices.Backward(slices.Clone(p.made)) {
		res := left.delete(left.path)
		if res.status != http.StatusNotFound {
			res.expect(res.status < 300, "what the case has created deleted")
		}
		switch {
		case p.err == nil:
		case err == nil || errors.Is(err, ErrNotApplicable):
			err = p.err
		default:
			err = errors.Join(err, p.err)
		}
		p.err = nil
	}
	return err
}

func (p *probe) management(t Tenant) caller {
	return caller{p, "/management/v1/workspaces/" + url.PathEscape(t.WorkspaceID), t.ManagementToken}
}

func (p *probe) ingestion() caller { return caller{p, "/api/ingest", p.target.APIKey} }

// dashboard needs a session token.
func (p *probe) dashboard() caller {
	p.needs("dashboard session token", p.target.SessionToken)
	return caller{p, "/api/workspaces/" + url.PathEscape(p.target.WorkspaceID), p.target.SessionToken}
}

// needs makes the case inapplicable unless the target has all of these.
func (p *probe) needs(what string, values ...string) {
	if slices.Contains(values, "") {
		p.lacks(what)
	}
}

func (p *probe) lacks(what string) {
	p.fail(fmt.Errorf("%w: the target has no %s", ErrNotApplicable, what))
}

// harms makes the case inapplicable where others need the workspace: it takes
// something from them for a moment, or for ever if the rule does not hold.
func (p *probe) harms() {
	if !p.target.Disposable {
		p.lacks("workspace that is disposable")
	}
}

func (p *probe) fail(err error) {
	if p.err == nil {
		p.err = err
	}
}

// unique gives a word of lower-case letters and digits that nobody else uses.
func unique() string { return "conformance" + strings.ToLower(rand.Text()[:16]) }

// as sends another token.
func (c caller) as(token string) caller {
	c.token = token
	return c
}

// edit changes a request before it is sent.
type edit func(*http.Request)

func header(name string, values ...string) edit {
	return func(r *http.Request) { r.Header[http.CanonicalHeaderKey(name)] = values }
}

func (c caller) get(path string, edits ...edit) response {
	return c.do(http.MethodGet, path, "", edits...)
}

func (c caller) post(path, body string, edits ...edit) response {
	return c.do(http.MethodPost, path, body, edits...)
}

func (c caller) patch(path, body string) response {
	return c.do(http.MethodPatch, path, body)
}

func (c caller) put(path, body string) response {
	return c.do(http.MethodPut, path, body)
}

func (c caller) delete(path string, edits ...edit) response {
	return c.do(http.MethodDelete, path, "", edits...)
}

// do sends one request below the family's prefix, unless the case has failed
// already.
func (c caller) do(method, path, body string, edits ...edit) response {
	r := response{p: c.p, line: method + " " + c.prefix + path}
	if c.p.err != nil {
		return r
	}
	if err := c.p.send(&r, c, method, path, body, edits); err != nil {
		c.p.fail(fmt.Errorf("%s: %w", r.line, err))
		return r
	}
	c.p.remember(c, method, path, r)
	if r.status == http.StatusTooManyRequests && !c.p.exceeds {
		c.p.fail(fmt.Errorf("%w: the target takes no more requests for now: %s: got 429", ErrNotApplicable, r.line))
	}
	return r
}

func (p *probe) send(r *response, c caller, method, path, body string, edits []edit) error {
	request, err := http.NewRequestWithContext(p.ctx, method, p.target.BaseURL+c.prefix+path, strings.NewReader(body))
	if err != nil {
		return err
	}
	if body == "" {
		request.Body = http.NoBody
	} else {
		request.Header.Set("Content-Type", "application/json")
	}
	if c.token != "" {
		request.Header.Set("Authorization", "Bearer "+c.token)
	}
	for _, edit := range edits {
		edit(request)
	}
	answer, err := p.client.Do(request)
	if failed := (*url.Error)(nil); errors.As(err, &failed) {
		return failed.Err // the rest is in the request line
	}
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	r.status, r.header = answer.StatusCode, answer.Header
	if r.body, err = io.ReadAll(io.LimitReader(answer.Body, maxAnswer)); err != nil {
		return err
	}
	decoder := json.NewDecoder(bytes.NewReader(r.body))
	decoder.UseNumber()
	if decoder.Decode(&r.value) != nil || decoder.More() {
		r.value = nil // whoever expects JSON will say so
	}
	return nil
}

// collections are what objects are created in, and deleted from.
var collections = []string{"/applications", "/endpoints", "/event-types", "/environments"}

// remember notes what a request has made, whether it should have or not, and
// forgets what one has deleted. What belongs to something else goes with that.
func (p *probe) remember(c caller, method, path string, r response) {
	collection := path[max(strings.LastIndex(path, "/"), 0):]
	id, _ := r.at("id").(string)
	switch {
	case method == http.MethodPost && id != "" && slices.Contains(collections, collection) && strings.Contains(c.prefix, "/workspaces/"):
		p.made = append(p.made, thing{c, collection + "/" + url.PathEscape(id)})
	case method == http.MethodDelete && r.status < 300:
		p.made = slices.DeleteFunc(p.made, func(t thing) bool { return t.prefix+t.path == c.prefix+path })
	}
}
