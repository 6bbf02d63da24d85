package conformance_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/nahook/nahook-go/mockserver/conformance"
)

// A case that is cut off has neither passed nor failed: it is not in the report.
func TestWhatIsCutOffIsNotReported(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	good := conformance.Case{ID: "a.good", Check: func(context.Context, conformance.Target) error { return nil }}
	cut := conformance.Case{ID: "a.cut", Check: func(context.Context, conformance.Target) error {
		cancel()
		return errors.New("the connection is gone")
	}}
	observed := 0
	report := conformance.Run(ctx, conformance.Target{}, []conformance.Case{good, cut, good}, func(conformance.Result) { observed++ })
	require.Len(t, report.Results, 1)
	require.Equal(t, 1, observed)
	require.Empty(t, report.Failures())
}
