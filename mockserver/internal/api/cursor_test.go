package api

import (
	"encoding/base64"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/nahook/nahook-go/mockserver/internal/domain"
)

var places = []domain.Position{
	{}, {CreatedAt: 1, Sequence: 2}, {CreatedAt: 2, Sequence: 1}, {CreatedAt: 1768473000000, Sequence: 7},
	{CreatedAt: math.MaxInt64, Sequence: math.MaxUint64}, {CreatedAt: math.MinInt64}, {CreatedAt: -1, Sequence: 1},
}

func TestCursorsGiveTheirPlaceBack(t *testing.T) {
	t.Parallel()
	c := newCursors(1)
	seen := map[string]bool{}
	for _, listing := range []string{"", "a", `"ws" "ep" ""`, strings.Repeat("long", 10_000)} {
		for _, place := range places {
			cursor := c.seal(listing, place)
			require.Regexp(t, `^[A-Za-z0-9_-]+$`, cursor, "it can stand in a query")
			require.Equal(t, cursor, c.seal(listing, place))
			require.False(t, seen[cursor])
			seen[cursor] = true
			got, err := c.open(listing, cursor)
			require.NoError(t, err)
			require.Equal(t, place, got)
		}
	}
}

func TestCursorsOpenInTheirListingAlone(t *testing.T) {
	t.Parallel()
	c := newCursors(1)
	cursor := c.seal("listing", places[3])
	for _, listing := range []string{"", "Listing", "listing ", "listin", "listing\x00"} {
		_, err := c.open(listing, cursor)
		require.Equal(t, errCursor, err)
	}
	for _, seed := range []uint64{0, 2, 10, math.MaxUint64} {
		_, err := newCursors(seed).open("listing", cursor)
		require.Equal(t, errCursor, err, "servers of other seeds seal with other keys")
	}
}

// Equal nonces under one key would show what is sealed.
func TestNoncesAreDistinct(t *testing.T) {
	t.Parallel()
	c := newCursors(1)
	seen := map[string]bool{}
	for _, listing := range []string{"a", "b", "ab"} {
		for n := range uint64(500) {
			raw, err := base64.RawURLEncoding.DecodeString(c.seal(listing, domain.Position{CreatedAt: domain.Time(n / 2), Sequence: n}))
			require.NoError(t, err)
			require.Len(t, raw, 12+16+16)
			seen[string(raw[:12])] = true
		}
	}
	require.Len(t, seen, 1500)
}

func TestEveryFlippedBitIsFound(t *testing.T) {
	t.Parallel()
	c := newCursors(1)
	raw, err := base64.RawURLEncoding.DecodeString(c.seal("listing", places[3]))
	require.NoError(t, err)
	for i := range raw {
		for bit := range 8 {
			flipped := slices.Clone(raw)
			flipped[i] ^= 1 << bit
			_, err := c.open("listing", base64.RawURLEncoding.EncodeToString(flipped))
			require.Equal(t, errCursor, err)
		}
		_, err := c.open("listing", base64.RawURLEncoding.EncodeToString(raw[:i]))
		require.Equal(t, errCursor, err)
	}
}

// FuzzCursor opens whatever comes: it is a cursor that the server made, letter by
// letter, or it is refused with the one error that all get.
func FuzzCursor(f *testing.F) {
	c := newCursors(1)
	const listing = `"ws_a" "ep_1" ""`
	for _, place := range places {
		good := c.seal(listing, place)
		for _, seed := range []string{
			good, good + "\n", "\r" + good, good[:20] + "\n" + good[20:], good + "=", good + "A", good[:len(good)-1], good[1:], good + good, strings.ToUpper(good),
			c.seal(`"ws_a" "ep_2" ""`, place), newCursors(2).seal(listing, place),
		} {
			f.Add(seed)
		}
	}
	for _, seed := range []string{"", "A", "AAAA", "====", "null", "del_1", " ", "\x00", "\xff", "+/+/", strings.Repeat("A", 16), strings.Repeat("A", 59)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, cursor string) {
		place, err := c.open(listing, cursor)
		if err != nil {
			require.Equal(t, errCursor, err)
			require.Zero(t, place)
			return
		}
		require.Equal(t, c.seal(listing, place), cursor)
	})
}
