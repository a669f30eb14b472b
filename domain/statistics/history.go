package statistics

import (
	"slices"
	"time"

	"doorstep/domain/calendar"
)

// History is what is known of one dispute, as far as anything is counted by
// it. The zero History knows nothing.
type History struct {
	known   time.Time // since when it is known as it stands
	entries []entry   // in the order in which they were recorded
}

// kind is what an entry tells; the numbers are the stored form.
type kind byte

const (
	filed       kind = 1  // at a station, for a cause
	delegated   kind = 2  // to an organisation
	declined    kind = 3  // by an organisation
	accepted    kind = 4  // by an organisation
	held        kind = 5  // a session
	succeeded   kind = 6  // ended with an agreement in effect
	terminated  kind = 7  // ended on a ground
	returned    kind = 8  // the application went back
	transferred kind = 9  // to a station
	applied     kind = 10 // for confirmation
	confirmed   kind = 11 // by the court
	last             = confirmed
)

// entry is one thing that happened on a day.
type entry struct {
	kind       kind
	day        calendar.Date
	place      string // station or organisation
	cause      string
	ground     int
	audioVideo bool // meant to be held, or held, by video or mixed
}

// News is what one commit tells of a dispute: its methods are the things that
// can be told, in the order in which they are recorded.
type News struct {
	entries     []entry
	corrections []correction
}

// correction is what an entry should have said. It is no event of the dispute's
// life: from its recording on the entry counts as if it had always said so.
type correction struct {
	after int // entries told before it by the same commit
	is    func(*entry)
}

func (n *News) tell(e entry) { n.entries = append(n.entries, e) }

// Filed: registered (登记) at a workstation, for a cause.
func (n *News) Filed(day calendar.Date, station, cause string) {
	n.tell(entry{kind: filed, day: day, place: station, cause: cause})
}

// Delegated: offered to an organisation (委派).
func (n *News) Delegated(day calendar.Date, organisation string) {
	n.tell(entry{kind: delegated, day: day, place: organisation})
}

// Declined: the organisation did not take it.
func (n *News) Declined(day calendar.Date, organisation string) {
	n.tell(entry{kind: declined, day: day, place: organisation})
}

// Accepted: the organisation took it (接受委派); whether it is meant to be
// mediated by audio and video counts until a session is held.
func (n *News) Accepted(day calendar.Date, organisation string, audioVideo bool) {
	n.tell(entry{kind: accepted, day: day, place: organisation, audioVideo: audioVideo})
}

// Held: a session was, by audio and video or not.
func (n *News) Held(day calendar.Date, audioVideo bool) {
	n.tell(entry{kind: held, day: day, audioVideo: audioVideo})
}

// Succeeded: mediation ended on that day with an agreement in effect.
func (n *News) Succeeded(day calendar.Date) { n.tell(entry{kind: succeeded, day: day}) }

// Terminated: mediation ended on that day on a ground.
func (n *News) Terminated(day calendar.Date, ground int) {
	n.tell(entry{kind: terminated, day: day, ground: ground})
}

// Returned: the application went back.
func (n *News) Returned(day calendar.Date) { n.tell(entry{kind: returned, day: day}) }

// Transferred: another workstation holds it from that day on.
func (n *News) Transferred(day calendar.Date, station string) {
	n.tell(entry{kind: transferred, day: day, place: station})
}

// Applied: confirmation of the agreement was applied for.
func (n *News) Applied(day calendar.Date) { n.tell(entry{kind: applied, day: day}) }

// Confirmed: the court confirmed the agreement.
func (n *News) Confirmed(day calendar.Date) { n.tell(entry{kind: confirmed, day: day}) }

// CorrectCause: it was always for this cause.
func (n *News) CorrectCause(cause string) {
	n.correct(func(e *entry) {
		if e.kind == filed {
			e.cause = cause
		}
	})
}

// CorrectMode: all that was held so far was by audio and video, or was not.
func (n *News) CorrectMode(audioVideo bool) {
	n.correct(func(e *entry) {
		if e.kind == accepted || e.kind == held {
			e.audioVideo = audioVideo
		}
	})
}

// CorrectFiled, CorrectAccepted and CorrectEnded: it happened on this day.
func (n *News) CorrectFiled(day calendar.Date)    { n.correctDay(day, filed) }
func (n *News) CorrectAccepted(day calendar.Date) { n.correctDay(day, accepted) }
func (n *News) CorrectEnded(day calendar.Date)    { n.correctDay(day, succeeded, terminated, returned) }

func (n *News) correctDay(day calendar.Date, kinds ...kind) {
	n.correct(func(e *entry) {
		for _, k := range kinds {
			if e.kind == k {
				e.day = day
			}
		}
	})
}

func (n *News) correct(is func(*entry)) {
	n.corrections = append(n.corrections, correction{len(n.entries), is})
}

// Empty tells whether the news change no number.
func (n *News) Empty() bool { return len(n.entries) == 0 && len(n.corrections) == 0 }

// KnownSince is the moment at which the history came to be known as it stands.
func (h History) KnownSince() time.Time { return h.known }

// Learn takes in what was recorded at a moment and gives the facts that it
// adds: they hold for whoever asks what was known at KnownSince or later. A
// record whose clock ran behind that of the record before it in the history is
// known only together with that one, so that what is known only ever grows.
func (h *History) Learn(recorded time.Time, n News) []Fact {
	before := h.Facts()
	if recorded.After(h.known) {
		h.known = recorded
	}
	old := len(h.entries)
	h.entries = append(slices.Clone(h.entries), n.entries...)
	for _, c := range n.corrections {
		for i := range old + c.after {
			c.is(&h.entries[i])
		}
	}
	return minus(h.Facts(), before)
}
