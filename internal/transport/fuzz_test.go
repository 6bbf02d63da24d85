package transport

import (
	"bufio"
	"math"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

// FuzzURL puts whatever values into a path: they arrive at a server as they were
// given, each in its place, or they are refused.
func FuzzURL(f *testing.F) {
	for _, value := range []string{
		"", ".", "..", "...", "a", "a/b", "/", "//", "../..", "a/../b", "%2e%2e", "%2F", "%", "%zz", "a b", "a+b", "a?b=c", "#", "é", "日本", "\xff\xfe",
		"a\nb", "\x00", "\x7f", "\u0085", "\u202e", "{endpoint}", "{", "}", `a\b`, "a;b=c,d", "a:b@c", "//evil.test/", "https://evil.test", "*", "[::1]", "~", "|^`<>\"",
	} {
		f.Add(value, "ep_1", "evt_1")
		f.Add("ws_1", value, value)
		f.Add("ws_1", "ep_1", value)
	}
	const template = "/workspaces/{workspace}/endpoints/{endpoint}/subscriptions/{eventType}"
	f.Fuzz(func(t *testing.T, a, b, c string) {
		values := []string{a, b, c}
		request := Delete("subscriptions.delete", template, values...)
		for _, base := range []url.URL{
			{Scheme: "https", Host: "api.nahook.com", Path: "/management/v1"},
			{Scheme: "http", Host: "[::1]:8443", Path: "/na hook/x/management/v1", RawPath: "/na%20hook%2Fx/management/v1"},
			{Scheme: "https", Host: "h.test"},
		} {
			u, err := request.url(&base)
			if bad := refusable(values); bad != "" {
				require.ErrorContains(t, err, "the "+bad+" id ")
				require.Less(t, len(err.Error()), 80, "the value is not quoted")
				continue
			}
			require.NoError(t, err)
			checkPath(t, base, u, values)
			if !slices.Contains(values, "/") { // which net/http's router takes for the end of the path
				require.Equal(t, values, served(t, base, u, template))
			}
		}
	})
}

// refusable is the first brace whose value addresses something else, if any.
func refusable(values []string) string {
	for i, brace := range []string{"workspace", "endpoint", "eventType"} {
		v := values[i]
		if v == "" || v == "." || v == ".." {
			return brace
		}
		for _, r := range v {
			if unicode.Is(unicode.Cc, r) {
				return brace
			}
		}
	}
	return ""
}

// checkPath is that u is base with six segments more, whoever reads it.
func checkPath(t *testing.T, base, u url.URL, values []string) {
	t.Helper()
	again, err := url.Parse(u.String())
	require.NoError(t, err)
	for _, read := range []*url.URL{&u, again} {
		require.Equal(t, base.Scheme, read.Scheme)
		require.Equal(t, base.Host, read.Host)
		require.Nil(t, read.User)
		require.Empty(t, read.RawQuery+read.Fragment+read.Opaque)
		escaped := read.EscapedPath()
		require.Equal(t, escaped, path.Clean(escaped), "nothing can be cleaned away")
		require.True(t, utf8.ValidString(escaped))
		below, found := strings.CutPrefix(escaped, base.EscapedPath()+"/")
		require.True(t, found, escaped)
		segments := strings.Split(below, "/")
		for i, want := range []string{"workspaces", values[0], "endpoints", values[1], "subscriptions", values[2]} {
			got, err := url.PathUnescape(segments[i])
			require.NoError(t, err)
			require.Equal(t, want, got)
		}
		require.Len(t, segments, 6)
	}
}

// served is what a server's router finds in the request line that u makes.
func served(t *testing.T, base, u url.URL, template string) []string {
	t.Helper()
	var found []string
	mux := http.NewServeMux()
	mux.HandleFunc("DELETE "+base.EscapedPath()+template, func(_ http.ResponseWriter, r *http.Request) {
		found = []string{r.PathValue("workspace"), r.PathValue("endpoint"), r.PathValue("eventType")}
	})
	r, err := http.ReadRequest(bufio.NewReader(strings.NewReader("DELETE " + u.RequestURI() + " HTTP/1.1\r\nHost: h\r\n\r\n")))
	require.NoError(t, err)
	mux.ServeHTTP(httptest.NewRecorder(), r)
	return found
}

var (
	number = regexp.MustCompile(`^[0-9]+$`)
	// dates are the three forms that HTTP knows, the first and the last year that
	// each can tell, and no others.
	dates = []struct {
		layout      string
		first, last int
	}{
		{http.TimeFormat, 0, 9999},
		{"Monday, 02-Jan-06 15:04:05 GMT", 1969, 2068},
		{time.ANSIC, 0, 9999},
	}
)

// FuzzRetryAfter reads whatever the header holds, and dates at an offset from
// now: what comes out is as long as the server said, never negative, and can be
// waited for.
func FuzzRetryAfter(f *testing.F) {
	const now = 1768473000 // 2026-01-15T10:30:00Z
	for _, value := range []string{
		"", "0", "7", " 120\t", "007", "-7", "+7", "1.5", "1e3", "0x10", "1_000", "seven", "9223372036", "9223372037", "18446744073709551615",
		"18446744073709551616", strings.Repeat("9", 100), "٧", "Thu, 15 Jan 2026 10:30:07 GMT", "Thu, 15 Jan 2026 10:29:07 GMT",
		"Thursday, 15-Jan-26 10:31:00 GMT", "Thu Jan 15 11:30:00 2026", "Fri, 31 Dec 9999 23:59:59 GMT", "Mon, 01 Jan 0000 00:00:00 GMT", "Thu, 15 Jan 2026 10:30:07 CET",
	} {
		f.Add(value, int64(now), int64(0), int64(60))
	}
	f.Add("7", int64(now), int64(999_999_999), int64(1))
	f.Add("7", int64(-62135596800), int64(0), int64(253402300799))
	f.Add("Fri, 31 Dec 9999 23:59:59 GMT", int64(math.MinInt64), int64(0), int64(math.MaxInt64))
	f.Fuzz(func(t *testing.T, value string, unix, nanoseconds, offset int64) {
		now := time.Unix(unix, nanoseconds)
		got := retryAfter(value, now)
		require.GreaterOrEqual(t, got, time.Duration(0))
		switch text := strings.TrimSpace(value); {
		case number.MatchString(text):
			require.Equal(t, inSeconds(text), got)
		default:
			date, err := http.ParseTime(text)
			require.Equal(t, err == nil && date.After(now), got > 0)
		}
		for attempts := range 9 {
			wait := standard.wait(attempts, got, 0.999)
			require.GreaterOrEqual(t, wait, standard.MinWait)
			require.GreaterOrEqual(t, wait, got)
		}
		checkDates(t, now, offset)
	})
}

// inSeconds is a number of seconds of any size, or the longest Duration.
func inSeconds(digits string) time.Duration {
	n, _ := new(big.Int).SetString(digits, 10)
	if n.Cmp(big.NewInt(math.MaxInt64/int64(time.Second))) > 0 {
		return math.MaxInt64
	}
	return time.Duration(n.Int64()) * time.Second
}

// checkDates is that all forms of a date say the same.
func checkDates(t *testing.T, now time.Time, offset int64) {
	t.Helper()
	date := time.Unix(now.Unix(), 0).Add(time.Duration(offset % (math.MaxInt64 / int64(time.Second)) * int64(time.Second))).UTC()
	want := max(0, date.Sub(now))
	for _, form := range dates {
		if year := date.Year(); year >= form.first && year <= form.last {
			require.Equal(t, want, retryAfter(date.Format(form.layout), now), "%s of %s", date, now)
		}
	}
}
