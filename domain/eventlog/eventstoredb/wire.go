package eventstoredb

import (
	"fmt"
	"math"
	"regexp"
	"strings"

	"doorstep/domain/eventlog"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
	"github.com/google/uuid"
)

// commitType is the type of every event that is a commit.
const commitType = "commit"

// all is as many records as a read may give. Some servers keep the number in 32
// bits with a sign.
const all = 1 << 30

// streamForm is how streams of ours are called.
var streamForm = regexp.MustCompile(`^[a-z]+-[A-Za-z0-9_-]{1,64}$`)

// expecting begins an append: to be kept only if the stream stands at the head.
// There is no way to ask for less.
func expecting(stream string, at eventlog.Head) *streams.AppendReq {
	o := &streams.AppendReq_Options{
		StreamIdentifier:       &shared.StreamIdentifier{StreamName: []byte(stream)},
		ExpectedStreamRevision: &streams.AppendReq_Options_NoStream{NoStream: &shared.Empty{}},
	}
	if at.Exists() {
		o.ExpectedStreamRevision = &streams.AppendReq_Options_Revision{Revision: at.Revision.Token()}
	}
	return &streams.AppendReq{Content: &streams.AppendReq_Options_{Options: o}}
}

// event is what an append sends to be kept.
func event(kind string, id uuid.UUID, data []byte) *streams.AppendReq {
	return &streams.AppendReq{Content: &streams.AppendReq_ProposedMessage_{ProposedMessage: &streams.AppendReq_ProposedMessage{
		Id:       &shared.UUID{Value: &shared.UUID_String_{String_: id.String()}},
		Metadata: map[string]string{"type": kind, "content-type": "application/json"},
		Data:     data,
	}}}
}

// commits is the space of the event ids below.
var commits = uuid.MustParse("6f0d5a0e-2f0b-5c1c-9a55-5d5f3f6f3b0e")

// eventID names a commit to the server, which takes an append at a revision
// where an event of that id stands for the same append come again. It is made
// from the stream and the sealed bytes, commit id and all: two appends of one
// commit id that differ in anything must not pass for each other, for the
// server keeps the first and would acknowledge the second.
func eventID(stream string, sealed []byte) uuid.UUID {
	return uuid.NewSHA1(commits, append([]byte(stream+"\n"), sealed...))
}

// forwards asks for a stream from a revision on.
func forwards(stream string, from uint64) *streams.ReadReq_Options {
	return &streams.ReadReq_Options{
		StreamOption: &streams.ReadReq_Options_Stream{Stream: &streams.ReadReq_Options_StreamOptions{
			StreamIdentifier: &shared.StreamIdentifier{StreamName: []byte(stream)},
			RevisionOption:   &streams.ReadReq_Options_StreamOptions_Revision{Revision: from},
		}},
		ReadDirection: streams.ReadReq_Options_Forwards,
		CountOption:   &streams.ReadReq_Options_Count{Count: all},
		FilterOption:  &streams.ReadReq_Options_NoFilter{NoFilter: &shared.Empty{}},
	}
}

// backwards asks for everything in the database, from its end.
func backwards() *streams.ReadReq_Options {
	return &streams.ReadReq_Options{
		StreamOption: &streams.ReadReq_Options_All{All: &streams.ReadReq_Options_AllOptions{
			AllOption: &streams.ReadReq_Options_AllOptions_End{End: &shared.Empty{}},
		}},
		ReadDirection: streams.ReadReq_Options_Backwards,
		CountOption:   &streams.ReadReq_Options_Count{Count: all},
		FilterOption:  &streams.ReadReq_Options_NoFilter{NoFilter: &shared.Empty{}},
	}
}

// place is a position as the server tells it.
type place struct{ commit, prepare uint64 }

// standing asks for the one record at the position.
func standing(at place) *streams.ReadReq_Options {
	o := backwards()
	o.StreamOption = from(at)
	o.ReadDirection = streams.ReadReq_Options_Forwards
	o.CountOption = &streams.ReadReq_Options_Count{Count: 1}
	return o
}

// following asks for everything after the position but what the server keeps
// for itself, and for what comes.
func following(after place) *streams.ReadReq_Options {
	return &streams.ReadReq_Options{
		StreamOption:  from(after),
		ReadDirection: streams.ReadReq_Options_Forwards,
		CountOption:   &streams.ReadReq_Options_Subscription{Subscription: &streams.ReadReq_Options_SubscriptionOptions{}},
		FilterOption: &streams.ReadReq_Options_Filter{Filter: &streams.ReadReq_Options_FilterOptions{
			Filter: &streams.ReadReq_Options_FilterOptions_StreamIdentifier{
				StreamIdentifier: &streams.ReadReq_Options_FilterOptions_Expression{Regex: `^[^\$]`},
			},
			Window:                       &streams.ReadReq_Options_FilterOptions_Max{Max: 512},
			CheckpointIntervalMultiplier: 4,
		}},
	}
}

func from(at place) *streams.ReadReq_Options_All {
	if at == (place{}) {
		return &streams.ReadReq_Options_All{All: &streams.ReadReq_Options_AllOptions{
			AllOption: &streams.ReadReq_Options_AllOptions_Start{Start: &shared.Empty{}},
		}}
	}
	return &streams.ReadReq_Options_All{All: &streams.ReadReq_Options_AllOptions{
		AllOption: &streams.ReadReq_Options_AllOptions_Position{
			Position: &streams.ReadReq_Options_Position{CommitPosition: at.commit, PreparePosition: at.prepare},
		},
	}}
}

// stored is an event as the database gives it.
type stored struct {
	stream, kind string
	revision     uint64
	at           place
	placed       bool // whether at was told
	data         []byte
}

// storedOf gives the event in a frame, if that is what it holds.
func storedOf(frame *streams.ReadResp) (stored, bool) {
	e := frame.GetEvent().GetEvent()
	if e == nil {
		return stored{}, false
	}
	s := stored{
		stream: string(e.GetStreamIdentifier().GetStreamName()), kind: e.GetMetadata()["type"], revision: e.GetStreamRevision(),
		at: place{e.GetCommitPosition(), e.GetPreparePosition()}, data: e.GetData(),
	}
	s.placed = s.at.commit != math.MaxUint64
	return s, true
}

// systems tells what the server keeps for itself.
func (s stored) systems() bool { return strings.HasPrefix(s.stream, "$") }

// open reads a record that must stand in a stream of ours.
func (s stored) open() (eventlog.Record, error) {
	where := fmt.Sprintf("%s revision %d", s.stream, s.revision)
	if s.kind != commitType {
		return eventlog.Record{}, fmt.Errorf("%w: %s is an event of type %q and not a commit", eventlog.ErrCorrupt, where, s.kind)
	}
	if !s.placed {
		return eventlog.Record{}, fmt.Errorf("%w: the database does not tell where %s stands", eventlog.ErrUnavailable, where)
	}
	r, err := eventlog.Open(s.data)
	if err != nil {
		return r, fmt.Errorf("%s: %w", where, err)
	}
	if r.Stream != s.stream || r.Version < 0 || uint64(r.Version) != s.revision {
		return r, fmt.Errorf("%w: at %s stands a record that belongs elsewhere", eventlog.ErrCorrupt, where)
	}
	r.Position, r.Head.Revision = eventlog.PositionAt(s.at.commit), eventlog.RevisionAt(s.revision)
	return r, nil
}
