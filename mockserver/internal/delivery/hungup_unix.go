//go:build unix

package delivery

import (
	"net"
	"syscall"
)

// hungUp tells whether anything but silence waits on an idle connection, which
// then is no use for another request.
func hungUp(c net.Conn) bool {
	socket, ok := c.(syscall.Conn)
	if !ok {
		return false
	}
	raw, err := socket.SyscallConn()
	if err != nil {
		return true
	}
	silent := false
	err = raw.Control(func(fd uintptr) {
		var b [1]byte
		_, _, err := syscall.Recvfrom(int(fd), b[:], syscall.MSG_PEEK)
		silent = err == syscall.EAGAIN || err == syscall.EINTR
	})
	return err != nil || !silent
}
