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
// remembered holds every record up to the last that was noted; where that
// cannot be sure it forgets.
type known struct {
	seed maphash.Seed

	mu      sync.Mutex
	limit   int
	ids     int
	order   *list.List // of *stand; front: used last
	streams map[string]*list.Element
	reads   map[string]*reading // the streams that are being read now
	noted   uint64              // sequence number of the last record that was noted
	losses  uint64              // counts how often everything was forgotten
}

// reading is a stream that is being read by somebody.
type reading struct {
	readers int
	head    eventlog.Head // the last that was noted meanwhile
	losses  uint64        // known's when the first reader began
}

// stand is one stream.
type stand struct {
	stream string
	head   eventlog.Head
	ids    map[uint64]struct{} // hashes: a hit is looked up, a miss is certain
}

func newKnown(limit int) *known {
	return &known{seed: maphash.MakeSeed(), limit: limit, order: list.New(), streams: map[string]*list.Element{}, reads: map[string]*reading{}}
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

// stands tells whether the stream is known to stand at the head and every
// record up to the sequence number was noted: then it holds nothing more that
// anybody can have been shown.
func (k *known) stands(stream string, at eventlog.Head, shown uint64) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	el, ok := k.streams[stream]
	if !ok || el.Value.(*stand).head != at || k.noted < shown {
		return false
	}
	k.order.MoveToFront(el)
	return true
}

// begin is to be called before a stream is read, learn with what was read if it
// was read to its end, and end when that is over.
func (k *known) begin(stream string) *reading {
	k.mu.Lock()
	defer k.mu.Unlock()
	r, ok := k.reads[stream]
	if !ok {
		r = &reading{losses: k.losses}
		k.reads[stream] = r
	}
	r.readers++
	return r
}

// end is for who called begin.
func (k *known) end(stream string, r *reading) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if r.readers--; r.readers == 0 {
		delete(k.reads, stream)
	}
}

// note adds the commit that was kept behind at. It is called in the log's order.
func (k *known) note(stream, id string, at, head eventlog.Head) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.noted = head.Revision.Token()
	if r, ok := k.reads[stream]; ok {
		r.head = head
	}
	el, ok := k.streams[stream]
	switch {
	case !ok && !at.Exists():
		k.put(&stand{stream, head, map[uint64]struct{}{k.hash(id): {}}})
		k.trim()
	case !ok: // known again when it is read again
	case el.Value.(*stand).head == at:
		s := el.Value.(*stand)
		s.head = head
		k.add(s, id)
		k.trim()
	case el.Value.(*stand).head.Length < head.Length:
		k.drop(el)
	}
}

// learn adds what was read of the stream from after up to head, unless more of
// it was noted while it was read: a stream may have been known, grown and been
// let go of meanwhile, and what was read is then old.
func (k *known) learn(r *reading, stream string, after, head eventlog.Head, ids []string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if r.losses != k.losses || r.head.Length > head.Length || !head.Exists() {
		return
	}
	el, ok := k.streams[stream]
	switch {
	case ok && el.Value.(*stand).head.Length >= head.Length:
		return
	case ok && el.Value.(*stand).head != after:
		k.drop(el)
		return
	case !ok && after.Exists():
		return
	case !ok:
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
	k.losses++
}
