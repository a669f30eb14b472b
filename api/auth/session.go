package auth

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"time"
)

// Lasting is how long a session lasts after it was opened: a working day.
const Lasting = 12 * time.Hour

// ErrSession is given for a session that is not ours, was changed, or is over.
var ErrSession = errors.New("the session is not valid or is over")

// Session is what a browser carries, signed.
type Session struct {
	ID    string    `json:"id"`
	Actor Actor     `json:"actor"`
	Demo  bool      `json:"demo,omitempty"` // opened in the demo court, where anybody may be anyone
	Ends  time.Time `json:"ends"`
}

// Keeper opens sessions and knows them again. It keeps nothing but its key, so
// that a restart signs nobody out. Safe for concurrent use.
type Keeper struct {
	key []byte
	now func() time.Time
}

// NewKeeper makes a keeper of the key (at least 16 bytes, secret); now is the
// clock by which sessions end.
func NewKeeper(key []byte, now func() time.Time) (*Keeper, error) {
	if len(key) < 16 {
		return nil, errors.New("the key that signs sessions is shorter than 16 bytes")
	}
	return &Keeper{key, now}, nil
}

// Open opens a session for the actor; demo marks one of the demo court.
func (k *Keeper) Open(a Actor, demo bool) Session {
	return Session{ID: random(16), Actor: a, Demo: demo, Ends: k.now().Add(Lasting)}
}

// Seal writes the session as a cookie's value.
func (k *Keeper) Seal(s Session) string {
	b, err := json.Marshal(s)
	if err != nil {
		panic("auth: " + err.Error()) // strings and a time always marshal
	}
	body := base64.RawURLEncoding.EncodeToString(b)
	return body + "." + base64.RawURLEncoding.EncodeToString(k.sign("session", body))
}

// Read reads what Seal wrote. Error: ErrSession.
func (k *Keeper) Read(sealed string) (Session, error) {
	body, mark, _ := strings.Cut(sealed, ".")
	sum, err := base64.RawURLEncoding.DecodeString(mark)
	if err != nil || !hmac.Equal(sum, k.sign("session", body)) {
		return Session{}, ErrSession
	}
	b, err := base64.RawURLEncoding.DecodeString(body)
	if err != nil {
		return Session{}, ErrSession
	}
	var s Session
	if err := json.Unmarshal(b, &s); err != nil || !k.now().Before(s.Ends) {
		return Session{}, ErrSession
	}
	return s, nil
}

// FormToken is a mark that only pages of this session carry. It looks different
// every time, so that a compressed page tells nothing about it (BREACH).
func (k *Keeper) FormToken(s Session) string {
	mask := make([]byte, sha256.Size)
	rand.Read(mask)
	hidden := make([]byte, sha256.Size)
	subtle.XORBytes(hidden, mask, k.sign("form", s.ID))
	return base64.RawURLEncoding.EncodeToString(append(mask, hidden...))
}

// KnowsForm tells whether the token is one of the session's.
func (k *Keeper) KnowsForm(s Session, token string) bool {
	b, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil || len(b) != 2*sha256.Size || s.ID == "" {
		return false
	}
	subtle.XORBytes(b[sha256.Size:], b[:sha256.Size], b[sha256.Size:])
	return hmac.Equal(b[sha256.Size:], k.sign("form", s.ID))
}

// sign signs for one purpose: what is good for one is not good for another.
func (k *Keeper) sign(purpose, text string) []byte {
	m := hmac.New(sha256.New, k.key)
	m.Write([]byte(purpose + "\x00" + text))
	return m.Sum(nil)
}

func random(n int) string {
	b := make([]byte, n)
	rand.Read(b)
	return base64.RawURLEncoding.EncodeToString(b)
}
