package nahook_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nahook/nahook-go"
)

// verbs is one call of each HTTP method.
var verbs = map[string]func(context.Context, *nahook.Management, ...nahook.CallOption) error{
	"GET": func(ctx context.Context, m *nahook.Management, opts ...nahook.CallOption) error {
		_, err := m.Applications.Get(ctx, "ws", "app", opts...)
		return err
	},
	"POST": func(ctx context.Context, m *nahook.Management, opts ...nahook.CallOption) error {
		_, err := m.Applications.Create(ctx, "ws", createAcme, opts...)
		return err
	},
	"PATCH": func(ctx context.Context, m *nahook.Management, opts ...nahook.CallOption) error {
		_, err := m.Applications.Update(ctx, "ws", "app", nahook.UpdateApplicationOptions{}, opts...)
		return err
	},
	"DELETE": func(ctx context.Context, m *nahook.Management, opts ...nahook.CallOption) error {
		return m.Applications.Delete(ctx, "ws", "app", opts...)
	},
}

var (
	errReset   = errors.New("connection reset by peer")
	errRefused = errors.New("connection refused")
)

// undialled fails as net/http does that gets no connection.
func undialled(fail httpmock.Responder) httpmock.Responder {
	return func(r *http.Request) (*http.Response, error) {
		httptrace.ContextClientTrace(r.Context()).GetConn(r.URL.Host)
		return fail(r)
	}
}

func brokenOff(r *http.Request) (*http.Response, error) {
	res, err := reply(200, "")(r)
	res.Body = io.NopCloser(io.MultiReader(strings.NewReader(`{"id": "app_1"`), errReader{io.ErrUnexpectedEOF}))
	return res, err
}

type errReader struct{ error }

func (e errReader) Read([]byte) (int, error) { return 0, e.error }

// inBubble runs a test on a clock of its own.
func inBubble(t *testing.T, name string, test func(*testing.T)) {
	t.Helper()
	t.Run(name, func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, test)
	})
}

func TestWhatIsRepeated(t *testing.T) {
	t.Parallel()
	const safe, always, never = "GET PATCH DELETE", "GET PATCH DELETE POST", ""
	for name, c := range map[string]struct {
		fail     httpmock.Responder
		repeated string
	}{
		"400": {reply(400, ""), never}, "404": {reply(404, ""), never}, "408": {reply(408, ""), never}, "409": {reply(409, ""), never},
		"429": {reply(429, ""), always}, "500": {reply(500, ""), safe}, "501": {reply(501, ""), never}, "502": {reply(502, ""), safe},
		"503": {reply(503, ""), safe}, "504": {reply(504, ""), safe}, "302": {reply(302, "", "Location", "/elsewhere"), never},
		"reset":               {failing(errReset), safe},
		"truncated":           {brokenOff, safe},
		"hung":                {hanging, safe},
		"refused":             {undialled(failing(errRefused)), always},
		"hung while dialling": {undialled(hanging), always},
	} {
		for verb, call := range verbs {
			inBubble(t, name+" "+verb, func(t *testing.T) {
				count := 0
				mgmt := through(t, inTurn(&count, c.fail), nahook.WithAttemptTimeout(time.Second))
				err := call(t.Context(), mgmt)
				require.Error(t, err)
				assert.Equal(t, strings.Contains(c.repeated, verb), count == 3, "%d requests", count)
				assert.Equal(t, strings.Contains(c.repeated, verb), strings.HasSuffix(err.Error(), " (3 attempts)"), err.Error())
				if failed := (*nahook.TransportError)(nil); errors.As(err, &failed) {
					assert.Equal(t, count, failed.Attempts)
					assert.Equal(t, c.repeated != always, failed.Sent)
				}
			})
		}
	}
}

func TestRepeatingHeals(t *testing.T) {
	t.Parallel()
	good := reply(200, string(fixture(t, "application.json")))
	for name, fail := range map[string]httpmock.Responder{
		"500": reply(500, "{}"), "reset": failing(errReset), "truncated": brokenOff, "hung": hanging, "refused": undialled(failing(errRefused)),
	} {
		for _, verb := range []string{"GET", "PATCH", "DELETE"} {
			inBubble(t, name+" "+verb, func(t *testing.T) {
				count := 0
				var response nahook.Response
				err := verbs[verb](t.Context(), through(t, inTurn(&count, fail, fail, good)), nahook.WithResponse(&response), nahook.WithCallTimeout(time.Hour))
				require.NoError(t, err)
				assert.Equal(t, 3, count)
				assert.Equal(t, 3, response.Attempts)
				assert.Equal(t, 200, response.StatusCode)
			})
		}
	}
}

// The body goes out whole with every attempt.
func TestRepeatedBodies(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var bodies []string
		mgmt := through(t, roundTrip(func(r *http.Request) (*http.Response, error) {
			body, err := io.ReadAll(r.Body)
			require.NoError(t, err)
			assert.EqualValues(t, len(body), r.ContentLength)
			again, err := r.GetBody()
			require.NoError(t, err)
			same, _ := io.ReadAll(again)
			assert.Equal(t, body, same)
			bodies = append(bodies, string(body))
			return reply(429, "")(r)
		}))
		require.ErrorIs(t, verbs["POST"](t.Context(), mgmt), nahook.ErrRateLimited)
		const want = `{"name":"Acme Corp","externalId":"cust_123","metadata":{"plan":"enterprise"}}`
		assert.Equal(t, []string{want, want, want}, bodies)
	})
}

func TestRetryPolicy(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		policy   nahook.RetryPolicy
		count    int
		min, max time.Duration // of the whole call
	}{
		"default":      {nahook.RetryPolicy{}, 3, 400 * time.Millisecond, 1200 * time.Millisecond},
		"once":         {nahook.RetryPolicy{MaxAttempts: 1}, 1, 0, 0},
		"often":        {nahook.RetryPolicy{MaxAttempts: 10, MinWait: time.Second, MaxWait: 2 * time.Second}, 10, 9 * time.Second, 18 * time.Second},
		"short":        {nahook.RetryPolicy{MaxWait: time.Millisecond}, 3, 2 * time.Millisecond, 2 * time.Millisecond},
		"long":         {nahook.RetryPolicy{MinWait: 10 * time.Second}, 3, 20 * time.Second, 20 * time.Second},
		"the longest":  {nahook.RetryPolicy{MinWait: 8 * time.Second}, 3, 16 * time.Second, 16 * time.Second},
		"growing to 8": {nahook.RetryPolicy{MaxAttempts: 8}, 8, 1400 * time.Millisecond, 37 * time.Second},
	} {
		inBubble(t, name, func(t *testing.T) {
			count, start := 0, time.Now()
			err := verbs["GET"](t.Context(), through(t, inTurn(&count, reply(503, "")), nahook.WithRetry(c.policy)))
			require.ErrorIs(t, err, nahook.ErrServer)
			assert.Equal(t, c.count, count)
			assert.GreaterOrEqual(t, time.Since(start), c.min)
			assert.LessOrEqual(t, time.Since(start), c.max)
		})
	}
	inBubble(t, "not at all", func(t *testing.T) {
		count := 0
		require.Error(t, verbs["GET"](t.Context(), through(t, inTurn(&count, reply(503, ""))), nahook.WithoutRetry()))
		assert.Equal(t, 1, count)
	})
}

// A wait that the server asks for is kept if it fits; else what the server
// said is returned at once.
func TestRetryAfter(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		value    string // of Retry-After; a date if it is a duration
		deadline time.Duration
		options  []nahook.Option
		waited   time.Duration // at least; 0: returned at once
		reported time.Duration
	}{
		"seconds":                 {value: "7", waited: 14 * time.Second, reported: 7 * time.Second},
		"a date":                  {value: "7s", waited: 12 * time.Second, reported: 7 * time.Second}, // of whole seconds
		"zero":                    {value: "0", waited: 400 * time.Millisecond},
		"a date gone by":          {value: "-1h", waited: 400 * time.Millisecond},
		"nonsense":                {value: "later", waited: 400 * time.Millisecond},
		"as much as we wait":      {value: "30", options: []nahook.Option{nahook.WithTimeout(time.Hour)}, waited: time.Minute, reported: 30 * time.Second},
		"a second more":           {value: "31", options: []nahook.Option{nahook.WithTimeout(time.Hour)}, reported: 31 * time.Second},
		"an hour":                 {value: "3600", reported: time.Hour},
		"a date in an hour":       {value: "1h", reported: time.Hour},
		"more than there is":      {value: "99999999999999999999", reported: 1<<63 - 1},
		"past the deadline":       {value: "7", deadline: 5 * time.Second, reported: 7 * time.Second},
		"past the time limit":     {value: "7", options: []nahook.Option{nahook.WithTimeout(5 * time.Second)}, reported: 7 * time.Second},
		"past both, by one":       {value: "7", deadline: time.Hour, options: []nahook.Option{nahook.WithTimeout(5 * time.Second)}, reported: 7 * time.Second},
		"more than a policy's":    {value: "7", options: []nahook.Option{nahook.WithRetry(nahook.RetryPolicy{MaxRetryAfter: 6 * time.Second})}, reported: 7 * time.Second},
		"back-off past the limit": {value: "", options: []nahook.Option{nahook.WithTimeout(200 * time.Millisecond)}},
	} {
		for verb, status := range map[string]int{"GET": 503, "POST": 429} {
			inBubble(t, name+" "+verb, func(t *testing.T) {
				ctx, cancel := t.Context(), context.CancelFunc(func() {})
				if c.deadline > 0 {
					ctx, cancel = context.WithTimeout(ctx, c.deadline)
				}
				defer cancel()
				count, start := 0, time.Now()
				answer := func(r *http.Request) (*http.Response, error) {
					value := c.value
					if offset, err := time.ParseDuration(value); err == nil && value != "0" {
						value = time.Now().Add(offset).UTC().Format(http.TimeFormat)
					}
					return reply(status, envelope("slow_down", "Later"), "Retry-After", value)(r)
				}
				err := verbs[verb](ctx, through(t, inTurn(&count, answer), c.options...))
				var refused *nahook.APIError
				require.ErrorAs(t, err, &refused)
				assert.InDelta(t, c.reported, refused.RetryAfter, float64(time.Second))
				assert.Equal(t, status, refused.StatusCode)
				require.NotErrorIs(t, err, context.DeadlineExceeded)
				if c.waited == 0 {
					assert.Equal(t, 1, count)
					assert.Zero(t, time.Since(start))
					return
				}
				assert.Equal(t, 3, count)
				assert.GreaterOrEqual(t, time.Since(start), c.waited)
				assert.LessOrEqual(t, time.Since(start), c.waited+3200*time.Millisecond)
			})
		}
	}
}

// A repeated DELETE that finds nothing has worked, if the first one can have.
func TestRepeatedDelete(t *testing.T) {
	t.Parallel()
	gone := reply(404, envelope("not_found", "Application not found"))
	for name, c := range map[string]struct {
		verb  string
		first []httpmock.Responder
		gone  bool
	}{
		"lost answer":            {"DELETE", []httpmock.Responder{failing(errReset)}, true},
		"hung":                   {"DELETE", []httpmock.Responder{hanging}, true},
		"bad gateway":            {"DELETE", []httpmock.Responder{reply(502, "")}, true},
		"gateway timeout":        {"DELETE", []httpmock.Responder{reply(504, "")}, true},
		"lost, then unavailable": {"DELETE", []httpmock.Responder{failing(errReset), reply(503, "")}, true},
		"never sent":             {"DELETE", []httpmock.Responder{undialled(failing(errRefused))}, false},
		"unavailable":            {"DELETE", []httpmock.Responder{reply(503, "")}, false},
		"rate limited":           {"DELETE", []httpmock.Responder{reply(429, "")}, false},
		"at once":                {"DELETE", nil, false},
		"a GET":                  {"GET", []httpmock.Responder{reply(502, "")}, false},
		"a PATCH":                {"PATCH", []httpmock.Responder{failing(errReset)}, false},
	} {
		inBubble(t, name, func(t *testing.T) {
			count := 0
			mgmt := through(t, inTurn(&count, append(c.first, gone)...), nahook.WithAttemptTimeout(time.Second))
			err := verbs[c.verb](t.Context(), mgmt)
			if c.gone {
				require.NoError(t, err)
			} else {
				require.ErrorIs(t, err, nahook.ErrNotFound)
				require.ErrorContains(t, err, ": 404 not_found: Application not found", "and not a success that cannot be read")
			}
			assert.Equal(t, len(c.first)+1, count)
		})
	}
}
