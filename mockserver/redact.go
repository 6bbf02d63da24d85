package mockserver

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

const redacted = "[redacted]"

// Names of what opens doors: in queries and at the top of bodies, and deeper in
// bodies too, where some of them may be a program's own.
var (
	secretNames = []string{"secret", "authPassword", "code", "token", "access_token", "device_code"}
	deepNames   = []string{"authPassword", "access_token", "device_code"}
	linkNames   = []string{"url", "portalUrl", "webhookUrl"} // whose user or fragment does
	ownNames    = []string{"metadata", "payload", "data"}    // of what a program has put there
)

func named(names []string, name string) bool {
	return slices.ContainsFunc(names, func(s string) bool { return strings.EqualFold(s, name) })
}

// withoutCredentials is header without what opens doors.
func withoutCredentials(header http.Header) http.Header {
	h := maps.Clone(header)
	for _, name := range []string{"Authorization", "Cookie", "Proxy-Authorization"} {
		if values := h[name]; len(values) > 0 {
			h[name] = []string{scheme(values[0]) + redacted}
		}
	}
	if referer := h["Referer"]; len(referer) > 0 {
		h["Referer"] = []string{withoutUser(withoutTokens(referer[0]))}
	}
	return h
}

// scheme is how a credential is presented, such as "Bearer ".
func scheme(value string) string {
	name, _, found := strings.Cut(value, " ")
	if !found || !strings.EqualFold(name, "Bearer") && !strings.EqualFold(name, "Basic") {
		return ""
	}
	return name + " "
}

var (
	tokens   = regexp.MustCompile(`nh[mskcp]_[^\s/?&#"]+`)
	userinfo = regexp.MustCompile(`://[^/\s"]*@`)
)

// withoutTokens is a text in which somebody may have put a token by mistake.
func withoutTokens(text string) string {
	if !strings.Contains(text, "nh") {
		return text
	}
	return tokens.ReplaceAllLiteralString(text, redacted)
}

func withoutUser(link string) string {
	return userinfo.ReplaceAllLiteralString(link, "://"+redacted+"@")
}

func queryWithoutSecrets(query string) string {
	if query == "" {
		return ""
	}
	pairs := strings.Split(query, "&")
	for i, pair := range pairs {
		name, _, _ := strings.Cut(pair, "=")
		if plain, err := url.QueryUnescape(name); err == nil && named(secretNames, plain) {
			pairs[i] = name + "=" + redacted
		}
	}
	return withoutTokens(strings.Join(pairs, "&"))
}

// withoutSecrets is a body without the secrets that the API's objects hold. What a
// program sends as metadata or payload is its own, and stays.
func withoutSecrets(operation string, body []byte) []byte {
	if strings.HasPrefix(operation, "ingest.") || !mayHoldSecrets(body) {
		return body
	}
	r := redaction{body: body, tokens: json.NewDecoder(bytes.NewReader(body))}
	if r.value(1) != nil || len(bytes.TrimSpace(body[r.tokens.InputOffset():])) > 0 {
		return []byte(redacted) // it is no JSON, and holds who knows what
	}
	return append(r.out, body[r.copied:]...)
}

// mayHoldSecrets spares most bodies the closer look, by a look at whatever stands
// between two quotes.
func mayHoldSecrets(body []byte) bool {
	if bytes.Contains(body, []byte(`\u`)) || bytes.Contains(body, []byte("#code=")) || bytes.Contains(body, []byte("://")) && bytes.IndexByte(body, '@') >= 0 {
		return true
	}
	for rest := body; ; {
		i := bytes.IndexByte(rest, '"')
		if i < 0 {
			return false
		}
		rest = rest[i+1:]
		for _, name := range secretNames {
			if len(rest) > len(name) && rest[len(name)] == '"' && strings.EqualFold(string(rest[:len(name)]), name) {
				return true
			}
		}
	}
}

// redaction copies a body and leaves things out.
type redaction struct {
	body   []byte
	tokens *json.Decoder
	out    []byte
	copied int // how much of body is in out
}

// value goes through one value. The elements of an array are as deep as that.
func (r *redaction) value(depth int) error {
	token, err := r.tokens.Token()
	if err != nil {
		return err
	}
	switch token {
	case json.Delim('{'):
		return r.members(depth)
	case json.Delim('['):
		for r.tokens.More() {
			if err := r.value(depth); err != nil {
				return err
			}
		}
		_, err = r.tokens.Token()
	}
	return err
}

func (r *redaction) members(depth int) error {
	for r.tokens.More() {
		token, err := r.tokens.Token()
		if err != nil {
			return err
		}
		name := token.(string)
		if err := r.member(name, depth); err != nil {
			return err
		}
	}
	_, err := r.tokens.Token()
	return err
}

func (r *redaction) member(name string, depth int) error {
	secret := depth == 1 && named(secretNames, name) || named(deepNames, name)
	if !secret && !named(ownNames, name) && !named(linkNames, name) {
		return r.value(depth + 1)
	}
	var value json.RawMessage // which is passed over as a whole
	if err := r.tokens.Decode(&value); err != nil {
		return err
	}
	end := r.tokens.InputOffset()
	switch {
	case secret && string(value) != "null":
		r.replace(int(end)-len(value), int(end), redacted)
	case named(linkNames, name):
		r.link(value, int(end))
	}
	return nil
}

// link leaves out of a link what opens doors.
func (r *redaction) link(value json.RawMessage, end int) {
	var text string
	if json.Unmarshal(value, &text) != nil {
		return
	}
	shown, fragment, found := strings.Cut(withoutUser(text), "#")
	if found && fragment != "" {
		shown += "#" + redacted
	}
	if shown != text {
		r.replace(end-len(value), end, shown)
	}
}

// replace puts a text in the place of what lies between from and to.
func (r *redaction) replace(from, to int, text string) {
	encoded, _ := json.Marshal(text) // a string can be encoded
	r.out = append(append(r.out, r.body[r.copied:from]...), encoded...)
	r.copied = to
}
