package jetstream

import (
	"container/list"
	"hash/maphash"
	"sync"

	"doorstep/domain/eventlog"
)

// rememberedIDs bounds the commit ids kept in memory, over all streams: at some
// 450 bytes for a stream of one commit, thirty megabytes. A stream that fell
// out is read again when it is needed.
const rememberedIDs = 1 << 16

// known is what the log remembers of the streams used last: where each stands
// and which commit ids it holds. This process alone writes the log, so what is
// remembered is what is there; where that cannot be sure it forgets.
type known struct {
	seed maphash.Seed

	mu       sync.Mutex
	limit    int
	ids      int
	order    *list.List // of *stand; front: used last
	streams  map[string]*list.Element
	unsorted uint64 // counts records that could not be added to what is known
}

// stand is one stream.
type stand struct {
	stream string
	head   eventlog.Head
	ids    map[uint64]struct{} // hashes: a hit is looked up, a miss is certain
}

func newKnown(limit int) *known {
	return &known{seed: maphash.MakeSeed(), limit: limit, order: list.New(), streams: map[string]*list.Element{}}
}

func (k *known) hash(id string) uint64 { return maphash.String(k.seed, id) }

// look gives where the stream stands, the zero Head when that is not known, and
// whether the id may be one of its commits.
func (k *known) look(stream, id string) (eventlog.Head, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	el, ok := k.streams[stream]
	if !ok {
		return eventlog.Head{}, false
	}
	k.order.MoveToFront(el)
	s := el.Value.(*stand)
	_, seen := s.ids[k.hash(id)]
	return s.head, seen
}

// generation is to be taken before reading a stream and given to learn after.
func (k *known) generation() uint64 {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.unsorted
}

// note adds the commit that was kept behind at. It is called in the log's order.
func (k *known) note(stream, id string, at, head eventlog.Head) {
	k.mu.Lock()
	defer k.mu.Unlock()
	el, ok := k.streams[stream]
	switch {
	case !ok && !at.Exists():
		k.put(&stand{stream, head, map[uint64]struct{}{k.hash(id): {}}})
		k.trim()
	case !ok:
		k.unsorted++
	case el.Value.(*stand).head == at:
		s := el.Value.(*stand)
		s.head = head
		k.add(s, id)
		k.trim()
	case el.Value.(*stand).head.Length < head.Length:
		k.drop(el)
		k.unsorted++
	}
}

// learn adds what was read of the stream from after up to head. It is ignored
// when the log moved on meanwhile in a way that could not be noted.
func (k *known) learn(stream string, after, head eventlog.Head, ids []string, generation uint64) {
	k.mu.Lock()
	defer k.mu.Unlock()
	el, ok := k.streams[stream]
	if ok && el.Value.(*stand).head.Length >= head.Length {
		return
	}
	if ok && (generation != k.unsorted || el.Value.(*stand).head != after) {
		k.drop(el)
		return
	}
	if !ok && (generation != k.unsorted || after.Exists() || !head.Exists()) {
		return
	}
	if !ok {
		el = k.put(&stand{stream, head, make(map[uint64]struct{}, len(ids))})
	}
	s := el.Value.(*stand)
	s.head = head
	for _, id := range ids {
		k.add(s, id)
	}
	k.trim()
}

func (k *known) add(s *stand, id string) {
	before := len(s.ids)
	s.ids[k.hash(id)] = struct{}{}
	k.ids += len(s.ids) - before
}

func (k *known) put(s *stand) *list.Element {
	k.ids += len(s.ids)
	el := k.order.PushFront(s)
	k.streams[s.stream] = el
	return el
}

// trim lets go of the streams used longest ago; the one used last stays,
// however long it is.
func (k *known) trim() {
	for k.ids > k.limit && k.order.Len() > 1 {
		k.drop(k.order.Back())
	}
}

func (k *known) drop(el *list.Element) {
	s := el.Value.(*stand)
	k.ids -= len(s.ids)
	k.order.Remove(el)
	delete(k.streams, s.stream)
}

// forgetAll is for when an answer of the server was lost.
func (k *known) forgetAll() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.order.Init()
	clear(k.streams)
	k.ids = 0
	k.unsorted++
}
