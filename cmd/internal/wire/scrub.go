package wire

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/time/rate"

	"doorstep/domain/eventlog"
	"doorstep/domain/eventlog/tlog"
	"doorstep/projections/ledger"
	"doorstep/projections/viewfile"
)

// How the record is read again while people work, where Serving says nothing
// else. At four MiB a second a million ordinary commits take some minutes.
const (
	scrubEvery = 7 * 24 * time.Hour
	scrubRate  = 4 << 20
)

// scrubStep is how many commits are read between two comparisons of the roots:
// a tile, so that the ledger has them at hand.
const scrubStep = tlog.Width

// ErrFound is given when a scrub found the record damaged: the court is not
// served before somebody has looked.
var ErrFound = errors.New("a scrub found the record damaged")

// scrubState is what is remembered of scrubs and verifications, in scrub.json.
type scrubState struct {
	After     uint64    `json:"after"`           // position to which the pass under way has come
	Numbering string    `json:"numbering"`       // whose position that is
	Commits   int64     `json:"commits"`         // up to there
	Whole     time.Time `json:"whole"`           // when the last pass over all ended well
	Verified  time.Time `json:"verified"`        // when all was last verified and found well
	Fault     string    `json:"fault,omitempty"` // what a pass found; until verify finds all well
}

// scrubber reads the whole record again and again, slowly, and compares it with
// the tree in the ledger and with the newest signed checkpoint. A damaged
// record is found within weeks, then, not when its case is next looked at.
type scrubber struct {
	court *Court
	file  string
	log   *slog.Logger

	mu    sync.Mutex
	state scrubState
}

func newScrubber(court *Court, log *slog.Logger) *scrubber {
	s := &scrubber{court: court, file: filepath.Join(court.Data, "scrub.json"), log: log}
	text, err := readIfThere(s.file)
	if err == nil && text != "" {
		d := json.NewDecoder(bytes.NewReader([]byte(text)))
		d.DisallowUnknownFields() // a name that was altered must not make a fault forgotten
		err = d.Decode(&s.state)
	}
	if err != nil {
		log.Warn("what is remembered of the last scrub cannot be read; the next one begins now", "error", err)
		s.state = scrubState{Whole: time.Unix(0, 0).UTC()}
	}
	if s.state.Numbering != court.numbering { // the record was moved: a pass under way begins anew
		s.state.After, s.state.Commits, s.state.Numbering = 0, 0, court.numbering
	}
	return s
}

// stands is a copy of the state.
func (s *scrubber) stands() scrubState {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.state
}

// change changes the state and keeps it.
func (s *scrubber) change(how func(*scrubState)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	how(&s.state)
	b, err := json.Marshal(s.state)
	if err != nil {
		return err
	}
	return viewfile.Replace(s.file, append(b, '\n'))
}

// verified is told that all was verified and found well.
func (s *scrubber) verified() error {
	return s.change(func(st *scrubState) { st.Verified, st.Fault = time.Now().UTC(), "" })
}

// served is nil, or ErrFound with what was found.
func (s *scrubber) served() error {
	if fault := s.stands().Fault; fault != "" {
		return fmt.Errorf("%w: %s", ErrFound, fault)
	}
	return nil
}

// run makes a pass whenever one is due, until ctx is done. A pass that was
// broken off goes on where it was.
func (s *scrubber) run(ctx context.Context, every time.Duration, perSecond int) error {
	pace := rate.NewLimiter(rate.Limit(perSecond), max(perSecond, eventlog.MaxCommit))
	for {
		if wait := s.due(every); wait > 0 {
			select {
			case <-time.After(wait):
			case <-ctx.Done():
				return nil
			}
		}
		fault, err := s.pass(ctx, pace)
		switch {
		case ctx.Err() != nil:
			return nil
		case fault != "":
			return s.found(fault)
		case err != nil: // the log cannot be read now; whoever watches that says so
			s.log.Error("the scrub broke off and is tried again in a minute", "error", err)
			select {
			case <-time.After(time.Minute):
			case <-ctx.Done():
				return nil
			}
		}
	}
}

// due is how long the next pass has to wait.
func (s *scrubber) due(every time.Duration) time.Duration {
	st := s.stands()
	last := st.Whole
	if last.IsZero() {
		last = s.court.Genesis.Created
	}
	if st.Commits > 0 {
		return 0
	}
	return time.Until(last.Add(every))
}

// found tells of a fault and lets the log keep nothing more: what would be
// appended from here on would have to be done again once the record is
// restored, and a disk that gave wrong bytes once may take wrong ones.
func (s *scrubber) found(fault string) error {
	err := s.change(func(st *scrubState) { st.Fault = fault })
	reason := fmt.Errorf("%w: %s", ErrFound, fault)
	s.log.Error("a scrub found the record damaged; nothing more is kept", "fault", fault)
	s.court.engine.Refuse(reason)
	return errors.Join(reason, err)
}

// pass reads what is left of the record once. It gives the fault it found.
func (s *scrubber) pass(ctx context.Context, pace *rate.Limiter) (fault string, err error) {
	st := s.stands()
	stand := s.court.Ledger.Stand()
	fault, err = s.compare(ctx, pace, st, stand)
	if fault != "" && st.Commits > 0 { // perhaps only where the pass was to go on is wrong
		s.log.Warn("a scrub that was resumed found something; the record is read again from its beginning", "fault", fault)
		fault, err = s.compare(ctx, pace, scrubState{}, stand)
	}
	if fault != "" || err != nil {
		return fault, err
	}
	anchor, _, err := s.court.keys.anchor()
	if err != nil {
		return err.Error(), nil
	}
	signed, err := s.court.keys.open(anchor)
	if err != nil {
		return err.Error(), nil
	}
	if err := s.court.agrees(ctx, signed); errors.Is(err, ErrDiffers) || errors.Is(err, ErrRolledBack) {
		return err.Error(), nil
	} else if err != nil {
		return "", err
	}
	s.log.Info("the whole record was read again and is as it was", "commits", stand.Size)
	return "", s.change(func(st *scrubState) { st.After, st.Commits, st.Whole = 0, 0, time.Now().UTC() })
}

// compare reads the record from where st stands to the ledger's stand, and
// compares the tree made of it with the ledger's at every step.
func (s *scrubber) compare(ctx context.Context, pace *rate.Limiter, st scrubState, stand ledger.Stand) (fault string, err error) {
	if st.Commits >= stand.Size {
		st = scrubState{}
	}
	if stand.Size == 0 {
		return "", nil
	}
	tree, err := s.court.Ledger.Tree(ctx, st.Commits)
	if err != nil {
		return "", err
	}
	kept := time.Now()
	for r, err := range s.court.Log.Follow(ctx, eventlog.PositionAt(st.After)) {
		if errors.Is(err, eventlog.ErrCorrupt) {
			return err.Error(), nil
		}
		if err == nil {
			err = pace.WaitN(ctx, len(r.Sealed))
		}
		if err != nil {
			return "", err
		}
		tree.Add(tlog.Leaf(r.Sealed))
		last := r.Position == stand.Mark.Position
		if !last && tree.Size()%scrubStep != 0 {
			continue
		}
		root, err := s.court.Ledger.RootAt(ctx, tree.Size())
		if err != nil {
			return "", err
		}
		switch {
		case root != tree.Root():
			return fmt.Sprintf("within the %d commits up to position %s something is not as it was recorded", tree.Size()-st.Commits, r.Position), nil
		case last:
			return "", nil
		case stand.Mark.Position.Before(r.Position):
			return fmt.Sprintf("the record at position %s is missing", stand.Mark.Position), nil
		}
		st.After, st.Commits = r.Position.Token(), tree.Size()
		if time.Since(kept) > 10*time.Second {
			kept = time.Now()
			err = s.change(func(now *scrubState) { now.After, now.Commits = st.After, st.Commits })
		} else {
			s.mu.Lock()
			s.state.After, s.state.Commits = st.After, st.Commits
			s.mu.Unlock()
		}
		if err != nil {
			return "", err
		}
	}
	return "", ctx.Err()
}

// register tells of the record's integrity: only what alerts are made of.
func (s *scrubber) register(reg prometheus.Registerer) {
	gauge := func(name, help string, value func() float64) {
		reg.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, value))
	}
	seconds := func(t time.Time) float64 {
		if t.IsZero() {
			t = s.court.Genesis.Created
		}
		return float64(t.Unix())
	}
	gauge("doorstep_scrub_timestamp_seconds", "When the whole record was last read again and found as it was; before the first time, when it was made.",
		func() float64 { return seconds(s.stands().Whole) })
	gauge("doorstep_scrub_commits", "Commits read again in the pass under way.", func() float64 { return float64(s.stands().Commits) })
	gauge("doorstep_scrub_faults", "1 once a scrub found the record damaged, until it is verified and found well.", func() float64 {
		if s.stands().Fault != "" {
			return 1
		}
		return 0
	})
	gauge("doorstep_verify_timestamp_seconds", "When the record was last verified and found well; before the first time, when it was made.",
		func() float64 { return seconds(s.stands().Verified) })
	gauge("doorstep_checkpoint_timestamp_seconds", "When the newest signed checkpoint was kept; before the first, when the record was made.", func() float64 {
		info, err := os.Stat(s.court.keys.anchorFile())
		if err != nil {
			return seconds(time.Time{})
		}
		return float64(info.ModTime().Unix())
	})
	gauge("doorstep_unsigned_commits", "Commits in the ledger that no checkpoint speaks of yet.",
		func() float64 { return float64(s.court.Ledger.Stand().Size - s.court.notary.Signed()) })
}
