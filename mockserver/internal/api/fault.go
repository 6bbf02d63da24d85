package api

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"strconv"
	"time"
)

// Fault is what goes wrong with one request on purpose. Without Status and Break
// the answer is the real one.
type Fault struct {
	Name        string // for records
	AfterCommit bool   // what was asked for is done first
	Wait        time.Duration

	Status int         // of the answer in place of the real one; 0 for the real one
	Header http.Header // besides what every answer has
	Body   []byte

	Break Break
	Keep  int // for [Truncate], in bytes
}

// Break is how a connection ends that should carry an answer.
type Break int

// What becomes of the connection.
const (
	Whole    Break = iota // nothing
	Reset                 // it is reset before any answer
	Empty                 // it is closed before any answer
	Garbage               // it carries something else than HTTP
	Truncate              // it is closed in the middle of the body
)

// errFaulted stands for the outcome of a request that was not carried out.
var errFaulted = errors.New("a fault stands in the place of the answer")

func (f *Fault) name() string {
	if f == nil {
		return ""
	}
	return f.Name
}

// before runs the part of a fault that comes before what the request asks for.
func (a *API) before(w *answer, x *exchange) error {
	f := a.Fault(x.workspace, w.operation, x.Request, w.requestBody)
	w.fault = f
	if f == nil || f.AfterCommit {
		return nil
	}
	a.Wait(x.Context(), f.Wait)
	if f.Status != 0 || f.Break != Whole {
		return errFaulted
	}
	return nil
}

// faulty sends what the fault makes of an answer.
func (w *answer) faulty(status int, body []byte) {
	f := w.fault
	if f.AfterCommit {
		w.api.Wait(w.request.Context(), f.Wait)
	}
	if body != nil || f.Status != 0 {
		h := w.Header()
		h["Content-Type"], h["Cache-Control"] = contentType, cacheControl
	}
	if f.Status != 0 {
		status, body = f.Status, f.Body
		maps.Copy(w.Header(), f.Header)
	}
	if f.Break == Whole {
		w.send(status, body)
		return
	}
	if f.Break == Truncate && w.request.Method == http.MethodHead {
		w.inapplicable(status, body, "the answer to HEAD has no body")
		return
	}
	if f.Break == Truncate && f.Keep >= len(body) {
		w.inapplicable(status, body, fmt.Sprintf("the answer has only %d bytes", len(body)))
		return
	}
	conn, _, err := http.NewResponseController(w.ResponseWriter).Hijack()
	if err != nil {
		w.inapplicable(status, body, "the connection is not an HTTP/1 connection of a server")
		return
	}
	defer conn.Close()
	switch f.Break {
	case Truncate:
		w.record(status, body[:f.Keep])
		_, _ = conn.Write(append(head(status, w.Header(), len(body)), body[:f.Keep]...))
	case Garbage:
		w.record(0, nil)
		_, _ = conn.Write([]byte("\x16\x03\x01-this-is-not-HTTP\r\n\r\n"))
	case Reset:
		w.record(0, nil)
		reset(conn)
	default:
		w.record(0, nil)
	}
}

// inapplicable answers without the fault, which before the commit can only be an
// error, and says so.
func (w *answer) inapplicable(status int, body []byte, why string) {
	w.report("the fault " + w.fault.Name + " cannot be applied: " + why)
	w.send(status, body)
}

// reset makes closing a connection abortive.
func reset(conn net.Conn) {
	if secured, ok := conn.(interface{ NetConn() net.Conn }); ok {
		conn = secured.NetConn()
	}
	if lingering, ok := conn.(interface{ SetLinger(seconds int) error }); ok {
		_ = lingering.SetLinger(0) // a connection that is closed already needs no reset
	}
	conn.Close()
}

// head is the status line and the headers of an answer whose body has length bytes.
func head(status int, header http.Header, length int) []byte {
	b := fmt.Appendf(nil, "HTTP/1.1 %d %s\r\n", status, http.StatusText(status))
	header = header.Clone()
	header.Set("Content-Length", strconv.Itoa(length))
	for name, values := range header {
		for _, value := range values {
			b = fmt.Appendf(b, "%s: %s\r\n", name, value)
		}
	}
	return append(b, "\r\n"...)
}

// Refusal is the body of an error answer with a status.
func Refusal(status int) []byte {
	refusal, known := refusals[status]
	if !known {
		refusal = refusalJSON{codeInternal, cmp.Or(http.StatusText(status), "Something went wrong")}
	}
	body, err := encode(errorJSON{refusal})
	if err != nil {
		panic(err) // it is made of strings
	}
	return body
}
