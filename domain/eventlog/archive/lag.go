package archive

import "time"

// lag reckons how long a copy has been without something that its log had.
type lag struct {
	stand  uint64    // position of the last commit in the copy
	level  time.Time // when the log had no more than the copy has now, as far as was looked
	seen   []sight   // of ends beyond the stand, the oldest first
	longer time.Duration
}

// sight is where the log ended at some moment.
type sight struct {
	at  time.Time
	end uint64
}

// sights bounds how many are kept; of more, every second one goes, and the lag
// is reckoned a little too long rather than too short.
const sights = 1024

func newLag(now time.Time, s Stand) lag { return lag{stand: s.Position, level: now} }

// looked takes in where the log ends.
func (l *lag) looked(now time.Time, end uint64) {
	switch {
	case end <= l.stand:
		l.level = now
		return
	case len(l.seen) > 0 && l.seen[len(l.seen)-1].end == end:
		l.seen[len(l.seen)-1].at = now // it still ended there
	default:
		l.seen = append(l.seen, sight{now, end})
	}
	if len(l.seen) > sights {
		for i := range len(l.seen) / 2 {
			l.seen[i] = l.seen[2*i]
		}
		l.seen = l.seen[:len(l.seen)/2]
	}
	l.longer = max(l.longer, now.Sub(l.level))
}

// copied takes in how far the copy has come.
func (l *lag) copied(now time.Time, stand uint64) {
	l.longer = max(l.longer, now.Sub(l.level))
	l.stand = stand
	for len(l.seen) > 0 && l.seen[0].end <= stand {
		l.level = l.seen[0].at
		l.seen = l.seen[1:]
	}
}

// now is how long the copy has been behind, and the longest it was.
func (l *lag) now(at time.Time) (now, worst time.Duration) {
	if len(l.seen) > 0 {
		now = at.Sub(l.level)
	}
	return now, max(now, l.longer)
}
