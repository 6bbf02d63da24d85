package transport

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"unicode"
)

// Redacted stands where a secret was.
const Redacted = "[redacted]"

// maxText bounds what one foreign text may add to an error's line, in bytes.
const maxText = 512

// Token is a bearer credential. It is a func because fmt does not ask the
// methods of a value in an unexported field: it walks into it, and a func is
// the one kind that shows nothing but an address there.
type Token func() string

const bearer = "Bearer "

// NewToken hides secret. What the func returns is the Authorization header.
func NewToken(secret string) Token {
	header := bearer + secret
	return func() string { return header }
}

// Format writes [Redacted] for every verb.
func (Token) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, Redacted) }

// LogValue logs as [Redacted].
func (Token) LogValue() slog.Value { return slog.StringValue(Redacted) }

// Scrub replaces the token wherever text repeats it, as a server that echoes
// a request does.
func (t Token) Scrub(text string) string {
	return strings.ReplaceAll(text, t()[len(bearer):], Redacted)
}

// OneLine makes a foreign text fit for a log line: what is not graphic is
// escaped, and what is long is cut.
func OneLine(text string) string {
	var b strings.Builder
	for _, r := range text {
		if b.Len() > maxText {
			b.WriteString("…")
			break
		}
		if unicode.IsGraphic(r) {
			b.WriteRune(r)
			continue
		}
		b.WriteString(strings.Trim(strconv.QuoteRune(r), "'"))
	}
	return b.String()
}

// userinfo is a user name and password in a URL, such as a proxy's. A password
// may hold an "@" of its own: it ends at the last one.
var userinfo = regexp.MustCompile(`://[^\s"]*@`)

// scrubbed is an error of the network or of a foreign [http.RoundTripper] in
// words fit for a log. Its causes stay reachable but for the two of package
// context: those are promised to mean the caller's own context, while net
// also reports its dialer's time limit as a deadline.
type scrubbed struct {
	cause func() error // a func for the same reason as [Token]
	text  string
}

func (t Token) scrubError(err error) error {
	text := err.Error()
	if outer := (*url.Error)(nil); errors.As(err, &outer) { // its text quotes the URL, query included
		text = outer.Err.Error()
	}
	text = userinfo.ReplaceAllLiteralString(t.Scrub(text), "://"+Redacted+"@")
	return scrubbed{func() error { return err }, OneLine(text)}
}

func (s scrubbed) Error() string { return s.text }

func (s scrubbed) Is(target error) bool {
	return target != context.Canceled && target != context.DeadlineExceeded && errors.Is(s.cause(), target)
}

func (s scrubbed) As(target any) bool { return errors.As(s.cause(), target) }
