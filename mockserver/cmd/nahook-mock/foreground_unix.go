//go:build linux || darwin

package main

import (
	"os"
	"syscall"
	"unsafe"
)

// inForeground tells whether a key pressed in this process's terminal reaches it, and
// with it what it has started: a terminal signals the whole group in its foreground.
func inForeground() bool {
	terminal, err := os.OpenFile("/dev/tty", os.O_RDONLY|syscall.O_NOCTTY, 0)
	if err != nil {
		return false
	}
	defer terminal.Close()
	var group int32
	_, _, failed := syscall.Syscall(syscall.SYS_IOCTL, terminal.Fd(), syscall.TIOCGPGRP, uintptr(unsafe.Pointer(&group)))
	return failed == 0 && int(group) == syscall.Getpgrp()
}
