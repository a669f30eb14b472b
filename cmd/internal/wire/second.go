package wire

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"doorstep/domain/eventlog/archive"
)

// SecondCopy says where a second copy of the record is kept.
type SecondCopy struct {
	Dir string             // a folder on another disk, which must be there; empty: no copy
	To  archive.Recipients // who can open it; the zero Recipients: it is in clear, as the record is
}

// tryAgain is how long a copy that cannot be opened is left alone.
const tryAgain = 5 * time.Second

// second is a second copy of a court's record at work.
type second struct {
	court  *Court
	of     SecondCopy
	logger *slog.Logger

	mu     sync.Mutex
	copy   *archive.Copy
	keeper *archive.Keeper
	failed error // why there is none
}

// second opens the copy, where there is to be one. A copy that does not follow
// the record is an error: then the record was set back, or the copy is another's.
// A disk that is away is not: people go on working, and the alert tells. Errors:
// archive.ErrOtherLog, archive.ErrAhead, archive.ErrParted.
func (court *Court) second(ctx context.Context, of SecondCopy, logger *slog.Logger) (*second, error) {
	s := &second{court: court, of: of, logger: logger}
	if of.Dir == "" {
		return s, nil
	}
	if sameDisk(court.Data, of.Dir) {
		logger.Warn("the second copy lies on the same disk as the record: it does not outlive that disk", "folder", of.Dir)
	}
	if court.Metrics != nil {
		court.Metrics.MustRegister(newCopyMetrics(s.state))
	}
	err := s.open(ctx)
	if refuses(err) {
		return s, err
	}
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) { // never made by us: it may be where a disk is to be mounted
			err = fmt.Errorf("%w; mount the disk, or make the folder", err)
		}
		logger.Error("the second copy cannot be kept now; it is tried again and again", "reason", err.Error())
	}
	return s, nil
}

// refuses tells whether the copy is one that does not follow the record.
func refuses(err error) bool {
	return errors.Is(err, archive.ErrOtherLog) || errors.Is(err, archive.ErrAhead) || errors.Is(err, archive.ErrParted)
}

// open takes the folder and checks that the copy follows the record.
func (s *second) open(ctx context.Context) error {
	c, err := archive.OpenCopy(s.of.Dir, s.court.Genesis, s.of.To)
	if err == nil {
		if err = c.Follows(ctx, s.court.Log); err != nil {
			err = errors.Join(err, c.Close())
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failed = err; err != nil {
		return err
	}
	s.copy, s.keeper = c, archive.NewKeeper(c, s.court.Log, s.signed, s.logger)
	return nil
}

// signed is what the copy is given beside the commits. Where it cannot be read
// the commits are copied all the same.
func (s *second) signed() (verifiers, checkpoint string) {
	verifiers, checkpoint, err := s.court.signedSoFar()
	if err != nil {
		s.logger.Warn("the second copy goes on without the newest checkpoint", "reason", err.Error())
	}
	return verifiers, checkpoint
}

// run keeps the copy up until ctx is done.
func (s *second) run(ctx context.Context) error {
	if s.of.Dir == "" {
		return nil
	}
	for s.keeper == nil {
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(tryAgain):
		}
		if err := s.open(ctx); refuses(err) {
			return err
		}
	}
	return s.keeper.Run(ctx)
}

// state is how far the copy is behind.
func (s *second) state() archive.Lag {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.keeper == nil {
		return archive.Lag{Failed: s.failed}
	}
	return s.keeper.Lag()
}

func (s *second) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.copy != nil {
		_ = s.copy.Close() // all of it was synced
		s.copy = nil
	}
}

// KeepSecond keeps a second copy until ctx is done, and says how far it came
// and how long it was behind at worst.
// Errors: those of Serve; whatever keeps the copy's folder from being used.
func (court *Court) KeepSecond(ctx context.Context, of SecondCopy, logger *slog.Logger) (archive.Lag, error) {
	s, err := court.second(ctx, of, logger)
	if err != nil {
		return archive.Lag{}, err
	}
	defer s.close()
	if s.failed != nil {
		return archive.Lag{}, s.failed
	}
	err = s.run(ctx)
	return s.state(), err
}

// copyMetrics tell of a second copy.
//
//	doorstep_copy_up           1 while it is being kept, 0 when it stands still
//	doorstep_copy_lag_seconds  since it last had all that the record had; 0: it has
//	doorstep_copy_commits      commits in it
type copyMetrics struct {
	state            func() archive.Lag
	up, lag, commits *prometheus.Desc
}

func newCopyMetrics(state func() archive.Lag) *copyMetrics {
	return &copyMetrics{state,
		prometheus.NewDesc("doorstep_copy_up", "1 while the second copy is being kept, 0 when it stands still.", nil, nil),
		prometheus.NewDesc("doorstep_copy_lag_seconds", "Since the second copy last had all that the record had; 0: it has.", nil, nil),
		prometheus.NewDesc("doorstep_copy_commits", "Commits in the second copy.", nil, nil)}
}

// Describe is prometheus.Collector's.
func (m *copyMetrics) Describe(out chan<- *prometheus.Desc) {
	out <- m.up
	out <- m.lag
	out <- m.commits
}

// Collect is prometheus.Collector's.
func (m *copyMetrics) Collect(out chan<- prometheus.Metric) {
	l := m.state()
	up := 1.0
	if l.Failed != nil {
		up = 0
	}
	out <- prometheus.MustNewConstMetric(m.up, prometheus.GaugeValue, up)
	out <- prometheus.MustNewConstMetric(m.lag, prometheus.GaugeValue, l.Now.Seconds())
	out <- prometheus.MustNewConstMetric(m.commits, prometheus.GaugeValue, float64(l.Commits))
}
