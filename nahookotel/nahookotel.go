// Package nahookotel makes the calls of a [nahook.Client] and a
// [nahook.Management] visible to OpenTelemetry:
//
//	client, err := nahook.NewClient(os.Getenv("NAHOOK_API_KEY"), nahookotel.Instrument())
//
// It follows the semantic conventions for HTTP clients, and needs the
// OpenTelemetry API alone: which SDK collects is the program's choice.
//
// # Traces
//
// A call is one client span, such as "GET /workspaces/{workspace}/endpoints",
// with all its attempts. Its attributes are http.request.method, server.address,
// server.port, url.full (with ids, without query), url.template,
// http.response.status_code (of the last attempt), http.request.resend_count (if
// there was more than one), error.type, and of our own nahook.operation,
// nahook.request_id and nahook.error.code. It has an event "nahook.attempt" for
// each attempt, and "nahook.wait" for each wait before another one. A call that
// fails has the status Error; a Delete that took "not found" as success has not.
// Each request of a batch and each page of an All is a call.
//
// The context of the span travels with every attempt, in the headers of the
// propagator.
//
// # Metrics
//
// Each attempt is counted in the histogram http.client.request.duration, in
// seconds.
//
// No token, query or body is recorded.
package nahookotel

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/propagation"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/semconv/v1.43.0/httpconv"
	"go.opentelemetry.io/otel/trace"

	"github.com/nahook/nahook-go"
)

// scope names the library to whoever collects.
const scope = "github.com/nahook/nahook-go/nahookotel"

// What there is no convention for.
const (
	operationKey = attribute.Key("nahook.operation")  // such as "endpoints.list"
	requestIDKey = attribute.Key("nahook.request_id") // to quote to support
	errorCodeKey = attribute.Key("nahook.error.code") // such as "endpoint_limit_reached"
	attemptKey   = attribute.Key("nahook.attempt")    // 1 is the first
	durationKey  = attribute.Key("nahook.duration")   // seconds
)

// Option says where telemetry goes.
type Option func(*target)

// WithTracerProvider replaces [otel.GetTracerProvider]; nil does nothing.
func WithTracerProvider(p trace.TracerProvider) Option {
	return func(t *target) { t.tracers = cmp.Or(p, t.tracers) }
}

// WithMeterProvider replaces [otel.GetMeterProvider]; nil does nothing.
func WithMeterProvider(p metric.MeterProvider) Option {
	return func(t *target) { t.meters = cmp.Or(p, t.meters) }
}

// WithPropagator replaces [otel.GetTextMapPropagator]; nil does nothing.
func WithPropagator(p propagation.TextMapPropagator) Option {
	return func(t *target) { t.propagator = cmp.Or(p, t.propagator) }
}

// target is where telemetry goes.
type target struct {
	tracers    trace.TracerProvider
	meters     metric.MeterProvider
	propagator propagation.TextMapPropagator
}

// Instrument is the option that makes a client's calls visible. What it is not
// given is global, and may also be set later than this.
func Instrument(opts ...Option) nahook.Option {
	t := target{otel.GetTracerProvider(), otel.GetMeterProvider(), otel.GetTextMapPropagator()}
	for _, opt := range opts {
		if opt != nil {
			opt(&t)
		}
	}
	duration, err := httpconv.NewClientRequestDuration(t.meters.Meter(scope, metric.WithInstrumentationVersion(nahook.Version)))
	if err != nil { // the instrument still works, or does nothing
		otel.Handle(err)
	}
	i := instrument{t.tracers.Tracer(scope, trace.WithInstrumentationVersion(nahook.Version), trace.WithSchemaURL(semconv.SchemaURL)), duration}
	return nahook.Options(nahook.WithObserver(i.begin), nahook.WithMiddleware(func(next http.RoundTripper) http.RoundTripper {
		return propagating{next, t.propagator}
	}))
}

// propagating gives each attempt the headers that carry its span on.
type propagating struct {
	next       http.RoundTripper
	propagator propagation.TextMapPropagator
}

func (p propagating) RoundTrip(r *http.Request) (*http.Response, error) {
	p.propagator.Inject(r.Context(), propagation.HeaderCarrier(r.Header))
	return p.next.RoundTrip(r)
}

// instrument is what records.
type instrument struct {
	tracer   trace.Tracer
	duration httpconv.ClientRequestDuration
}

// call is one call under way.
type call struct {
	instrument instrument
	ctx        context.Context // of its span
	span       trace.Span
	method     string
	host       string
	port       int
	last       nahook.CallAttempt
}

func (i instrument) begin(ctx context.Context, about nahook.Call) (context.Context, nahook.Observer) {
	host, port, template := locate(about)
	ctx, span := i.tracer.Start(ctx, about.Method+" "+template, trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(
		semconv.HTTPRequestMethodKey.String(about.Method),
		semconv.ServerAddress(host),
		semconv.ServerPort(port),
		semconv.URLFull(about.URL),
		semconv.URLTemplate(template),
		operationKey.String(about.Operation),
	))
	c := &call{instrument: i, ctx: ctx, span: span, method: about.Method, host: host, port: port}
	return ctx, nahook.Observer{Attempt: c.attempt, Wait: c.wait, End: c.end}
}

// locate is the host and port of a call, and the template of its whole path: an
// id is one segment of a path, so that what is above the template's stays.
func locate(about nahook.Call) (host string, port int, template string) {
	u, err := url.Parse(about.URL)
	if err != nil { // which the URL of a request never is
		return "", 0, about.Path
	}
	port, _ = strconv.Atoi(cmp.Or(u.Port(), map[string]string{"http": "80", "https": "443"}[u.Scheme]))
	segments := strings.Split(u.EscapedPath(), "/")
	above := segments[:max(0, len(segments)-strings.Count(about.Path, "/"))]
	return u.Hostname(), port, strings.Join(above, "/") + about.Path
}

func (c *call) attempt(a nahook.CallAttempt) {
	c.last = a
	outcome := []attribute.KeyValue{}
	if a.StatusCode != 0 {
		outcome = append(outcome, semconv.HTTPResponseStatusCode(a.StatusCode))
	}
	if kind := attemptErrorType(a); kind != "" {
		outcome = append(outcome, semconv.ErrorTypeKey.String(kind))
	}
	c.instrument.duration.Record(c.ctx, a.Duration.Seconds(), httpconv.RequestMethodAttr(c.method), c.host, c.port, outcome...)
	c.span.AddEvent("nahook.attempt", trace.WithAttributes(append(outcome,
		attemptKey.Int(a.Number), durationKey.Float64(a.Duration.Seconds()), requestIDKey.String(a.RequestID))...))
}

func (c *call) wait(d time.Duration) {
	c.span.AddEvent("nahook.wait", trace.WithAttributes(durationKey.Float64(d.Seconds())))
}

func (c *call) end(err error) {
	defer c.span.End()
	if c.last.StatusCode != 0 {
		c.span.SetAttributes(semconv.HTTPResponseStatusCode(c.last.StatusCode))
	}
	if c.last.RequestID != "" {
		c.span.SetAttributes(requestIDKey.String(c.last.RequestID))
	}
	if c.last.Number > 1 {
		c.span.SetAttributes(semconv.HTTPRequestResendCount(c.last.Number - 1))
	}
	if err == nil {
		return
	}
	c.span.SetAttributes(semconv.ErrorTypeKey.String(errorType(err)))
	if refused := refusal(err); refused != nil { // whose status says enough
		c.span.SetAttributes(errorCodeKey.String(refused.Code))
		c.span.SetStatus(codes.Error, "")
		return
	}
	c.span.SetStatus(codes.Error, err.Error())
}
