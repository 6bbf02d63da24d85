package api

import (
	"github.com/nahook/nahook-go/mockserver/internal/domain"
)

// timestamp is an instant as the service spells it.
type timestamp domain.Time

// MarshalJSON gives ISO 8601 in UTC with milliseconds.
func (t timestamp) MarshalJSON() ([]byte, error) {
	return domain.Time(t).Std().AppendFormat(make([]byte, 0, 26), `"2006-01-02T15:04:05.000Z"`), nil
}

// instant is how the service spells something that may never have happened.
func instant(t domain.Time) *timestamp {
	if t == 0 {
		return nil
	}
	spelt := timestamp(t)
	return &spelt
}

// nullable is how the service spells an empty value.
func nullable(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

// encodeAll encodes rows into an array, which is never null.
func encodeAll[R, J any](rows []R, encode func(R) J) []J {
	array := make([]J, len(rows))
	for i, row := range rows {
		array[i] = encode(row)
	}
	return array
}

// one takes what the store gives and encodes it, unless it is a refusal.
func one[R, J any](encode func(R) J) func(R, error) (any, error) {
	return func(row R, err error) (any, error) {
		if err != nil {
			return nil, err
		}
		return encode(row), nil
	}
}

// all is one for rows.
func all[R, J any](encode func(R) J) func([]R, error) (any, error) {
	return func(rows []R, err error) (any, error) {
		if err != nil {
			return nil, err
		}
		return encodeAll(rows, encode), nil
	}
}

// valueOr gives what p points to, or what stands for an absent field.
func valueOr[T any](p *T, absent T) T {
	if p == nil {
		return absent
	}
	return *p
}
