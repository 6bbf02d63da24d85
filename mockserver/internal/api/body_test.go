package api

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// An array that is too long is not read to its end to be refused: a batch may have
// millions of empty items.
func TestLongArraysAreReadInPart(t *testing.T) {
	t.Parallel()
	f, err := parseObject([]byte(`{"items":[` + strings.Repeat("{},", 1000) + `{}]}`))
	require.NoError(t, err)
	require.Len(t, f.objects("items", 20), 21)
	require.Len(t, f.nested, 21)
}
