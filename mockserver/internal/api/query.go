package api

import (
	"errors"
	"math"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/nahook/nahook-go/mockserver/internal/domain"
)

const (
	defaultPage = 50
	maxPage     = 200 // of any listing
)

// pageLimits is what a listing makes of the limit that a client asks for. A
// larger one is clamped, so a client cannot take a short page for the last one
// without knowing the maximum.
type pageLimits struct {
	most   int
	clamps bool // what is below 1 too, which others refuse
}

var (
	usualLimits     = pageLimits{most: 100}
	dashboardLimits = pageLimits{most: maxPage, clamps: true}
)

// query are the parameters of a request. An empty one counts as absent.
type query struct{ url.Values }

// parseQuery does not leave the parsing to [url.URL.Query], which drops what it
// cannot parse: a malformed limit would count as an absent one.
func parseQuery(raw string) (query, error) {
	values, err := url.ParseQuery(raw)
	if err != nil {
		return query{}, domain.Invalid("Query string must be well-formed")
	}
	return query{values}, nil
}

func (q query) limit(l pageLimits) (int, error) {
	limit, err := q.count("limit", defaultPage)
	switch {
	case l.clamps && isBelowOne(q.Get("limit")):
		return 1, nil
	case err != nil || limit == 0:
		return 0, domain.Invalid("limit must be a positive integer")
	}
	return min(limit, l.most), nil
}

func isBelowOne(text string) bool {
	digits := strings.TrimPrefix(text, "-")
	n, err := strconv.ParseUint(digits, 10, 63)
	return (err == nil || errors.Is(err, strconv.ErrRange)) && (n == 0 || digits != text)
}

// count reads digits. A number beyond int is still a number.
func (q query) count(name string, absent int) (int, error) {
	text := q.Get(name)
	if text == "" {
		return absent, nil
	}
	n, err := strconv.ParseUint(text, 10, 63)
	if errors.Is(err, strconv.ErrRange) {
		return math.MaxInt, nil
	}
	return int(n), err
}

// instant reads an ISO 8601 instant, or the first one of a day.
func (q query) instant(name string) (*domain.Time, error) {
	text := q.Get(name)
	if text == "" {
		return nil, nil
	}
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if t, err := time.Parse(layout, text); err == nil {
			at := domain.At(t)
			return &at, nil
		}
	}
	return nil, domain.Invalid("%s must be an ISO 8601 instant such as 2026-01-15T10:30:00.000Z", name)
}

// page reads limit and offset.
func page(rawQuery string) (offset, limit int, err error) {
	q, err := parseQuery(rawQuery)
	if err != nil {
		return 0, 0, err
	}
	limit, err = q.limit(usualLimits)
	if err != nil {
		return 0, 0, err
	}
	offset, err = q.count("offset", 0)
	if err != nil {
		return 0, 0, domain.Invalid("offset must be an integer of 0 or more")
	}
	return offset, limit, nil
}
