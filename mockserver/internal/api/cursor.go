package api

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"strconv"
	"strings"

	"github.com/nahook/nahook-go/mockserver/internal/domain"
)

// cursors seals places in listings. A cursor shows nothing and is good for the
// one listing that it was made for.
type cursors struct {
	aead  cipher.AEAD
	nonce []byte // the key that nonces are derived with
}

func newCursors(seed uint64) cursors {
	key := sha256.Sum256(strconv.AppendUint([]byte("cursor "), seed, 10))
	nonce := sha256.Sum256(strconv.AppendUint([]byte("nonce "), seed, 10))
	block, err := aes.NewCipher(key[:])
	if err != nil {
		panic(err) // the key has the right size
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		panic(err) // AES has the right block size
	}
	return cursors{aead, nonce[:]}
}

var errCursor = domain.Refuse(domain.CodeInvalidCursor, "The cursor is invalid: restart pagination from the beginning")

// seal makes the cursor of a place. The nonce is derived from what is sealed, so
// equal requests get equal answers and no nonce serves two places.
func (c cursors) seal(listing string, p domain.Position) string {
	place := binary.BigEndian.AppendUint64(nil, uint64(p.CreatedAt))
	place = binary.BigEndian.AppendUint64(place, p.Sequence)
	mac := hmac.New(sha256.New, c.nonce)
	mac.Write(place)
	mac.Write([]byte(listing))
	nonce := mac.Sum(nil)[:c.aead.NonceSize()]
	return base64.RawURLEncoding.EncodeToString(c.aead.Seal(nonce, nonce, place, []byte(listing)))
}

// open gives the place that a cursor was made for.
func (c cursors) open(listing, cursor string) (domain.Position, error) {
	sealed, err := base64.RawURLEncoding.Strict().DecodeString(cursor)
	if err != nil || len(sealed) < c.aead.NonceSize() {
		return domain.Position{}, errCursor
	}
	nonce, sealed := sealed[:c.aead.NonceSize()], sealed[c.aead.NonceSize():]
	place, err := c.aead.Open(nil, nonce, sealed, []byte(listing))
	// The decoder skips line breaks, so one place would have many cursors.
	if err != nil || len(place) != 16 || strings.ContainsAny(cursor, "\r\n") {
		return domain.Position{}, errCursor
	}
	return domain.Position{
		CreatedAt: domain.Time(binary.BigEndian.Uint64(place[:8])), Sequence: binary.BigEndian.Uint64(place[8:]),
	}, nil
}
