package nahookotel_test

import (
	"context"
	"fmt"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/nahook/nahook-go"
	"github.com/nahook/nahook-go/mockserver"
	"github.com/nahook/nahook-go/nahookotel"
)

func Example() {
	srv, err := mockserver.New() // stands in for the service, so that this runs anywhere
	if err != nil {
		fmt.Println(err)
		return
	}
	defer srv.Close()
	spans := tracetest.NewInMemoryExporter()
	tracers := sdktrace.NewTracerProvider(sdktrace.WithSyncer(spans))

	mgmt, err := nahook.NewManagement(srv.ManagementToken(), nahook.WithHTTPClient(srv.HTTPClient()),
		nahookotel.Instrument(nahookotel.WithTracerProvider(tracers)))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer mgmt.Close()
	if _, err := mgmt.Applications.List(context.Background(), srv.ID(), nil); err != nil {
		fmt.Println(err)
	}
	for _, span := range spans.GetSpans() {
		fmt.Println(span.SpanKind, span.Name)
		for _, event := range span.Events {
			fmt.Println("  ", event.Name)
		}
	}
	// Output:
	// client GET /management/v1/workspaces/{workspace}/applications
	//    nahook.attempt
}
