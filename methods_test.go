package nahook_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nahook/nahook-go"
)

// method is one method of one collection or of a client, found by reflection so
// that a new one cannot be forgotten here.
type method struct {
	name  string // as its operation is called
	base  string // of its path
	path  string // what matches what errors call it when its ids are someIDs
	ids   int    // how many ids it takes
	batch bool   // its id is in its body, and not in its path
	pages bool   // it is an iterator
	run   func(ctx context.Context, ids []string, opts ...nahook.CallOption) []reflect.Value
}

// call is the error of the method, the first one of its iterator, or that of
// its items.
func (m method) call(ctx context.Context, ids []string, opts ...nahook.CallOption) error {
	return outcome(m.run(ctx, ids, opts...))
}

// rows is all that the method gives: its result, or what its iterator goes through.
func (m method) rows(ctx context.Context, ids []string, opts ...nahook.CallOption) (rows []any, err error) {
	out := m.run(ctx, ids, opts...)
	if !m.pages {
		if err = outcome(out); err == nil && len(out) > 1 {
			rows = append(rows, out[0].Interface())
		}
		return rows, err
	}
	for row, failed := range out[0].Seq2() {
		if err = asError(failed); err == nil {
			rows = append(rows, row.Interface())
		}
	}
	return rows, err
}

// operationNames are shorter than the names of some methods.
var operationNames = strings.NewReplacer(".all", ".list", "EventTypeVisibility", "Visibility")

// methods are those of both clients on top of a transport.
func methods(tb testing.TB, transport http.RoundTripper, opts ...nahook.Option) []method {
	tb.Helper()
	mgmt := reflect.ValueOf(through(tb, transport, opts...)).Elem()
	var all []method
	for i := range mgmt.NumField() {
		if field := mgmt.Type().Field(i); field.IsExported() {
			all = append(all, methodsOf(lowerFirst(field.Name), mgmt.Field(i), "/management/v1/workspaces/", "/workspaces/ws_1/[a-z]+")...)
		}
	}
	client := reflect.ValueOf(sending(tb, transport, opts...))
	return append(all, methodsOf("ingest", client, "/api/ingest/", "/((event/)?(ws_1|batch))")...)
}

// methodsOf are those that take call options, which are the ones that do a call.
func methodsOf(collection string, v reflect.Value, base, path string) []method {
	var all []method
	for i := range v.NumMethod() {
		if !v.Method(i).Type().IsVariadic() {
			continue
		}
		m := newMethod(operationNames.Replace(collection+"."+lowerFirst(v.Type().Method(i).Name)), v.Method(i))
		m.base, m.path = base, path
		all = append(all, m)
	}
	return all
}

func newMethod(name string, f reflect.Value) method {
	arguments := func(ids []string) (in []reflect.Value, unused int) {
		for i := 1; i < f.Type().NumIn()-1; i++ {
			in = append(in, argument(f.Type().In(i), &ids))
		}
		return in, len(ids)
	}
	in, unused := arguments(someIDs(3))
	return method{
		name: name, ids: 3 - unused, batch: in[0].Kind() == reflect.Slice, pages: f.Type().Out(0).Kind() == reflect.Func,
		run: func(ctx context.Context, ids []string, opts ...nahook.CallOption) []reflect.Value {
			in, _ := arguments(ids)
			return f.CallSlice(slices.Concat([]reflect.Value{reflect.ValueOf(ctx)}, in, []reflect.Value{reflect.ValueOf(opts)}))
		},
	}
}

// argument is what a method takes, with the next of the ids wherever there is
// room for one, and a payload.
func argument(kind reflect.Type, ids *[]string) reflect.Value {
	v := reflect.New(kind).Elem()
	switch kind.Kind() {
	case reflect.String:
		v.SetString((*ids)[0])
		*ids = (*ids)[1:]
	case reflect.Slice:
		v = reflect.Append(v, argument(kind.Elem(), ids))
	case reflect.Struct:
		for i := range kind.NumField() {
			switch kind.Field(i).Name {
			case "EndpointID", "EventType":
				v.Field(i).Set(argument(kind.Field(i).Type, ids))
			case "Payload":
				v.Field(i).Set(reflect.ValueOf(map[string]int{}))
			}
		}
	}
	return v
}

func outcome(out []reflect.Value) error {
	last := out[len(out)-1]
	if last.Kind() == reflect.Func {
		for _, err := range last.Seq2() {
			return asError(err)
		}
		return nil
	}
	if batch, ok := out[0].Interface().(interface{ Err() error }); ok && last.IsNil() {
		return batch.Err()
	}
	return asError(last)
}

func asError(v reflect.Value) error {
	err, _ := v.Interface().(error)
	return err
}

func lowerFirst(s string) string { return string(unicode.ToLower(rune(s[0]))) + s[1:] }

func someIDs(n int) []string {
	return []string{"ws_1", "first_2", "second_3"}[:n]
}

func TestMethodsAreFound(t *testing.T) {
	t.Parallel()
	names := []string{}
	for _, m := range methods(t, newMock(t)) {
		names = append(names, m.name)
	}
	assert.Subset(t, names, []string{
		"applications.get", "endpoints.update", "portalSessions.create", "deliveries.attempts", "auditLogs.list",
		"ingest.send", "ingest.trigger", "ingest.sendBatch", "ingest.triggerBatch",
	})
	assert.GreaterOrEqual(t, len(names), 39)
}

// Each method puts each of its ids into the path, in order.
func TestMethodsAddressWhatTheyAreGiven(t *testing.T) {
	t.Parallel()
	var path, body string
	for _, m := range methods(t, roundTrip(func(r *http.Request) (*http.Response, error) {
		path, body = r.URL.EscapedPath(), bodyOf(r)
		return reply(http.StatusNotFound, envelope("not_found", "Not here"))(r)
	})) {
		ids := someIDs(m.ids)
		require.ErrorIs(t, m.call(t.Context(), ids), nahook.ErrNotFound, m.name)
		found := strings.Split(path, "/")
		if m.batch {
			found = strings.Split(body, `"`)
		}
		assert.Equal(t, ids, slices.DeleteFunc(found, func(s string) bool { return !slices.Contains(ids, s) }), "%s: %s", m.name, path)
		assert.NotContains(t, path, "{", m.name)
		assert.True(t, strings.HasPrefix(path, m.base), path)
	}
}

// An id that would address something else is refused, in every place of every
// method, before anything is sent.
func TestMethodsRefuseBadIDs(t *testing.T) {
	t.Parallel()
	mock := newMock(t)
	for _, m := range methods(t, mock) {
		for i := range m.ids {
			for _, bad := range []string{"", ".", "..", "a\nb", "a\x00", "\x7f", "a\u0085b", secretToken + "\r"} {
				ids := someIDs(m.ids)
				ids[i] = bad
				err := m.call(t.Context(), ids)
				require.ErrorIs(t, err, nahook.ErrInvalidArgument, "%s %q", m.name, bad)
				assert.Regexp(t, "^nahook: invalid argument: "+regexp.QuoteMeta(m.name)+": (item 0: )?the ", err.Error(), "the error names the operation")
				assert.NotContains(t, err.Error(), secretToken)
			}
		}
	}
	assert.Zero(t, mock.GetTotalCallCount())
}

func TestMethodsCarryAnyOtherID(t *testing.T) {
	t.Parallel()
	var uri, raw string
	all := methods(t, roundTrip(func(r *http.Request) (*http.Response, error) {
		uri, raw = r.URL.RequestURI(), r.URL.Path
		return reply(http.StatusNotFound, envelope("not_found", "Not here"))(r)
	}), nahook.WithBaseURL("https://proxy.test/na%20hook%2Fx/"))
	for id, escaped := range map[string]string{
		"a/b": "a%2Fb", "a%2Fb": "a%252Fb", "a b": "a%20b", "é": "%C3%A9", "a+b": "a+b", "a?b": "a%3Fb", "a#b": "a%23b",
		"...": "...", "%2e%2e": "%252e%252e", `a\b`: "a%5Cb", "a;b=c,d": "a%3Bb=c%2Cd", "a:b@c": "a:b@c", " ": "%20", "日本": "%E6%97%A5%E6%9C%AC",
	} {
		for _, m := range all {
			ids := someIDs(m.ids)
			ids[len(ids)-1] = id
			err := m.call(t.Context(), ids)
			require.ErrorIs(t, err, nahook.ErrNotFound)
			require.Contains(t, uri, "/na%20hook%2Fx"+m.base, m.name)
			if m.batch {
				require.Contains(t, err.Error(), "item 0 ("+id+"): ", m.name)
				continue
			}
			require.Contains(t, uri+"/", "/"+escaped+"/", m.name)
			require.Contains(t, raw+"/", "/"+id+"/", m.name)
			require.Contains(t, err.Error()+" ", "/"+escaped, m.name)
		}
	}
}

func TestMethodsStopForACancelledContext(t *testing.T) {
	t.Parallel()
	mock := newMock(t)
	ctx, cancel := context.WithCancelCause(t.Context())
	reason := errors.New("the user left")
	cancel(reason)
	for _, m := range methods(t, mock) {
		err := m.call(ctx, someIDs(m.ids))
		require.ErrorIs(t, err, context.Canceled, m.name)
		require.ErrorIs(t, err, reason, m.name)
		var failed *nahook.TransportError
		require.ErrorAs(t, err, &failed, m.name)
		assert.False(t, failed.Sent, m.name)
		assert.Zero(t, failed.Attempts, m.name)
		assert.Regexp(t, "^nahook: [A-Z]+ "+m.path, err.Error(), m.name)
	}
	assert.Zero(t, mock.GetTotalCallCount())
}

// Whatever a server sends back, an error names the operation and holds neither
// the token nor a query nor a body.
func TestMethodsErrorsNameTheOperation(t *testing.T) {
	t.Parallel()
	const secret = "s3cr3t_t0k3n"
	for status, answer := range map[int]string{418: envelope("bad_TOKEN", "you sent TOKEN\r\nX-Evil: 1\x1b[31m"), 200: "<html>TOKEN</html>"} {
		for _, m := range methods(t, roundTrip(func(r *http.Request) (*http.Response, error) {
			token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
			require.Contains(t, token, secret)
			return reply(status, strings.ReplaceAll(answer, "TOKEN", token))(r)
		})) {
			err := m.call(t.Context(), someIDs(m.ids))
			require.Error(t, err, m.name)
			for _, id := range someIDs(m.ids) {
				assert.Contains(t, err.Error(), id, m.name)
			}
			assert.Regexp(t, `^nahook: (item 0 \(ws_1\): )?(GET|POST|PUT|PATCH|DELETE) `+m.path+`[^?]*: (418|200) `, err.Error())
			for _, text := range []string{err.Error(), fmt.Sprintf("%v %+v %s %q", err, err, err, err)} {
				assert.NotContains(t, text, secret, m.name)
				assert.NotContains(t, text, "html", m.name)
				assert.False(t, strings.ContainsFunc(text, unicode.IsControl), "%s: %q", m.name, text)
			}
		}
	}
}

// A record without what tells it from another JSON object is none, and the error
// says what is missing.
func TestMethodsWantWholeRecords(t *testing.T) {
	t.Parallel()
	missing := regexp.MustCompile(`: it has (no "[a-zA-Z]+"|0 items, want 1) `)
	for i := range methods(t, fuzzed{}) {
		found := 0
		var m method
		for _, body := range []string{"{}", "[{}]", `{"deliveries":[{}]}`, `{"data":[{}],"page":1}`} {
			m = methods(t, fuzzed{200, "req_1", body})[i]
			if err := m.call(t.Context(), someIDs(m.ids)); err != nil && missing.MatchString(err.Error()) {
				found++
			}
		}
		assert.Equal(t, strings.HasSuffix(m.name, ".delete"), found == 0, m.name)
	}
}

func TestMethodsRefuseBadCallOptions(t *testing.T) {
	t.Parallel()
	mock := newMock(t)
	all := methods(t, mock)
	for want, bad := range map[string]nahook.CallOption{
		"WithResponse":                                 nahook.WithResponse(nil),
		"WithCallTimeout: 0s is not a positive":        nahook.WithCallTimeout(0),
		`WithHeader: "" is not a header name`:          nahook.WithHeader("", "x"),
		`WithHeader: "a b" is not a header name`:       nahook.WithHeader("a b", "x"),
		`WithHeader: "a\n" is not a header name`:       nahook.WithHeader("a\n", "x"),
		"WithHeader: the value of X-A holds a control": nahook.WithHeader("x-a", "1\r\nEvil: 1"),
		`WithHeader: "a}" is not a header name`:        nahook.WithHeader("a}", "x"),
		`WithHeader: "a\x7f" is not a header name`:     nahook.WithHeader("a\x7f", "x"),
		`WithHeader: "é" is not a header name`:         nahook.WithHeader("é", "x"),
		"WithHeader: the value of X-B holds a control": nahook.WithHeader("x-b", "Evil\x7f"),
	} {
		for _, m := range all {
			err := m.call(t.Context(), someIDs(m.ids), nil, bad)
			require.ErrorIs(t, err, nahook.ErrInvalidArgument)
			assert.Contains(t, err.Error(), m.name+": "+want)
			assert.NotContains(t, err.Error(), "Evil")
		}
	}
	assert.Zero(t, mock.GetTotalCallCount())
}

// What frames a message, names the caller or makes net/http repeat a POST is
// the client's, however it is spelt.
func TestReservedHeaders(t *testing.T) {
	t.Parallel()
	mgmt, mock := mocked(t)
	for _, name := range []string{
		"Accept-Encoding", "Authorization", "Connection", "Content-Encoding", "Content-Length", "Content-Type", "Expect", "Host",
		"Idempotency-Key", "Keep-Alive", "Proxy-Authorization", "Te", "Trailer", "Transfer-Encoding", "Upgrade", "X-Idempotency-Key",
	} {
		for _, spelling := range []string{name, strings.ToLower(name), strings.ToUpper(name)} {
			err := verbs["POST"](t.Context(), mgmt, nahook.WithHeader(spelling, "Evil"))
			require.ErrorIs(t, err, nahook.ErrInvalidArgument, spelling)
			require.EqualError(t, err, "nahook: invalid argument: applications.create: WithHeader: "+name+" is the client's to set")
		}
	}
	assert.Zero(t, mock.GetTotalCallCount())
}

func TestHeadersOfACall(t *testing.T) {
	t.Parallel()
	var sent http.Header
	mgmt := through(t, roundTrip(func(r *http.Request) (*http.Response, error) {
		sent = r.Header
		return reply(200, "[]")(r)
	}))
	_, err := mgmt.Endpoints.List(t.Context(), "ws", nahook.WithHeader("x-tabbed!#$%&'*+-.^_`|~", "a\tb é"), nahook.WithHeader("accept", "text/csv"))
	require.NoError(t, err)
	assert.Equal(t, []string{"a\tb é"}, sent[http.CanonicalHeaderKey("x-tabbed!#$%&'*+-.^_`|~")])
	assert.Equal(t, []string{"text/csv"}, sent["Accept"])
}
