//go:build !race

package nahook_test

const raceAllocations = 0
