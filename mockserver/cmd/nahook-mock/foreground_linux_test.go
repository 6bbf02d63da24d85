package main

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"
)

// terminal is a pseudo-terminal: what a person sees and types on, and what programs
// run in.
func terminal(t *testing.T) (person, programs *os.File) {
	t.Helper()
	person, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	require.NoError(t, err)
	t.Cleanup(func() { person.Close() })
	control := func(request uintptr, value *int32) {
		_, _, failed := syscall.Syscall(syscall.SYS_IOCTL, person.Fd(), request, uintptr(unsafe.Pointer(value)))
		require.Zero(t, failed)
	}
	var locked, number int32
	control(syscall.TIOCSPTLCK, &locked)
	control(syscall.TIOCGPTN, &number)
	programs, err = os.OpenFile(fmt.Sprint("/dev/pts/", number), os.O_RDWR|syscall.O_NOCTTY, 0)
	require.NoError(t, err)
	t.Cleanup(func() { programs.Close() })
	return person, programs
}

// Ctrl-C reaches the command once: for many, a second one means to leave all as it is.
func TestExecInATerminal(t *testing.T) {
	t.Parallel()
	binary, self := build(t), executable(t)
	person, programs := terminal(t)
	command := exec.CommandContext(t.Context(), binary, "exec", "--", self)
	command.Stdin, command.Stdout, command.Stderr = programs, programs, programs
	command.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	command.Env = append(os.Environ(), childRole+"=count")
	require.NoError(t, command.Start())
	screen := bufio.NewReader(person)
	until := func(text string) string {
		for {
			line, err := screen.ReadString('\n')
			require.NoError(t, err)
			if strings.Contains(line, text) {
				return line
			}
		}
	}
	until("workspace ready")
	_, err := person.Write([]byte{3})
	require.NoError(t, err)
	until("interrupted")
	_, err = person.WriteString("go on\n")
	require.NoError(t, err)
	require.Contains(t, until(" more"), "and 0 more")
	require.Error(t, command.Wait())
	require.Equal(t, 3, command.ProcessState.ExitCode())
}
