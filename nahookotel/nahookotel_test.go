package nahookotel_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/metric/metricdata/metricdatatest"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"github.com/nahook/nahook-go"
	"github.com/nahook/nahook-go/mockserver"
	"github.com/nahook/nahook-go/nahookotel"
)

const token = "nhm_s3cr3t_t0k3n"

// telemetry is what was collected.
type telemetry struct {
	spans   *tracetest.InMemoryExporter
	tracers *sdktrace.TracerProvider
	metrics *metric.ManualReader
}

// instrumented collects what the option records.
func instrumented(t *testing.T) (*telemetry, nahook.Option) {
	t.Helper()
	got := &telemetry{spans: tracetest.NewInMemoryExporter(), metrics: metric.NewManualReader()}
	got.tracers = sdktrace.NewTracerProvider(sdktrace.WithSyncer(got.spans))
	return got, nahookotel.Instrument(nil,
		nahookotel.WithTracerProvider(got.tracers),
		nahookotel.WithMeterProvider(metric.NewMeterProvider(metric.WithReader(got.metrics))),
		nahookotel.WithPropagator(propagation.TraceContext{}),
	)
}

// one is the only span.
func (g *telemetry) one(t *testing.T) tracetest.SpanStub {
	t.Helper()
	spans := g.spans.GetSpans()
	require.Len(t, spans, 1)
	return spans[0]
}

func (g *telemetry) durations(t *testing.T) metricdata.Histogram[float64] {
	t.Helper()
	var all metricdata.ResourceMetrics
	require.NoError(t, g.metrics.Collect(t.Context(), &all))
	require.Len(t, all.ScopeMetrics, 1)
	require.Len(t, all.ScopeMetrics[0].Metrics, 1)
	found := all.ScopeMetrics[0].Metrics[0]
	assert.Equal(t, "github.com/nahook/nahook-go/nahookotel", all.ScopeMetrics[0].Scope.Name)
	assert.Equal(t, "http.client.request.duration", found.Name)
	assert.Equal(t, "s", found.Unit)
	histogram, ok := found.Data.(metricdata.Histogram[float64])
	require.True(t, ok)
	return histogram
}

// values is attributes as a map.
func values(attributes []attribute.KeyValue) map[string]any {
	all := map[string]any{}
	for _, a := range attributes {
		all[string(a.Key)] = a.Value.AsInterface()
	}
	return all
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// answers are given in turn, the last one for ever.
func answers(all ...roundTrip) roundTrip {
	count := 0
	return func(r *http.Request) (*http.Response, error) {
		count++
		return all[min(count, len(all))-1](r)
	}
}

func answer(status int, body string) roundTrip {
	return func(r *http.Request) (*http.Response, error) {
		header := http.Header{"X-Request-Id": {"req_1"}, "Retry-After": {"2"}}
		return &http.Response{StatusCode: status, Header: header, Request: r, Body: io.NopCloser(strings.NewReader(body))}, nil
	}
}

func failing(err error) roundTrip {
	return func(*http.Request) (*http.Response, error) { return nil, err }
}

// hanging never answers.
func hanging(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

func management(t *testing.T, transport http.RoundTripper, opts ...nahook.Option) *nahook.Management {
	t.Helper()
	mgmt, err := nahook.NewManagement(token, append(opts, nahook.WithHTTPClient(&http.Client{Transport: transport}))...)
	require.NoError(t, err)
	return mgmt
}

func TestACallIsOneClientSpan(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		got, option := instrumented(t)
		var parents []string
		slow := func(status int, body string) roundTrip {
			return func(r *http.Request) (*http.Response, error) {
				parents = append(parents, r.Header.Get("Traceparent"))
				time.Sleep(300 * time.Millisecond)
				return answer(status, body)(r)
			}
		}
		mgmt := management(t, answers(failing(errors.New("reset by peer")), slow(503, "{}"), slow(200, `{"deliveries": [], "nextCursor": null}`)), option,
			nahook.WithBaseURL("http://127.0.0.1:8080/a%2Fb"), nahook.WithRetry(nahook.RetryPolicy{MinWait: time.Second, MaxWait: time.Second}))
		ctx, parent := got.tracers.Tracer("test").Start(t.Context(), "parent")
		_, err := mgmt.Deliveries.List(ctx, "ws_1", "ep/1", &nahook.ListDeliveriesOptions{Cursor: "s3cr3t"})
		require.NoError(t, err)

		span := got.one(t)
		assert.Equal(t, "GET /a%2Fb/management/v1/workspaces/{workspace}/endpoints/{endpoint}/deliveries", span.Name)
		assert.Equal(t, trace.SpanKindClient, span.SpanKind)
		assert.Equal(t, parent.SpanContext().SpanID(), span.Parent.SpanID())
		assert.Equal(t, "github.com/nahook/nahook-go/nahookotel", span.InstrumentationScope.Name)
		assert.Equal(t, nahook.Version, span.InstrumentationScope.Version)
		assert.Contains(t, span.InstrumentationScope.SchemaURL, "https://opentelemetry.io/schemas/1.")
		assert.Equal(t, map[string]any{
			"http.request.method":       "GET",
			"server.address":            "127.0.0.1",
			"server.port":               int64(8080),
			"url.full":                  "http://127.0.0.1:8080/a%2Fb/management/v1/workspaces/ws_1/endpoints/ep%2F1/deliveries",
			"url.template":              "/a%2Fb/management/v1/workspaces/{workspace}/endpoints/{endpoint}/deliveries",
			"http.response.status_code": int64(200),
			"http.request.resend_count": int64(2),
			"nahook.operation":          "deliveries.list",
			"nahook.request_id":         "req_1",
		}, values(span.Attributes))
		assert.Equal(t, codes.Unset, span.Status.Code)

		type event struct {
			Name       string
			Attributes map[string]any
		}
		var events []event
		for _, e := range span.Events {
			events = append(events, event{e.Name, values(e.Attributes)})
		}
		assert.Equal(t, []event{
			{"nahook.attempt", map[string]any{"nahook.attempt": int64(1), "nahook.duration": 0.0, "nahook.request_id": "", "error.type": "connection_error"}},
			{"nahook.wait", map[string]any{"nahook.duration": 1.0}},
			{"nahook.attempt", map[string]any{"nahook.attempt": int64(2), "nahook.duration": 0.3, "nahook.request_id": "req_1", "http.response.status_code": int64(503), "error.type": "503"}},
			{"nahook.wait", map[string]any{"nahook.duration": events[3].Attributes["nahook.duration"]}},
			{"nahook.attempt", map[string]any{"nahook.attempt": int64(3), "nahook.duration": 0.3, "nahook.request_id": "req_1", "http.response.status_code": int64(200)}},
		}, events)
		assert.GreaterOrEqual(t, events[3].Attributes["nahook.duration"], 2.0)

		want := "00-" + span.SpanContext.TraceID().String() + "-" + span.SpanContext.SpanID().String() + "-01"
		assert.Equal(t, []string{want, want}, parents)
		parent.End()
	})
}

func TestEachAttemptIsMeasured(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		got, option := instrumented(t)
		mgmt := management(t, answers(answer(503, "{}"), func(r *http.Request) (*http.Response, error) {
			time.Sleep(60 * time.Millisecond)
			return answer(200, "[]")(r)
		}), option)
		_, err := mgmt.Endpoints.List(t.Context(), "ws_1")
		require.NoError(t, err)
		about := func(more ...attribute.KeyValue) attribute.Set {
			return attribute.NewSet(append(more, attribute.String("http.request.method", "GET"), attribute.String("server.address", "api.nahook.com"), attribute.Int("server.port", 443))...)
		}
		bounds := []float64{0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10}
		point := func(bucket int, seconds float64, attributes attribute.Set) metricdata.HistogramDataPoint[float64] {
			counts := make([]uint64, len(bounds)+1)
			counts[bucket] = 1
			return metricdata.HistogramDataPoint[float64]{
				Attributes: attributes, Count: 1, Sum: seconds, Bounds: bounds, BucketCounts: counts,
				Min: metricdata.NewExtrema(seconds), Max: metricdata.NewExtrema(seconds),
			}
		}
		metricdatatest.AssertEqual(t, metricdata.Histogram[float64]{
			Temporality: metricdata.CumulativeTemporality,
			DataPoints: []metricdata.HistogramDataPoint[float64]{
				point(0, 0, about(attribute.Int("http.response.status_code", 503), attribute.String("error.type", "503"))),
				point(4, 0.06, about(attribute.Int("http.response.status_code", 200))),
			},
		}, got.durations(t), metricdatatest.IgnoreTimestamp(), metricdatatest.IgnoreExemplars())
	})
}

func TestErrorsOfSpans(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		transport   roundTrip
		cause       error         // of a cancellation, before the call
		deadline    time.Duration // of the caller
		kind, code  string
		status      int64
		description string
	}{
		"refused":         {answer(403, `{"error":{"code":"endpoint_limit_reached","message":"`+token+`"}}`), nil, 0, "403", "endpoint_limit_reached", 403, ""},
		"redirected":      {answer(302, ""), nil, 0, "302", "unknown", 302, ""},
		"unreadable":      {answer(200, "<html>"), nil, 0, "unreadable_response", "unknown", 200, ""},
		"reset":           {failing(errors.New("reset by " + token)), nil, 0, "connection_error", "", 0, "nahook: GET /workspaces/ws_1/endpoints: reset by [redacted]"},
		"attempt limit":   {hanging, nil, 0, "attempt_timeout", "", 0, "nahook: GET /workspaces/ws_1/endpoints: attempt timed out after 10s"},
		"caller's limit":  {hanging, nil, time.Second, "deadline_exceeded", "", 0, "nahook: GET /workspaces/ws_1/endpoints: context deadline exceeded"},
		"cancelled":       {hanging, errors.New("left"), 0, "context_canceled", "", 0, "nahook: GET /workspaces/ws_1/endpoints: context canceled: left (nothing was sent)"},
		"foreign refusal": {hanging, &nahook.APIError{StatusCode: 418, Code: "teapot"}, 0, "context_canceled", "", 0, "nahook: GET /workspaces/ws_1/endpoints: context canceled: nahook: : 418 teapot: (nothing was sent)"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				got, option := instrumented(t)
				mgmt := management(t, test.transport, option, nahook.WithRetry(nahook.RetryPolicy{MaxAttempts: 1}), nahook.WithAttemptTimeout(10*time.Second))
				ctx, cancel := context.WithCancelCause(t.Context())
				defer cancel(nil)
				if test.cause != nil {
					cancel(test.cause)
				}
				if test.deadline > 0 {
					var stop context.CancelFunc
					ctx, stop = context.WithTimeout(ctx, test.deadline)
					defer stop()
				}
				_, err := mgmt.Endpoints.List(ctx, "ws_1")
				require.Error(t, err)
				span := got.one(t)
				attributes := values(span.Attributes)
				want := map[string]any{"error.type": test.kind, "nahook.error.code": test.code, "http.response.status_code": test.status}
				if test.status == 0 {
					want = map[string]any{"error.type": test.kind}
				}
				for _, key := range []string{
					"http.request.method", "server.address", "server.port", "url.full", "url.template", "nahook.operation", "nahook.request_id",
				} {
					delete(attributes, key)
				}
				assert.Equal(t, want, attributes)
				assert.Equal(t, codes.Error, span.Status.Code)
				assert.Equal(t, strings.Join(strings.Fields(test.description), " "), strings.Join(strings.Fields(span.Status.Description), " "))
			})
		})
	}
}

// A call's own limit, which its first attempt stays within.
func TestTheLimitOfACall(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		got, option := instrumented(t)
		mgmt := management(t, roundTrip(hanging), option, nahook.WithTimeout(time.Second))
		_, err := mgmt.Endpoints.List(t.Context(), "ws_1")
		require.ErrorIs(t, err, nahook.ErrCallTimeout)
		assert.Equal(t, "call_timeout", values(got.one(t).Attributes)["error.type"])
	})
}

// A Delete whose first attempt may have done it takes "not found" as success.
func TestWhatIsGoneIsNoError(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		got, option := instrumented(t)
		mgmt := management(t, answers(answer(502, ""), answer(404, `{"error":{"code":"not_found","message":"Not found"}}`)), option)
		require.NoError(t, mgmt.Endpoints.Delete(t.Context(), "ws_1", "ep_1"))
		span := got.one(t)
		assert.Equal(t, codes.Unset, span.Status.Code)
		assert.NotContains(t, values(span.Attributes), "error.type")
	})
}

// What a client is refused before it does anything is no call.
func TestRefusedCallsAreNotRecorded(t *testing.T) {
	t.Parallel()
	got, option := instrumented(t)
	_, err := management(t, nil, option).Endpoints.Get(t.Context(), "ws_1", "..")
	require.ErrorIs(t, err, nahook.ErrInvalidArgument)
	assert.Empty(t, got.spans.GetSpans())
}

// Each request of a batch and each page of an All is a span of its own, under the
// caller's. No secret is in any of them.
func TestAgainstTheServer(t *testing.T) {
	t.Parallel()
	got, option := instrumented(t)
	srv := mockserver.Start(t)
	mgmt, err := nahook.NewManagement(srv.ManagementToken(), option, nahook.WithHTTPClient(srv.HTTPClient()))
	require.NoError(t, err)
	client, err := nahook.NewClient(srv.APIKey(), option, nahook.WithHTTPClient(srv.HTTPClient()))
	require.NoError(t, err)
	endpoint, err := mgmt.Endpoints.Create(t.Context(), srv.ID(), nahook.CreateEndpointOptions{URL: srv.Receiver().URL()})
	require.NoError(t, err)
	items := make([]nahook.SendItem, 21)
	for i := range items {
		items[i] = nahook.SendItem{EndpointID: endpoint.ID, Payload: map[string]string{"card": "s3cr3t"}}
	}
	batch, err := client.SendBatch(t.Context(), items)
	require.NoError(t, err)
	require.NoError(t, batch.Err())
	for _, err := range mgmt.Deliveries.All(t.Context(), srv.ID(), endpoint.ID, &nahook.ListDeliveriesOptions{Limit: 20}) {
		require.NoError(t, err)
	}
	names := map[string]int{}
	for _, span := range got.spans.GetSpans() {
		names[span.Name]++
		text := fmt.Sprint(values(span.Attributes), span.Events)
		for _, secret := range []string{"s3cr3t", srv.APIKey(), srv.ManagementToken(), "cursor"} {
			assert.NotContains(t, text, secret)
		}
	}
	assert.Equal(t, map[string]int{
		"POST /management/v1/workspaces/{workspace}/endpoints":                      1,
		"POST /api/ingest/batch":                                                    2,
		"GET /management/v1/workspaces/{workspace}/endpoints/{endpoint}/deliveries": 2,
	}, names)
}

// setGlobal sets the global providers; OpenTelemetry lets clients that were made
// before follow the first ones that are set, and no others.
var setGlobal = sync.OnceValue(func() *telemetry {
	got := &telemetry{spans: tracetest.NewInMemoryExporter(), metrics: metric.NewManualReader()}
	otel.SetTracerProvider(sdktrace.NewTracerProvider(sdktrace.WithSyncer(got.spans)))
	otel.SetMeterProvider(metric.NewMeterProvider(metric.WithReader(got.metrics)))
	return got
})

func TestTheGlobalProviders(t *testing.T) {
	t.Parallel()
	mgmt := management(t, answer(200, "[]"), nahookotel.Instrument(nahookotel.WithTracerProvider(nil), nahookotel.WithMeterProvider(nil), nahookotel.WithPropagator(nil)))
	got := setGlobal()
	got.spans.Reset()
	_, err := mgmt.Endpoints.List(t.Context(), "ws_1")
	require.NoError(t, err)
	assert.Equal(t, "endpoints.list", values(got.one(t).Attributes)["nahook.operation"])
	assert.Len(t, got.durations(t).DataPoints, 1)
}
