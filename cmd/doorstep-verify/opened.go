package main

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"strconv"
	"strings"
)

// opened is a personal text of a commit, which seals it, and the key that opens
// this text alone.
type opened struct {
	Event int    `json:"event"`
	Path  string `json:"path"`
	Text  string `json:"text"`
	Key   string `json:"key"`
}

// plain is the text as a person reads it.
func (o opened) plain() string {
	var text string
	if json.Unmarshal([]byte(`"`+o.Text+`"`), &text) != nil {
		return o.Text
	}
	return text
}

// seals tells whether the text is what the commit seals at that place.
func (c commit) seals(o opened) bool {
	if o.Event < 0 || o.Event >= len(c.Events) {
		return false
	}
	form, ok := at(c.Events[o.Event].Data, o.Path)
	parts := strings.Split(form, ".") // sealed, 1, person, purpose, base64
	if !ok || len(parts) != 5 || parts[0] != "sealed" || parts[1] != "1" {
		return false
	}
	both, err := base64.RawURLEncoding.Strict().DecodeString(parts[4])
	key, keyErr := base64.StdEncoding.Strict().DecodeString(o.Key)
	if err != nil || keyErr != nil || len(key) != 32 || len(both) < sha256.Size+16 || len(both)%16 != 0 {
		return false
	}
	tag, plain := both[:sha256.Size], both[sha256.Size:]
	block, err := aes.NewCipher(mac(key, []byte("text")))
	if err != nil {
		return false
	}
	cipher.NewCTR(block, tag[:aes.BlockSize]).XORKeyStream(plain, plain)
	var bound []byte
	for _, part := range []string{"sealed.1.", parts[2], parts[3], c.ID, c.Stream, strconv.Itoa(o.Event), o.Path} {
		bound = binary.BigEndian.AppendUint32(bound, uint32(len(part)))
		bound = append(bound, part...)
	}
	if !hmac.Equal(tag, mac(mac(key, []byte("tag")), bound, plain)) {
		return false
	}
	text, padded := bytes.CutSuffix(bytes.TrimRight(plain, "\x00"), []byte{0x80})
	return padded && string(text) == o.Text
}

func mac(key []byte, parts ...[]byte) []byte {
	h := hmac.New(sha256.New, key)
	for _, p := range parts {
		h.Write(p)
	}
	return h.Sum(nil)
}

// at is the string at the path, its parts joined by / (RFC 6901).
func at(data json.RawMessage, path string) (string, bool) {
	var v any
	if json.Unmarshal(data, &v) != nil {
		return "", false
	}
	for part := range strings.SplitSeq(path, "/") {
		switch in := v.(type) {
		case map[string]any:
			v = in[strings.NewReplacer("~1", "/", "~0", "~").Replace(part)]
		case []any:
			i, err := strconv.Atoi(part)
			if err != nil || i < 0 || i >= len(in) {
				return "", false
			}
			v = in[i]
		default:
			return "", false
		}
	}
	text, ok := v.(string)
	return text, ok
}
