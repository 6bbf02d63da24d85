package store

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	mathrand "math/rand/v2"

	"github.com/nahook/nahook-go/mockserver/internal/domain"
)

const (
	idAlphabet  = "0123456789abcdefghijklmnopqrstuvwxyz"
	idLength    = 20 // 103 bits: ids of one server never meet
	tokenLength = 32
	secretBytes = 32
	codeBytes   = 32
)

// source makes the ids, tokens and signing secrets of one workspace. It is not
// safe for concurrent use: the workspace's lock guards it.
type source struct {
	stream *mathrand.ChaCha8
	random *mathrand.Rand // on top of it
}

func newSource(seed, stream uint64) source {
	return sourceOn(mathrand.NewChaCha8(streamSeed(seed, stream)))
}

func sourceOn(stream *mathrand.ChaCha8) source { return source{stream, mathrand.New(stream)} }

// clone makes a source that goes on as this one will.
func (s source) clone() source {
	stream := *s.stream
	return sourceOn(&stream)
}

func (s source) id(prefix string) string { return s.text(prefix, idLength) }

// idOr gives an id that somebody brought along, or a new one for none.
func (s source) idOr(given, prefix string) string {
	if given != "" {
		return given
	}
	return s.id(prefix)
}

func (s source) token(k domain.Kind) string { return s.text(k.Prefix(), tokenLength) }

func (s source) text(prefix string, length int) string {
	text := make([]byte, 0, len(prefix)+length)
	text = append(text, prefix...)
	for range length {
		text = append(text, idAlphabet[s.random.IntN(len(idAlphabet))])
	}
	return string(text)
}

func (s source) secret() string {
	key := make([]byte, 0, secretBytes)
	for range secretBytes {
		key = append(key, byte(s.random.Uint32()))
	}
	return domain.EncodeSecret(key)
}

// newCode makes a one-time code. It ignores the seed: whoever can guess a code
// owns the session, so no configuration may make codes predictable.
func newCode() string {
	var code [codeBytes]byte
	rand.Read(code[:]) // never fails: the program ends if the system has no entropy
	return base64.RawURLEncoding.EncodeToString(code[:])
}

// uuid makes a random UUID (RFC 9562, version 4).
func (s source) uuid() string {
	var b [16]byte
	binary.BigEndian.PutUint64(b[:8], s.random.Uint64())
	binary.BigEndian.PutUint64(b[8:], s.random.Uint64())
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	text := make([]byte, 0, 36)
	for i, part := range [][]byte{b[:4], b[4:6], b[6:8], b[8:10], b[10:]} {
		if i > 0 {
			text = append(text, '-')
		}
		text = hex.AppendEncode(text, part)
	}
	return string(text)
}
