package domain

import (
	"maps"
	"slices"
)

// MaxMetadata is how many metadata keys an application or endpoint may carry.
const MaxMetadata = 5

// Metadata is a set of caller-defined pairs, sorted by key. A slice takes less
// than half the memory of a map at the sizes that the limits allow.
type Metadata []Pair

// Pair is one metadata entry.
type Pair struct{ Key, Value string }

// NewMetadata copies m.
func NewMetadata(m map[string]string) Metadata {
	pairs := make(Metadata, 0, len(m))
	for _, key := range slices.Sorted(maps.Keys(m)) {
		pairs = append(pairs, Pair{key, m[key]})
	}
	return pairs
}

// Map copies the pairs into a map, which is never nil.
func (m Metadata) Map() map[string]string {
	pairs := make(map[string]string, len(m))
	for _, p := range m {
		pairs[p.Key] = p.Value
	}
	return pairs
}

func (m Metadata) validate(limit int) error {
	if len(m) > limit {
		return Invalid("metadata exceeds max keys (%d)", limit)
	}
	return nil
}
