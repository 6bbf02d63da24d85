package transport

import (
	"bytes"
	"encoding/json"
	"net/url"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestURL(t *testing.T) {
	t.Parallel()
	type where struct {
		Cursor string `url:"cursor,omitempty"`
	}
	for _, c := range []struct {
		base    string
		request Request
		want    string
	}{
		{"https://h", Get("", "/a"), "https://h/a"},
		{"https://h/p%2Fq", Get("", "/a/{x}/b/{y}", "1", "2"), "https://h/p%2Fq/a/1/b/2"},
		{"https://h/p q", Get("", "/a/{x}", "1"), "https://h/p%20q/a/1"},
		{"https://h", Get("", "/a/{x}", "{y}"), "https://h/a/%7By%7D"},
		{"https://h", Get("", "/a/{x}/b", "a/b%2Fc?#é"), "https://h/a/a%2Fb%252Fc%3F%23%C3%A9/b"},
		{"https://h", Get("", "/a").Where(where{"x&y=z"}), "https://h/a?cursor=x%26y%3Dz"},
		{"https://h", Get("", "/a").Where(where{}), "https://h/a"},
	} {
		base, err := url.Parse(c.base)
		require.NoError(t, err)
		u, err := c.request.url(base)
		require.NoError(t, err)
		assert.Equal(t, c.want, u.String())
		again, err := url.Parse(u.String())
		require.NoError(t, err)
		assert.Equal(t, again.Path, u.Path, "path and escaped path agree")
	}
}

func TestRepeatableRequests(t *testing.T) {
	t.Parallel()
	assert.True(t, Get("", "/a").safe())
	assert.False(t, Post("", "/a").safe())
	assert.True(t, Post("", "/a").Repeatable().safe())
}

// What a webhook's receiver reads is what its sender wrote.
func TestEncode(t *testing.T) {
	t.Parallel()
	body, err := Encode(map[string]any{"raw": json.RawMessage(" {\"b\": 1.10,\n\"a\": \"<&>\\u00e9\"}"), "text": "<a&b>"})
	require.NoError(t, err)
	assert.Equal(t, `{"raw":{"b":1.10,"a":"<&>\u00e9"},"text":"<a&b>"}`, string(body))
}

func TestCheckName(t *testing.T) {
	t.Parallel()
	require.NoError(t, CheckName("endpoint id", "a/b"))
	require.EqualError(t, CheckName("endpoint id", ""), "the endpoint id is empty")
}

func TestRefusedRequests(t *testing.T) {
	t.Parallel()
	base := &url.URL{Scheme: "https", Host: "h"}
	for want, r := range map[string]Request{
		"path /a/{x} has 0 values":       Get("", "/a/{x}"),
		"path /a has 1 values":           Get("", "/a", "1"),
		"the x id is empty":              Get("", "/a/{x}", ""),
		`the y id is "..", which`:        Get("", "/a/{x}/{y}", "1", ".."),
		"the x id holds a control":       Get("", "/a/{x}", "\u0080"),
		"query: Values() expects struct": Get("", "/a").Where(3),
	} {
		_, err := r.url(base)
		assert.ErrorContains(t, err, want)
	}
	_, err := Post("", "/a").With(func() {}).encode(new(bytes.Buffer))
	assert.ErrorContains(t, err, "the body cannot be encoded: json: unsupported type: func()")
}
