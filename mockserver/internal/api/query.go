package api

import (
	"errors"
	"math"
	"net/url"
	"strconv"

	"github.com/nahook/nahook-go/mockserver/internal/domain"
)

const (
	defaultPage = 50
	maxPage     = 100
)

// page reads limit and offset. A larger limit is clamped, so a client cannot
// take a short page for the last one without knowing the maximum. It parses the
// query itself: [url.URL.Query] drops what it cannot parse, and a malformed
// limit would count as an absent one.
func page(rawQuery string) (offset, limit int, err error) {
	query, err := url.ParseQuery(rawQuery)
	if err != nil {
		return 0, 0, domain.Invalid("Query string must be well-formed")
	}
	limit, err = count(query, "limit", defaultPage)
	if err != nil || limit == 0 {
		return 0, 0, domain.Invalid("limit must be a positive integer")
	}
	offset, err = count(query, "offset", 0)
	if err != nil {
		return 0, 0, domain.Invalid("offset must be an integer of 0 or more")
	}
	return offset, min(limit, maxPage), nil
}

// count reads digits. A number beyond int is still a number.
func count(query url.Values, name string, absent int) (int, error) {
	text := query.Get(name)
	if text == "" {
		return absent, nil
	}
	n, err := strconv.ParseUint(text, 10, 63)
	if errors.Is(err, strconv.ErrRange) {
		return math.MaxInt, nil
	}
	return int(n), err
}
