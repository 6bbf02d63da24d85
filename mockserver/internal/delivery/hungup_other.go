//go:build !unix

package delivery

import "net"

// hungUp cannot look: net/http alone notices here, a little later.
func hungUp(net.Conn) bool { return false }
