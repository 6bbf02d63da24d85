//go:build !linux && !darwin

package main

// inForeground is not known here.
func inForeground() bool { return false }
