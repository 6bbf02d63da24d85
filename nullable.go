package nahook

import (
	"encoding/json"
	"fmt"
)

// Ptr points to a copy of v, for options in which a pointer means "set this".
func Ptr[T any](v T) *T { return &v }

// Nullable is an update of something that can also be null. Its zero value
// leaves the field as it is, [Null] clears it and [Value] sets it.
type Nullable[T any] struct {
	value T
	state nullableState
}

type nullableState byte

const (
	leave nullableState = iota
	null
	set
)

// Value sets the field to v, which may be the zero value of its type.
func Value[T any](v T) Nullable[T] { return Nullable[T]{value: v, state: set} }

// Null clears the field.
func Null[T any]() Nullable[T] { return Nullable[T]{state: null} }

// IsZero tells whether the field is left as it is; encoding/json then omits it.
func (n Nullable[T]) IsZero() bool { return n.state == leave }

// Get returns the value the field is set to, and whether it is set to one.
func (n Nullable[T]) Get() (T, bool) { return n.value, n.state == set }

// String is the value as fmt prints it, "null" or "unset".
func (n Nullable[T]) String() string {
	switch n.state {
	case set:
		return fmt.Sprint(n.value)
	case null:
		return "null"
	}
	return "unset"
}

// MarshalJSON writes the value, or null.
func (n Nullable[T]) MarshalJSON() ([]byte, error) {
	if n.state != set {
		return []byte("null"), nil
	}
	return json.Marshal(n.value)
}

// UnmarshalJSON reads a value, or null.
func (n *Nullable[T]) UnmarshalJSON(data []byte) error {
	*n = Null[T]()
	if string(data) == "null" {
		return nil
	}
	n.state = set
	return json.Unmarshal(data, &n.value)
}
