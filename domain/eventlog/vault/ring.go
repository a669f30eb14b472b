package vault

import (
	"container/list"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"maps"
	"slices"
	"sync"

	"doorstep/domain/eventlog/sealed"
)

// ring is the keys of one case: of each person and purpose one, nil where it was
// destroyed. It is never changed in place.
type ring map[sealed.Whose][]byte

// with is the ring with keys for those that have none yet.
func (r ring) with(names []sealed.Whose) ring {
	next := make(ring, len(r)+len(names))
	maps.Copy(next, r)
	for _, w := range names {
		if _, known := next[w]; !known {
			key := make([]byte, sealed.KeySize)
			rand.Read(key) // never fails
			next[w] = key
		}
	}
	return next
}

// without is the ring with the keys of these persons destroyed, and how many
// were.
func (r ring) without(persons []string) (ring, int) {
	next, n := make(ring, len(r)), 0
	for w, key := range r {
		if key != nil && slices.Contains(persons, w.Person) {
			key = nil
			n++
		}
		next[w] = key
	}
	return next, n
}

// key finds one. Errors: ErrErased, ErrKeyMissing.
func (r ring) key(w sealed.Whose) ([]byte, error) {
	key, known := r[w]
	switch {
	case !known:
		return nil, ErrKeyMissing
	case key == nil:
		return nil, ErrErased
	}
	return key, nil
}

// written is the ring as bytes: of each key its name, each part with its length,
// and the key, or nothing.
func (r ring) written() []byte {
	names := slices.SortedFunc(maps.Keys(r), func(a, b sealed.Whose) int {
		if a.String() < b.String() {
			return -1
		}
		return 1
	})
	var b []byte
	for _, w := range names {
		for _, part := range []string{w.Person, w.Purpose, string(r[w])} {
			b = binary.AppendUvarint(b, uint64(len(part)))
			b = append(b, part...)
		}
	}
	return b
}

var errRing = errors.New("a ring of keys cannot be read")

func readRing(b []byte) (ring, error) {
	r := ring{}
	for len(b) > 0 {
		var parts [3]string
		for i := range parts {
			n, used := binary.Uvarint(b)
			if used <= 0 || n > uint64(len(b)-used) {
				return nil, errRing
			}
			parts[i], b = string(b[used:used+int(n)]), b[used+int(n):]
		}
		w := sealed.Whose{Person: parts[0], Purpose: parts[1]}
		switch len(parts[2]) {
		case 0:
			r[w] = nil
		case sealed.KeySize:
			r[w] = []byte(parts[2])
		default:
			return nil, errRing
		}
	}
	return r, nil
}

// wrap encrypts what lies in the keys' store under a key of its own, bound to its
// name (AES-256-GCM, random nonce: far fewer than 2^32 are ever made).
func wrap(under []byte, name string, b []byte) []byte {
	nonce := make([]byte, 12)
	rand.Read(nonce)
	return gcm(under).Seal(nonce, nonce, b, []byte(name))
}

func unwrap(under []byte, name string, b []byte) ([]byte, error) {
	if len(b) < 12 {
		return nil, errRing
	}
	return gcm(under).Open(nil, b[:12], b[12:], []byte(name))
}

func gcm(key []byte) cipher.AEAD {
	block, err := aes.NewCipher(key)
	if err == nil {
		if aead, err := cipher.NewGCM(block); err == nil {
			return aead
		}
	}
	panic("vault: a key of another length")
}

// mostRings is how many rings stay in memory: about 1 KB each.
const mostRings = 16384

// cache keeps the rings last used.
type cache struct {
	mu    sync.Mutex
	order *list.List // front: last used
	rings map[string]*list.Element
	wiped uint64 // how often keys were destroyed
}

type slot struct {
	id   string
	ring ring
}

func newCache() *cache { return &cache{order: list.New(), rings: map[string]*list.Element{}} }

func (c *cache) get(id string) (ring, bool, uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	el, ok := c.rings[id]
	if !ok {
		return nil, false, c.wiped
	}
	c.order.MoveToFront(el)
	return el.Value.(slot).ring, true, c.wiped
}

// keep takes a ring in that was read when keys had been destroyed so often; one
// read before the last destruction is not kept.
func (c *cache) keep(id string, r ring, wiped uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if wiped == c.wiped {
		c.put(id, r)
	}
}

// put is keep with the lock held.
func (c *cache) put(id string, r ring) {
	if el, ok := c.rings[id]; ok {
		el.Value = slot{id, r}
		c.order.MoveToFront(el)
		return
	}
	c.rings[id] = c.order.PushFront(slot{id, r})
	if c.order.Len() > mostRings {
		last := c.order.Back()
		delete(c.rings, last.Value.(slot).id)
		c.order.Remove(last)
	}
}

// wipe forgets a ring whose keys were destroyed.
func (c *cache) wipe(id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.wiped++
	if el, ok := c.rings[id]; ok {
		delete(c.rings, id)
		c.order.Remove(el)
	}
}
