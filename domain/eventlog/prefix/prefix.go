// Package prefix remembers, for engines in which others write too, how far
// streams are known: a head each had, and which commit ids stand up to it. A
// stream may have gone on since; but what stood up to a head stands for ever,
// and a stream that is shown shorter than it was known is not to be believed.
package prefix

import (
	"container/list"
	"hash/maphash"
	"sync"

	"doorstep/domain/eventlog"
)

// RememberedIDs is a good bound for New: some forty megabytes.
const RememberedIDs = 1 << 20

// Known is what is remembered of the streams used last. Safe for concurrent use.
type Known struct {
	seed maphash.Seed

	mu      sync.Mutex
	limit   int
	ids     int
	order   *list.List // of *prefix; front: used last
	streams map[string]*list.Element
}

// prefix is one stream as far as it is known.
type prefix struct {
	stream string
	head   eventlog.Head
	ids    map[uint64]struct{} // hashes: a hit is looked up, a miss is certain
}

// New remembers at most limit commit ids, over all streams. A stream that fell
// out is to be read again when it is needed.
func New(limit int) *Known {
	return &Known{seed: maphash.MakeSeed(), limit: limit, order: list.New(), streams: map[string]*list.Element{}}
}

// Look gives how far the stream is known, the zero Head when it is not, and
// whether the id may stand in that much of it.
func (k *Known) Look(stream, id string) (eventlog.Head, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	el, ok := k.streams[stream]
	if !ok {
		return eventlog.Head{}, false
	}
	k.order.MoveToFront(el)
	p := el.Value.(*prefix)
	_, seen := p.ids[maphash.String(k.seed, id)]
	return p.head, seen
}

// Learn adds the commits that stand between after and head. What does not join
// on to what is known is left aside.
func (k *Known) Learn(stream string, after, head eventlog.Head, ids ...string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	el, ok := k.streams[stream]
	switch {
	case !ok && (after.Exists() || !head.Exists()):
		return
	case !ok:
		el = k.order.PushFront(&prefix{stream: stream, ids: make(map[uint64]struct{}, len(ids))})
		k.streams[stream] = el
	}
	p := el.Value.(*prefix)
	if p.head != after || p.head.Length >= head.Length {
		return
	}
	p.head = head
	for _, id := range ids {
		p.ids[maphash.String(k.seed, id)] = struct{}{}
		k.ids++
	}
	for k.ids > k.limit && k.order.Len() > 1 { // the one used last stays, however long it is
		k.drop(k.order.Back())
	}
}

func (k *Known) drop(el *list.Element) {
	p := el.Value.(*prefix)
	k.ids -= int(p.head.Length)
	k.order.Remove(el)
	delete(k.streams, p.stream)
}
