//go:build race

package nahook_test

// raceAllocations is what the race detector allocates in a call by itself.
const raceAllocations = 4
