package delivery

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"syscall"
	"time"

	"github.com/nahook/nahook-go/mockserver/internal/domain"
)

// What went wrong, for people.
const (
	failureRefused     = "the host is not local: WithAllowedHosts or --allow-hosts lets attempts reach it"
	failureBlocked     = "destination address is not allowed"
	failureURL         = "the URL is not valid"
	failureCancelled   = "the attempt was cancelled"
	failureNotFound    = "host not found"
	failureUnreachable = "host unreachable"
	failureNoListener  = "connection refused"
	failureReset       = "connection reset"
	failureConnection  = "the connection failed"
	failureNotHTTP     = "the answer is not valid HTTP"
	failureTooLong     = "the answer is longer than 1 MiB"
	failureRedirect    = "redirects are not followed"
	failureGoexit      = "the handler ended its goroutine"
)

var (
	errLate    = errors.New("the time for the attempt is up")
	errTooLong = errors.New("the answer is too long")
	errLeft    = errors.New("the receiver has left without an answer")
)

// Refused tells whether an attempt failed since the user has to allow its host
// first, which is a mistake in the test rather than one of the receiver.
func Refused(o domain.Outcome) bool { return o.Failure == failureRefused }

// failure says what err means. The context is asked first: once it has ended,
// errors tell how, and no longer why.
func failure(ctx context.Context, limit time.Duration, err error) string {
	switch cause := context.Cause(ctx); {
	case errors.Is(cause, errLate):
		return failureLate(limit)
	case errors.Is(cause, errTooLong), errors.Is(err, errTooLong):
		return failureTooLong
	case cause != nil:
		return failureCancelled
	}
	return networkFailure(err, limit)
}

func networkFailure(err error, limit time.Duration) string {
	var lookup *net.DNSError
	var network net.Error
	isNetwork := errors.As(err, &network)
	switch {
	case errors.Is(err, errBlocked):
		return failureBlocked
	case errors.As(err, &lookup):
		return failureNotFound
	case isNetwork && network.Timeout():
		return failureLate(limit)
	case errors.Is(err, syscall.ECONNREFUSED):
		return failureNoListener
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		return failureUnreachable
	case isReset(err):
		return failureReset
	case isHandshake(err):
		return "TLS handshake failed" + tlsClass(err)
	case isNetwork:
		return failureConnection
	default:
		return failureNotHTTP
	}
}

func failureLate(limit time.Duration) string { return "no complete answer within " + limit.String() }

// isReset covers every way in which a receiver leaves before it has answered.
func isReset(err error) bool {
	for _, end := range []error{errLeft, io.EOF, io.ErrUnexpectedEOF, syscall.ECONNRESET, syscall.ECONNABORTED, syscall.EPIPE, net.ErrClosed} {
		if errors.Is(err, end) {
			return true
		}
	}
	return false
}

// handshakeError marks what failed before there was a connection to speak of.
type handshakeError struct{ error }

func (e handshakeError) Unwrap() error { return e.error }

func isHandshake(err error) bool {
	var handshake handshakeError
	return errors.As(err, &handshake)
}

func tlsClass(err error) string {
	var (
		authority x509.UnknownAuthorityError
		name      x509.HostnameError
		invalid   x509.CertificateInvalidError
		record    tls.RecordHeaderError
	)
	switch {
	case errors.As(err, &authority):
		return ": the certificate's issuer is not trusted"
	case errors.As(err, &name):
		return ": the certificate is for another host"
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return ": the certificate has expired or is not valid yet"
	case errors.As(err, &invalid):
		return ": the certificate is not valid"
	case errors.As(err, &record):
		return ": the receiver does not speak TLS"
	default:
		return ""
	}
}
