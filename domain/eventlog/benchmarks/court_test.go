package benchmarks

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"iter"
	"math/rand/v2"
	"time"

	"doorstep/domain/eventlog"
)

// underWay is how many disputes a court works on at once: a hundred thousand in
// a year, a month each. So the commits of one dispute lie between those of
// thousands of others.
const underWay = 8000

// perDispute is how many commits a dispute has in the mean; each has between
// four and ten.
const perDispute = 7

// stream names the i-th dispute as the program does, with a UUID.
func stream(i int) string {
	h := sha256.Sum256([]byte(fmt.Sprint("dispute ", i)))
	return fmt.Sprintf("dispute-0190%x-%x-7%x-8%x-%x", h[0:2], h[2:4], h[4:6], h[6:8], h[8:14])[:8+36]
}

// deed is a commit of some 600 bytes, as a session held is.
func deed(stream string, n int) eventlog.Commit {
	return eventlog.Commit{
		ID: fmt.Sprintf("6f1d2c3b4a59%020d", n), Stream: stream, Actor: "u-mediator-17", Workstation: "ws-yuhua-3",
		RecordedAt:  time.Date(2026, 3, 2, 1, 30, 0, n%1_000_000*1000, time.UTC),
		Correlation: "imp-2026-03-02", Causation: fmt.Sprintf("cmd-%024d", n),
		Events: []eventlog.Event{{
			Kind: "session-held", Version: 1, Happened: "2026-03-01T14:30",
			Payload: json.RawMessage(fmt.Sprintf(`{"session":%d,"room":"二楼调解室","present":["p-1","p-2"],"note":"双方就还款期限初步达成一致。","mediator":"m-104"}`, n)),
		}},
	}
}

// court gives n records as a court brings them about, the same ones each time.
// It counts the disputes begun.
type court struct {
	n        int
	disputes int
}

type dispute struct {
	name string
	head eventlog.Head
	left int
}

func (c *court) records() iter.Seq2[eventlog.Record, error] {
	return func(yield func(eventlog.Record, error) bool) {
		chance := rand.New(rand.NewPCG(1, 2))
		c.disputes = 0
		open := make([]dispute, min(underWay, max(1, c.n/perDispute/2)))
		for i := range c.n {
			d := &open[chance.IntN(len(open))]
			if d.left == 0 {
				*d = dispute{name: stream(c.disputes), left: 4 + chance.IntN(7)}
				c.disputes++
			}
			r, err := seal(d.head, deed(d.name, i))
			if !yield(r, err) || err != nil {
				return
			}
			d.head, d.left = r.Head, d.left-1
		}
	}
}

// seal makes the record that a log makes of the commit.
func seal(at eventlog.Head, c eventlog.Commit) (eventlog.Record, error) {
	c, sealed, err := eventlog.Seal(at, c)
	if err != nil {
		return eventlog.Record{}, err
	}
	return eventlog.Record{Commit: c, Sealed: sealed, Head: eventlog.Head{Length: at.Length + 1, Hash: sha256.Sum256(sealed)}}, nil
}
