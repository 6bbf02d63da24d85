package nahook

import (
	"fmt"
	"io"
	"log/slog"

	"github.com/nahook/nahook-go/internal/transport"
)

// Secret is a string that prints and logs as "[redacted]", whatever the verb.
// Its value is string(s).
//
// Like everything here that is said to print and log without a secret, it shows
// the secret in two places all the same: in JSON, so that records can be stored,
// and so with [slog.JSONHandler] if it is logged inside a slice, map or struct;
// and in an unexported field of a struct, where fmt asks no methods.
type Secret string

// Format writes "[redacted]", or nothing for the empty secret.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.redacted()) }

// LogValue logs "[redacted]", or the empty string for the empty secret.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.redacted()) }

func (s Secret) redacted() string { return redact(string(s)) }

// redact keeps the difference between a secret and none.
func redact(secret string) string {
	if secret == "" {
		return ""
	}
	return transport.Redacted
}

// format prints v, from which secrets have been removed, as fmt would have
// printed the value it stands for.
func format(s fmt.State, verb rune, v any) {
	_, _ = fmt.Fprintf(s, fmt.FormatString(s, verb), v)
}
