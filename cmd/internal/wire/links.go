package wire

import (
	"crypto/rand"
	"sync"
	"time"
)

// linkLife is how long a sign-in link is good.
const linkLife = 30 * time.Minute

// links are the one-time sign-in links of a server: until there are accounts,
// whoever runs the server is whom it lets in.
type links struct {
	now  func() time.Time
	base string

	mu     sync.Mutex
	tokens map[string]time.Time // and until when each is good
}

func newLinks(now func() time.Time, base string) *links {
	return &links{now: now, base: base, tokens: map[string]time.Time{}}
}

// New makes a link.
func (l *links) New() string {
	token := rand.Text()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.tokens[token] = l.now().Add(linkLife)
	return l.base + "/enter?token=" + token
}

// Use tells whether the token is good, and uses it up.
func (l *links) Use(token string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	until, known := l.tokens[token]
	delete(l.tokens, token)
	return known && l.now().Before(until)
}
