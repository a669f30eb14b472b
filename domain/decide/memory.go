package decide

import (
	"container/list"
	"maps"
	"sync"

	"doorstep/domain/eventlog"
)

// remembered is a stream as the desk last saw it. It is never changed in place.
type remembered[S any] struct {
	state S
	head  eventlog.Head
	deeds map[string]eventlog.Position // by command id: a deed sent again finds itself
}

func (r remembered[S]) after(record eventlog.Record, state S) remembered[S] {
	deeds := make(map[string]eventlog.Position, len(r.deeds)+1)
	maps.Copy(deeds, r.deeds)
	deeds[record.ID] = record.Position
	return remembered[S]{state: state, head: record.Head, deeds: deeds}
}

// memory keeps the streams last used, at most limit of them.
type memory[S any] struct {
	mu      sync.Mutex
	limit   int
	order   *list.List // front: last used
	streams map[string]*list.Element
}

type slot[S any] struct {
	stream string
	remembered[S]
}

func newMemory[S any](limit int) *memory[S] {
	return &memory[S]{limit: max(limit, 1), order: list.New(), streams: make(map[string]*list.Element)}
}

func (m *memory[S]) recall(stream string) (remembered[S], bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	el, ok := m.streams[stream]
	if !ok {
		return remembered[S]{}, false
	}
	m.order.MoveToFront(el)
	return el.Value.(slot[S]).remembered, true
}

// keep remembers r unless something newer of that stream is remembered already.
func (m *memory[S]) keep(stream string, r remembered[S]) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if el, ok := m.streams[stream]; ok {
		if el.Value.(slot[S]).head.Length < r.head.Length {
			el.Value = slot[S]{stream, r}
		}
		m.order.MoveToFront(el)
		return
	}
	m.streams[stream] = m.order.PushFront(slot[S]{stream, r})
	if m.order.Len() > m.limit {
		last := m.order.Back()
		delete(m.streams, last.Value.(slot[S]).stream)
		m.order.Remove(last)
	}
}
