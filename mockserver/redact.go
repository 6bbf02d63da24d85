package mockserver

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
)

// Members of bodies that open doors, and of those that hold a link whose fragment
// does.
var (
	secretMembers = []string{"secret", "authPassword", "code", "token", "access_token", "device_code"}
	linkMembers   = []string{"url", "portalUrl"}
)

// withoutSecrets is a body without the secrets that the API's objects hold: in the
// body itself or, where it is an array, in its elements. What a program sends as
// metadata lies deeper, and stays; so does what it sends as payload.
func withoutSecrets(operation string, body []byte) []byte {
	if strings.HasPrefix(operation, "ingest.") || !mayHoldSecrets(body) {
		return body
	}
	r := redaction{body: body, tokens: json.NewDecoder(bytes.NewReader(body))}
	if r.value(1) != nil {
		return []byte(redacted) // it is no JSON, and holds who knows what
	}
	return append(r.out, body[r.copied:]...)
}

// redaction copies a body and leaves things out.
type redaction struct {
	body   []byte
	tokens *json.Decoder
	out    []byte
	copied int // how much of body is in out
}

// value goes through one value; of an array at the top it looks into the elements.
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
		name, err := r.tokens.Token()
		if err != nil {
			return err
		}
		from := r.tokens.InputOffset()
		if err := r.value(depth + 1); err != nil {
			return err
		}
		if depth == 1 {
			r.hide(name.(string), int(from), int(r.tokens.InputOffset()))
		}
	}
	_, err := r.tokens.Token()
	return err
}

// hide leaves the value out that lies between from and to, behind a colon.
func (r *redaction) hide(name string, from, to int) {
	quote := bytes.IndexByte(r.body[from:to], '"')
	if quote < 0 {
		return // it is null
	}
	var text string
	if json.Unmarshal(r.body[from+quote:to], &text) != nil {
		return // an object, whose strings are its own
	}
	switch link, _, found := strings.Cut(text, "#"); {
	case slices.Contains(secretMembers, name):
		text = redacted
	case found && slices.Contains(linkMembers, name):
		text = link + "#" + redacted
	default:
		return
	}
	encoded, _ := json.Marshal(text) // a string can be encoded
	r.out = append(append(r.out, r.body[r.copied:from+quote]...), encoded...)
	r.copied = to
}

// mayHoldSecrets spares most bodies the closer look. A name that is spelt with
// escapes is one that no client and no server sends.
func mayHoldSecrets(body []byte) bool {
	for _, name := range secretMembers {
		if bytes.Contains(body, []byte(`"`+name+`"`)) {
			return true
		}
	}
	return bytes.Contains(body, []byte("#code="))
}
