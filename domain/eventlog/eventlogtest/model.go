package eventlogtest

import (
	"errors"
	"fmt"
	"testing"

	"doorstep/domain/eventlog"

	"pgregory.net/rapid"
)

// plainest is the log as one would explain it: a list of commits per stream.
type plainest map[string][]eventlog.Record

func (p plainest) head(stream string) eventlog.Head {
	if all := p[stream]; len(all) > 0 {
		return all[len(all)-1].Head
	}
	return eventlog.Head{}
}

// agreesWithModel does what chance says, to a log and to the plainest one, and
// compares every answer.
func agreesWithModel(t *testing.T, d desk) {
	run := 0
	rapid.Check(t, func(rt *rapid.T) {
		run++ // streams of this run are new, so that shrinking starts clean
		model := plainest{}
		names := []string{fmt.Sprintf("dispute-m%d-a", run), fmt.Sprintf("confirmation-m%d", run), fmt.Sprintf("dispute-m%d", run)}
		stream := rapid.SampledFrom(names)
		rt.Repeat(map[string]func(*rapid.T){
			"append": func(rt *rapid.T) { d.tryAppend(rt, model, stream.Draw(rt, "stream")) },
			"read": func(rt *rapid.T) {
				s := stream.Draw(rt, "stream")
				from := rapid.IntRange(0, len(model[s])).Draw(rt, "from")
				at := eventlog.Head{}
				if from > 0 {
					at = model[s][from-1].Head
				}
				d.agree(rt, s, at, model[s][from:])
			},
			"": func(*rapid.T) {},
		})
		for _, s := range names {
			d.agree(rt, s, eventlog.Head{}, model[s])
		}
	})
}

// tryAppend appends at any head the stream has had, with an id new or used.
func (d desk) tryAppend(rt *rapid.T, model plainest, s string) {
	all := model[s]
	at, back := model.head(s), 0
	if len(all) > 0 {
		back = rapid.IntRange(0, min(3, len(all))).Draw(rt, "back")
		if k := len(all) - 1 - back; k >= 0 {
			at = all[k].Head
		} else {
			at = eventlog.Head{}
		}
	}
	id := fmt.Sprint("d", rapid.IntRange(0, 2*len(all)+1).Draw(rt, "id"))
	c := Commit(s, id, rapid.IntRange(1, 2).Draw(rt, "events"))
	r, err := d.Append(d.ctx, at, c)
	for _, kept := range all {
		if kept.ID != id {
			continue
		}
		if kept.SameDeed(c) && (err != nil || r.Position != kept.Position || r.Head != kept.Head) {
			rt.Fatalf("a retry of %s gives position %s and %v", id, r.Position, err)
		}
		if !kept.SameDeed(c) && !errors.Is(err, eventlog.ErrReused) {
			rt.Fatalf("reusing %s gives %v", id, err)
		}
		return
	}
	var conflict *eventlog.Conflict
	switch {
	case at != model.head(s):
		if !errors.As(err, &conflict) || conflict.Actual != model.head(s) {
			rt.Fatalf("appending %d behind gives %v", back, err)
		}
	case err != nil:
		rt.Fatalf("append: %v", err)
	default:
		if err := r.Follows(at); err != nil {
			rt.Fatal(err)
		}
		model[s] = append(all, r)
	}
}

func (d desk) agree(rt *rapid.T, s string, after eventlog.Head, want []eventlog.Record) {
	var got []eventlog.Record
	for r, err := range d.Read(d.ctx, s, after) {
		if err != nil {
			rt.Fatalf("read %s: %v", s, err)
		}
		got = append(got, r)
	}
	if len(got) != len(want) {
		rt.Fatalf("%s has %d records after version %d, want %d", s, len(got), after.Length, len(want))
	}
	for i := range want {
		if got[i].Position != want[i].Position || got[i].Head != want[i].Head {
			rt.Fatalf("%s version %d is another record", s, want[i].Version)
		}
	}
}
