package standin

import (
	"cmp"
	"slices"
	"sync"
	"time"
)

// event is one event as it is kept.
type event struct {
	stream, id, kind, content string
	revision, position        uint64
	created                   int64 // ticks of 100 ns since 1970
	data, about               []byte
	hidden                    bool // from who reads everything
}

// database is what all nodes serve.
type database struct {
	mu         sync.Mutex
	events     []*event
	streams    map[string][]*event
	begins     map[string]uint64 // first revision that a soft delete left
	tombstones map[string]bool
	tail       uint64        // position of the next event
	appends    int           // so far
	grown      chan struct{} // closed and made anew whenever somebody may see more
}

func newDatabase() *database {
	d := &database{streams: map[string][]*event{}, begins: map[string]uint64{}, tombstones: map[string]bool{}, grown: make(chan struct{})}
	d.put("$settings", &event{kind: "$metadata", content: "application/json", data: []byte("{}")})
	return d
}

// put keeps an event at the stream's end.
func (d *database) put(stream string, e *event) *event {
	e.stream, e.revision, e.position = stream, uint64(len(d.streams[stream])), d.tail
	e.created = time.Now().UnixNano() / 100
	d.tail += uint64(96 + len(stream) + len(e.data))
	d.streams[stream] = append(d.streams[stream], e)
	d.events = append(d.events, e)
	return e
}

// Expectations that are no revision.
const (
	expectAny    = -2
	expectNone   = -1
	expectExists = -4
)

// result is what an append comes to.
type result struct {
	conflict, deleted bool
	current           int64 // the stream's last revision
	position          uint64
}

// append keeps the events if the stream stands as expected. What it does with
// ids is the server's own way.
func (d *database) append(stream string, expected int64, events []*event) result {
	d.mu.Lock()
	defer d.mu.Unlock()
	all := d.streams[stream]
	current := int64(len(all)) - 1
	switch {
	case d.tombstones[stream]:
		return result{deleted: true}
	case expected == expectExists && current < 0:
		return result{conflict: true, current: current}
	case expected == expectNone && d.begins[stream] > 0 && d.begins[stream] == uint64(len(all)): // softly deleted: none again
	case expected == expectAny || expected == expectExists || expected == current:
	case expected < current && repeats(all[expected+1:], events):
		last := all[expected+int64(len(events))]
		return result{current: int64(last.revision), position: last.position}
	default:
		return result{conflict: true, current: current}
	}
	var last *event
	for _, e := range events {
		last = d.put(stream, e)
	}
	d.appends++
	if d.appends%3 == 0 { // the server writes, too
		d.put("$stats-0", &event{kind: "$statsCollected", content: "application/json", data: []byte("{}")})
	}
	d.wake()
	if last == nil {
		return result{current: current}
	}
	return result{current: int64(last.revision), position: last.position}
}

// repeats tells whether the events that stand there are those, by their ids.
func repeats(stand, events []*event) bool {
	return len(events) > 0 && len(stand) >= len(events) && slices.EqualFunc(stand[:len(events)], events, func(a, b *event) bool { return a.id == b.id })
}

func (d *database) wake() {
	close(d.grown)
	d.grown = make(chan struct{})
}

// view is what the node sees now, and what tells that it may see more.
func (d *database) view(n *node) (events []*event, all bool, grown <-chan struct{}) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if n.frozen {
		return d.events[:min(n.sees, len(d.events))], n.sees >= len(d.events), d.grown
	}
	return d.events, true, d.grown
}

// stream is what the node sees of one stream.
func (d *database) stream(n *node, name string) (events []*event, begins uint64, tombstone bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	events = d.streams[name]
	if n.frozen && n.sees < len(d.events) {
		i, _ := slices.BinarySearchFunc(events, d.events[n.sees].position, byPosition)
		events = events[:i]
	}
	return events, d.begins[name], d.tombstones[name]
}

func byPosition(e *event, at uint64) int { return cmp.Compare(e.position, at) }

func (d *database) freeze(n *node, frozen bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if frozen && !n.frozen {
		n.sees = len(d.events)
	}
	n.frozen = frozen
	d.wake()
}

// Write keeps an event as somebody else would: at the end of whatever stream.
func (c *Cluster) Write(stream, kind string, data []byte) {
	c.db.mu.Lock()
	defer c.db.mu.Unlock()
	c.db.put(stream, &event{id: stream + kind, kind: kind, content: "application/json", data: data})
	c.db.wake()
}

// Alter changes what is kept at the stream's revision.
func (c *Cluster) Alter(stream string, revision int, change func([]byte) []byte) {
	c.db.mu.Lock()
	defer c.db.mu.Unlock()
	c.db.replace(stream, revision, func(e *event) { e.data = change(slices.Clone(e.data)) })
}

// replace puts a changed copy in the event's place; who has a view keeps it.
func (d *database) replace(stream string, revision int, change func(*event)) {
	old := d.streams[stream][revision]
	e := *old
	change(&e)
	d.streams[stream] = slices.Clone(d.streams[stream])
	d.streams[stream][revision] = &e
	d.events = slices.Clone(d.events)
	d.events[slices.Index(d.events, old)] = &e
}

// Hide keeps the event from who reads everything, though not from who reads its
// stream.
func (c *Cluster) Hide(stream string, revision int) {
	c.db.mu.Lock()
	defer c.db.mu.Unlock()
	c.db.replace(stream, revision, func(e *event) { e.hidden = true })
}

// Rewind takes away all but the first n events of the stream and whatever came
// after them, as when an old backup is put in the database's place. n 0 leaves
// none of it.
func (c *Cluster) Rewind(stream string, n int) {
	c.db.mu.Lock()
	defer c.db.mu.Unlock()
	from := slices.Index(c.db.events, c.db.streams[stream][n])
	for _, e := range c.db.events[from:] {
		all := c.db.streams[e.stream]
		c.db.streams[e.stream] = slices.DeleteFunc(slices.Clone(all), func(x *event) bool { return x == e })
	}
	c.db.events = slices.Clone(c.db.events[:from])
	c.db.wake()
}
