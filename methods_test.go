package nahook_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nahook/nahook-go"
)

// method is one method of one collection, found by reflection so that a new one
// cannot be forgotten here.
type method struct {
	name string // as its operation is called
	ids  int    // how many of its arguments are ids
	call func(ctx context.Context, ids []string, opts ...nahook.CallOption) error
}

// operationNames are shorter than the names of some methods.
var operationNames = strings.NewReplacer(".all", ".list", "EventTypeVisibility", "Visibility")

func methods(mgmt *nahook.Management) []method {
	var all []method
	client := reflect.ValueOf(mgmt).Elem()
	for i := range client.NumField() {
		if !client.Type().Field(i).IsExported() {
			continue
		}
		for j := range client.Field(i).NumMethod() {
			name := lowerFirst(client.Type().Field(i).Name) + "." + lowerFirst(client.Field(i).Type().Method(j).Name)
			all = append(all, newMethod(operationNames.Replace(name), client.Field(i).Method(j)))
		}
	}
	return all
}

func newMethod(name string, f reflect.Value) method {
	m := method{name: name}
	for i := range f.Type().NumIn() {
		if f.Type().In(i).Kind() == reflect.String {
			m.ids++
		}
	}
	m.call = func(ctx context.Context, ids []string, opts ...nahook.CallOption) error {
		in := []reflect.Value{reflect.ValueOf(ctx)}
		for i := 1; i < f.Type().NumIn()-1; i++ {
			argument := reflect.Zero(f.Type().In(i))
			if argument.Kind() == reflect.String {
				argument, ids = reflect.ValueOf(ids[0]), ids[1:]
			}
			in = append(in, argument)
		}
		return outcome(f.CallSlice(append(in, reflect.ValueOf(opts))))
	}
	return m
}

// outcome is the error of a method, or the first one of its iterator.
func outcome(out []reflect.Value) error {
	last := out[len(out)-1]
	if last.Kind() == reflect.Func {
		for _, err := range last.Seq2() {
			return asError(err)
		}
		return nil
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
	mgmt, _ := mocked(t)
	names := []string{}
	for _, m := range methods(mgmt) {
		names = append(names, m.name)
	}
	assert.Subset(t, names, []string{"applications.get", "endpoints.update", "portalSessions.create"})
	assert.GreaterOrEqual(t, len(names), 29)
}

// Each method puts each of its ids into the path, in order.
func TestMethodsAddressWhatTheyAreGiven(t *testing.T) {
	t.Parallel()
	var path string
	mgmt := through(t, roundTrip(func(r *http.Request) (*http.Response, error) {
		path = r.URL.EscapedPath()
		return reply(http.StatusNotFound, envelope("not_found", "Not here"))(r)
	}))
	for _, m := range methods(mgmt) {
		ids := someIDs(m.ids)
		require.ErrorIs(t, m.call(t.Context(), ids), nahook.ErrNotFound, m.name)
		found := slices.DeleteFunc(strings.Split(path, "/"), func(s string) bool { return !slices.Contains(ids, s) })
		assert.Equal(t, ids, found, "%s: %s", m.name, path)
		assert.NotContains(t, path, "{", m.name)
		assert.True(t, strings.HasPrefix(path, "/management/v1/workspaces/"), path)
	}
}

// An id that would address something else is refused, in every place of every
// method, before anything is sent.
func TestMethodsRefuseBadIDs(t *testing.T) {
	t.Parallel()
	mgmt, mock := mocked(t)
	for _, m := range methods(mgmt) {
		for i := range m.ids {
			for _, bad := range []string{"", ".", "..", "a\nb", "a\x00", "\x7f", "a\u0085b", secretToken + "\r"} {
				ids := someIDs(m.ids)
				ids[i] = bad
				err := m.call(t.Context(), ids)
				require.ErrorIs(t, err, nahook.ErrInvalidArgument, "%s %q", m.name, bad)
				assert.Contains(t, err.Error(), "nahook: invalid argument: "+m.name+": the ", "the error names the operation")
				assert.NotContains(t, err.Error(), secretToken)
			}
		}
	}
	assert.Zero(t, mock.GetTotalCallCount())
}

func TestMethodsCarryAnyOtherID(t *testing.T) {
	t.Parallel()
	var uri, raw string
	mgmt := through(t, roundTrip(func(r *http.Request) (*http.Response, error) {
		uri, raw = r.URL.RequestURI(), r.URL.Path
		return reply(http.StatusNotFound, envelope("not_found", "Not here"))(r)
	}), nahook.WithBaseURL("https://proxy.test/na%20hook%2Fx/"))
	for id, escaped := range map[string]string{
		"a/b": "a%2Fb", "a%2Fb": "a%252Fb", "a b": "a%20b", "é": "%C3%A9", "a+b": "a+b", "a?b": "a%3Fb", "a#b": "a%23b",
		"...": "...", "%2e%2e": "%252e%252e", `a\b`: "a%5Cb", "a;b=c,d": "a%3Bb=c%2Cd", "a:b@c": "a:b@c", " ": "%20", "日本": "%E6%97%A5%E6%9C%AC",
	} {
		for _, m := range methods(mgmt) {
			ids := someIDs(m.ids)
			ids[len(ids)-1] = id
			err := m.call(t.Context(), ids)
			require.ErrorIs(t, err, nahook.ErrNotFound)
			require.Contains(t, uri, "/na%20hook%2Fx/management/v1/workspaces/", m.name)
			require.Contains(t, uri+"/", "/"+escaped+"/", m.name)
			require.Contains(t, raw+"/", "/"+id+"/", m.name)
			require.Contains(t, err.Error()+" ", "/"+escaped, m.name)
		}
	}
}

func TestMethodsStopForACancelledContext(t *testing.T) {
	t.Parallel()
	mgmt, mock := mocked(t)
	ctx, cancel := context.WithCancelCause(t.Context())
	reason := errors.New("the user left")
	cancel(reason)
	for _, m := range methods(mgmt) {
		err := m.call(ctx, someIDs(m.ids))
		require.ErrorIs(t, err, context.Canceled, m.name)
		require.ErrorIs(t, err, reason, m.name)
		var failed *nahook.TransportError
		require.ErrorAs(t, err, &failed, m.name)
		assert.False(t, failed.Sent, m.name)
		assert.Zero(t, failed.Attempts, m.name)
		assert.Contains(t, err.Error(), " /workspaces/ws_1", m.name)
	}
	assert.Zero(t, mock.GetTotalCallCount())
}

// Whatever a server sends back, an error names the operation and holds neither
// the token nor a query nor a body.
func TestMethodsErrorsNameTheOperation(t *testing.T) {
	t.Parallel()
	echo := envelope("bad_"+secretToken, "you sent "+secretToken+"\r\nX-Evil: 1\x1b[31m")
	for status, answer := range map[int]string{418: echo, 200: "<html>" + secretToken + "</html>"} {
		mgmt := through(t, roundTrip(reply(status, answer)))
		for _, m := range methods(mgmt) {
			err := m.call(t.Context(), someIDs(m.ids))
			require.Error(t, err, m.name)
			for _, id := range someIDs(m.ids) {
				assert.Contains(t, err.Error(), id, m.name)
			}
			assert.Regexp(t, `^nahook: (GET|POST|PUT|PATCH|DELETE) /workspaces/ws_1/[a-z]+[^?]*: (418|200) `, err.Error())
			for _, text := range []string{err.Error(), fmt.Sprintf("%v %+v %s %q", err, err, err, err)} {
				assert.NotContains(t, text, secretToken, m.name)
				assert.NotContains(t, text, "html", m.name)
				assert.False(t, strings.ContainsFunc(text, unicode.IsControl), "%s: %q", m.name, text)
			}
		}
	}
}

func TestMethodsRefuseBadCallOptions(t *testing.T) {
	t.Parallel()
	mgmt, mock := mocked(t)
	for want, bad := range map[string]nahook.CallOption{
		"WithResponse":                                 nahook.WithResponse(nil),
		"WithCallTimeout: 0s is not a positive":        nahook.WithCallTimeout(0),
		`WithHeader: "" is not a header name`:          nahook.WithHeader("", "x"),
		`WithHeader: "a b" is not a header name`:       nahook.WithHeader("a b", "x"),
		`WithHeader: "a\n" is not a header name`:       nahook.WithHeader("a\n", "x"),
		"WithHeader: the value of X-A holds a control": nahook.WithHeader("x-a", "1\r\nEvil: 1"),
		`WithHeader: "a}" is not a header name`:        nahook.WithHeader("a}", "x"),
		`WithHeader: "é" is not a header name`:         nahook.WithHeader("é", "x"),
		"WithHeader: the value of X-B holds a control": nahook.WithHeader("x-b", "Evil\x7f"),
	} {
		for _, m := range methods(mgmt) {
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
