package mockserver

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/nahook/nahook-go/mockserver/internal/clock"
	"github.com/nahook/nahook-go/mockserver/internal/domain"
)

// journalJSON is the exchanges that match, oldest first.
type journalJSON struct {
	Matched   int            `json:"matched"` // of those that are held
	Dropped   int            `json:"dropped"` // that could have matched
	Exchanges []exchangeJSON `json:"exchanges"`
}

// exchangeJSON is an [Exchange].
type exchangeJSON struct {
	At              string      `json:"at"`
	Workspace       string      `json:"workspace"`
	Operation       string      `json:"operation"`
	Delivery        string      `json:"delivery,omitempty"`
	Method          string      `json:"method"`
	Host            string      `json:"host"`
	Path            string      `json:"path"`
	Query           string      `json:"query"`
	Headers         http.Header `json:"headers"`
	Body            any         `json:"body"`
	Status          int         `json:"status"`
	ResponseHeaders http.Header `json:"responseHeaders"`
	ResponseBody    any         `json:"responseBody"`
	Failure         string      `json:"failure,omitempty"`
	Fault           string      `json:"fault,omitempty"`
	Problems        []string    `json:"problems,omitempty"`
}

func encodeExchange(e *Exchange) exchangeJSON {
	return exchangeJSON{
		At: e.At.Format(timestamp), Workspace: e.Workspace, Operation: e.Operation, Delivery: e.Delivery,
		Method: e.Method, Host: e.Host, Path: e.Path, Query: e.Query, Headers: e.Header, Body: content(e.Body),
		Status: e.Status, ResponseHeaders: e.ResponseHeader, ResponseBody: content(e.ResponseBody),
		Failure: e.Failure, Fault: e.Fault, Problems: e.Problems,
	}
}

// content is a body as JSON where it is JSON, as text where it is not, and null
// where there is none.
func content(body []byte) any {
	switch {
	case body == nil:
		return nil
	case utf8.Valid(body) && json.Valid(body): // the encoder mends other text
		return json.RawMessage(body)
	}
	return string(body)
}

func readJournal(c *controlCall) (any, error) {
	m, err := c.matcher()
	if err != nil {
		return nil, err
	}
	limit := -1
	if c.query.Has("limit") {
		if limit, err = c.number("limit"); err != nil {
			return nil, err
		}
	}
	if err := c.await(m); err != nil {
		return nil, err
	}
	found, _, dropped := c.workspace.journal.find(m)
	answer := journalJSON{Matched: len(found), Dropped: dropped, Exchanges: []exchangeJSON{}}
	if limit >= 0 && limit < len(found) {
		found = found[len(found)-limit:]
	}
	for _, e := range found {
		answer.Exchanges = append(answer.Exchanges, encodeExchange(e))
	}
	return answer, nil
}

// matcher is what the query says about exchanges.
func (c *controlCall) matcher() (Matcher, error) {
	m, err := matchJSON{
		Operation: c.query.Get("operation"), Method: c.query.Get("method"), Host: c.query.Get("host"), Path: c.query.Get("path"),
	}.matcher()
	if err != nil || !c.query.Has("status") {
		return m, err
	}
	status, err := c.number("status")
	if err == nil && status != 0 && (status < 100 || status > 999) {
		err = domain.Invalid("status: %d is not between 100 and 999; 0 is no answer", status)
	}
	return All(m, Answered(status)), err
}

func (c *controlCall) number(name string) (int, error) {
	n, err := strconv.Atoi(c.query.Get(name))
	if err != nil || n < 0 {
		return 0, domain.Invalid("%s: want a whole number of 0 or more", name)
	}
	return n, nil
}

// maxAwaited is how long a request may wait for an exchange.
const maxAwaited = time.Minute

var errAwaited = errors.New("no exchange has matched")

// await returns once an exchange matches, or the time that the query gives has
// passed.
func (c *controlCall) await(m Matcher) error {
	if !c.query.Has("wait") {
		return nil
	}
	d, err := duration("wait", c.query.Get("wait"))
	if err != nil {
		return err
	}
	if d < 0 || d > maxAwaited {
		return domain.Invalid("wait: %v is not between 0 and %v", d, maxAwaited)
	}
	ctx, cancel := clock.WithTimeout(c.Context(), d, errAwaited)
	defer cancel()
	defer context.AfterFunc(c.server.network.life, cancel)()
	_, err = c.workspace.journal.wait(ctx, m)
	if err == nil || errors.Is(err, errAwaited) || errors.Is(err, context.Canceled) {
		return nil
	}
	return domain.Refuse(domain.CodeConflict, "%v", err)
}

type problemJSON struct {
	Workspace string `json:"workspace"`
	Operation string `json:"operation"`
	Text      string `json:"text"`
	Count     int    `json:"count"`
}

// listProblems gives all problems where no workspace is named: some requests name
// none.
func listProblems(c *controlCall) (any, error) {
	problems := c.server.Problems()
	if c.query.Has("workspace") {
		problems = c.workspace.Problems()
	}
	list := []problemJSON{}
	for _, p := range problems {
		list = append(list, problemJSON(p))
	}
	return map[string]any{"problems": list}, nil
}

func listOperations(c *controlCall) (any, error) {
	return map[string]any{"operations": c.server.Operations()}, nil
}
