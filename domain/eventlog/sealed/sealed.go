// Package sealed is the form in which one text of a person stands in the log:
// encrypted, bound to its place, and openable alone. It knows no keys' store and
// no log; whoever holds a text's own key and the commit can check that they
// belong together with nothing but AES and HMAC-SHA256.
//
// The construction is SIV (Rogaway and Shrimpton, 2006) with HMAC-SHA256 as its
// pseudo-random function and AES-256 in counter mode: the tag over place and
// text is the counter's start. It needs no nonce, so that the same deed sent
// again is the same bytes; and the tag commits to key and text, which GCM's does
// not: nobody can make one sealed text that opens to two.
package sealed

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// KeySize is the length of every key here, in bytes.
const KeySize = 32

// prefix stands before every sealed text and says which form it has.
const prefix = "sealed.1."

// padded is the block to which texts are lengthened, so that the length of a
// name does not tell it.
const padded = 16

// ErrSealed is given for a text that does not open: it was changed, stands at
// another place, or the key is another one.
var ErrSealed = errors.New("a sealed text does not open")

// Place is where in the log a text stands. A text opens at its own place only.
type Place struct {
	Commit string // id of the commit
	Stream string
	Event  int    // in the commit, from 0
	Path   string // of the text in the payload, its parts joined by /: parties/0/name
}

// Whose says whose text it is and what for; both are words of letters, digits,
// - and _, and never personal data.
type Whose struct {
	Person  string // within the stream's case: A1, B2, all; or a mark of its own
	Purpose string // identity, contact, text, office
}

func (w Whose) String() string { return w.Person + "." + w.Purpose }

var word = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// Check tells whether both are words.
func (w Whose) Check() error {
	if !word.MatchString(w.Person) || !word.MatchString(w.Purpose) {
		return fmt.Errorf("%w: a person and a purpose are words", ErrSealed)
	}
	return nil
}

// context is everything that a text is bound to, each part with its length.
func context(w Whose, at Place) []byte {
	b := make([]byte, 0, 256)
	for _, part := range []string{prefix, w.Person, w.Purpose, at.Commit, at.Stream, strconv.Itoa(at.Event), at.Path} {
		b = binary.BigEndian.AppendUint32(b, uint32(len(part)))
		b = append(b, part...)
	}
	return b
}

// KeyOf is the key of the one text at that place: given away, it opens this
// text and no other. key is the person's for that purpose.
func KeyOf(key []byte, w Whose, at Place) []byte { return mac(key, context(w, at)) }

// Seal is the text's sealed form. The same text at the same place under the
// same key always gives the same.
func Seal(key []byte, w Whose, at Place, text string) string {
	bound := context(w, at)
	own := mac(key, bound)
	plain := pad(text)
	tag := mac(mac(own, []byte("tag")), bound, plain)
	both := make([]byte, len(tag)+len(plain))
	copy(both, tag)
	counter(own, tag).XORKeyStream(both[len(tag):], plain)
	var b strings.Builder
	b.Grow(len(prefix) + len(w.Person) + len(w.Purpose) + 2 + base64.RawURLEncoding.EncodedLen(len(both)))
	b.WriteString(prefix)
	b.WriteString(w.Person)
	b.WriteByte('.')
	b.WriteString(w.Purpose)
	b.WriteByte('.')
	b.WriteString(base64.RawURLEncoding.EncodeToString(both))
	return b.String()
}

// Is tells whether the text has the sealed form.
func Is(form string) bool { _, _, ok := split(form); return ok }

// Of says whose text it is; false where the form is none.
func Of(form string) (Whose, bool) {
	w, _, ok := split(form)
	return w, ok
}

// Open gives the text back. Error: ErrSealed.
func Open(key []byte, form string, at Place) (string, error) {
	w, _, ok := split(form)
	if !ok {
		return "", ErrSealed
	}
	return OpenOwn(KeyOf(key, w, at), form, at)
}

// OpenOwn gives the text back by its own key, see KeyOf. Error: ErrSealed.
func OpenOwn(own []byte, form string, at Place) (string, error) {
	w, encoded, ok := split(form)
	if !ok || len(own) != KeySize {
		return "", ErrSealed
	}
	both, err := base64.RawURLEncoding.Strict().DecodeString(encoded)
	if err != nil || len(both) < sha256.Size+padded || (len(both)-sha256.Size)%padded != 0 {
		return "", ErrSealed
	}
	tag, plain := both[:sha256.Size], both[sha256.Size:]
	counter(own, tag).XORKeyStream(plain, plain)
	if !hmac.Equal(tag, mac(mac(own, []byte("tag")), context(w, at), plain)) {
		return "", ErrSealed
	}
	return unpad(plain)
}

// counter is the key stream that begins at the tag.
func counter(own, tag []byte) cipher.Stream {
	block, err := aes.NewCipher(mac(own, []byte("text")))
	if err != nil {
		panic(err) // 32 bytes are always a key
	}
	return cipher.NewCTR(block, tag[:aes.BlockSize])
}

func mac(key []byte, parts ...[]byte) []byte {
	h := hmac.New(sha256.New, key)
	for _, p := range parts {
		h.Write(p)
	}
	return h.Sum(nil)
}

// pad lengthens the text by a 1 bit and zeros (ISO/IEC 7816-4).
func pad(text string) []byte {
	plain := make([]byte, (len(text)/padded+1)*padded)
	plain[copy(plain, text)] = 0x80
	return plain
}

func unpad(plain []byte) (string, error) {
	end := len(plain) - 1
	for end >= 0 && plain[end] == 0 {
		end--
	}
	if end < 0 || plain[end] != 0x80 {
		return "", ErrSealed
	}
	return string(plain[:end]), nil
}

// split takes the form apart: prefix, person, purpose, and the rest in base64.
func split(form string) (Whose, string, bool) {
	rest, ok := strings.CutPrefix(form, prefix)
	if !ok {
		return Whose{}, "", false
	}
	person, rest, ok := strings.Cut(rest, ".")
	purpose, encoded, also := strings.Cut(rest, ".")
	w := Whose{person, purpose}
	if !ok || !also || encoded == "" || strings.Contains(encoded, ".") || w.Check() != nil {
		return Whose{}, "", false
	}
	return w, encoded, true
}
