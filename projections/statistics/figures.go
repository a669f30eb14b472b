package statistics

import (
	"math"
	"slices"
	"time"

	"doorstep/domain/calendar"
	rules "doorstep/domain/statistics"
)

// Query asks for the figures of a period.
type Query struct {
	From, To     calendar.Date // the period, both days included
	AsOf         calendar.Date // only what had happened by then; zero: To
	KnownAt      time.Time     // only what had been recorded by then; zero: all
	Station      string        // that held the dispute on AsOf; empty: the whole court
	Organisation string
	Cause        string
}

// Group is the outcome of a part of the disputes concluded.
type Group struct {
	Success   int     `json:"success"`
	Concluded int     `json:"concluded"`
	Rate      *string `json:"rate"` // per cent with two decimals; nil where nothing was concluded
}

// By is the outcome by dimension; keys are codes, causes' texts, YYYY-MM.
type By struct {
	Station      map[string]Group `json:"station"`
	Organisation map[string]Group `json:"organisation"`
	Cause        map[string]Group `json:"cause"`
	Month        map[string]Group `json:"month"`
}

// Figures are the figures of a period. Rates are per cent with two decimals,
// rounded half up from the exact ratio; nil where the denominator is zero.
type Figures struct {
	From                    calendar.Date `json:"from"`
	To                      calendar.Date `json:"to"`
	AsOf                    calendar.Date `json:"as_of"`
	KnownAt                 *time.Time    `json:"as_known_at,omitempty"`
	Received                int           `json:"received"`
	Concluded               int           `json:"concluded"`
	Success                 int           `json:"success"`
	OpenAtAsOf              int           `json:"open_at_as_of"`
	SuccessRateConcluded    *string       `json:"success_rate_concluded"`
	SuccessRateReceived     *string       `json:"success_rate_received"`
	AudioVideoRate          *string       `json:"audio_video_rate"`
	ConfirmationAppliedRate *string       `json:"confirmation_applied_rate"`
	MeanDays                *string       `json:"mean_days"`
	MedianDays              *string       `json:"median_days"`
	GovernanceActivities    int           `json:"governance_activities"` // none under an organisation or a cause: an activity has neither
	AudioVideo              int           `json:"audio_video"`           // concluded by 视频 or 混合
	ConfirmationApplied     int           `json:"confirmation_applied"`  // successes applied for by AsOf
	Confirmed               int           `json:"confirmed"`             // successes confirmed by the court by AsOf
	Filed                   int           `json:"filed"`                 // filed in the period
	Delegated               int           `json:"delegated"`             // filed in the period and delegated by AsOf
	Returned                int           `json:"returned"`              // applications returned in the period
	Grounds                 map[int]int   `json:"grounds"`               // terminations by ground
	By                      By            `json:"by"`
}

// Figures answers the question.
func (s *Statistics) Figures(q Query) Figures {
	s.mu.RLock()
	defer s.mu.RUnlock()
	w := s.all.window(q)
	f := Figures{From: q.From, To: q.To, AsOf: w.asOf}
	if !q.KnownAt.IsZero() {
		f.KnownAt = &q.KnownAt
	}
	f.Filed, f.Delegated, f.Returned = s.all.sum(w, rules.Filed), s.all.sum(w, rules.Delegated), s.all.sum(w, rules.Returned)
	f.Received, f.OpenAtAsOf = s.all.sum(w, rules.Received), s.all.sum(w, rules.InHand)
	f.ConfirmationApplied, f.Confirmed = s.all.sum(w, rules.ConfirmationApplied), s.all.sum(w, rules.Confirmed)
	f.GovernanceActivities = s.all.sum(w, rules.Governance)
	s.all.conclude(w, &f)
	f.SuccessRateConcluded, f.SuccessRateReceived = rules.Rate(f.Success, f.Concluded), rules.Rate(f.Success, f.Received)
	f.AudioVideoRate, f.ConfirmationAppliedRate = rules.Rate(f.AudioVideo, f.Concluded), rules.Rate(f.ConfirmationApplied, f.Success)
	return f
}

// window is which facts a question is about.
type window struct {
	from, to, asOf               calendar.Date
	known                        int64
	station, organisation, cause uint32 // 0: any
	nothing                      bool   // asked for a word that no fact has
}

func (c *cube) window(q Query) window {
	w := window{from: q.From, to: q.To, asOf: q.AsOf, known: math.MaxInt64}
	if w.asOf.IsZero() {
		w.asOf = q.To
	}
	if !q.KnownAt.IsZero() {
		w.known = q.KnownAt.UnixMicro()
	}
	word := func(s string) uint32 {
		n, known := c.words.number[s]
		w.nothing = w.nothing || s != "" && !known
		if s == "" {
			return 0
		}
		return n
	}
	w.station, w.organisation, w.cause = word(q.Station), word(q.Organisation), word(q.Cause)
	return w
}

// takes tells whether a fact of the column is in the window. InHand is of no
// day: its window has no period.
func (w *window) takes(k *column, i int) bool {
	return k.day[i] >= w.from && k.day[i] <= w.to && k.happened[i] <= w.asOf && k.known[i] <= w.known &&
		(w.station == 0 || k.station[i] == w.station) &&
		(w.organisation == 0 || k.organisation[i] == w.organisation) &&
		(w.cause == 0 || k.cause[i] == w.cause)
}

// on is the column of a measure and the window to look at it through.
func (c *cube) on(w window, m rules.Measure) (*column, window) {
	if w.nothing {
		return &column{}, w
	}
	if m == rules.InHand {
		w.from, w.to = 0, 0
	}
	return c.columns[m], w
}

func (c *cube) sum(w window, m rules.Measure) int {
	k, w := c.on(w, m)
	n := 0
	for i := range k.day {
		if w.takes(k, i) {
			n += int(k.sign[i])
		}
	}
	return n
}

// tally is a group while it is being counted.
type tally struct{ success, concluded int }

func (t *tally) add(sign int8, success bool) {
	t.concluded += int(sign)
	if success {
		t.success += int(sign)
	}
}

// conclude fills in all that is counted of what was concluded.
func (c *cube) conclude(w window, f *Figures) {
	k, w := c.on(w, rules.Concluded)
	words := len(c.words.list) + 1
	station, organisation, cause := make([]tally, words), make([]tally, words), make([]tally, words)
	months := map[int]*tally{}
	var whole tally
	var days []int
	f.Grounds = map[int]int{}
	for i := range k.day {
		if !w.takes(k, i) {
			continue
		}
		sign, success := k.sign[i], k.outcome[i]&successful != 0
		whole.add(sign, success)
		station[k.station[i]].add(sign, success)
		organisation[k.organisation[i]].add(sign, success)
		cause[k.cause[i]].add(sign, success)
		month := int(k.day[i]) / 100
		if months[month] == nil {
			months[month] = &tally{}
		}
		months[month].add(sign, success)
		if !success {
			f.Grounds[int(k.outcome[i]&ground)] += int(sign)
		}
		if k.outcome[i]&audioVideo != 0 {
			f.AudioVideo += int(sign)
		}
		if d := int(k.days[i]); d >= 0 {
			if d >= len(days) {
				days = slices.Concat(days, make([]int, d+1-len(days)))
			}
			days[d] += int(sign)
		}
	}
	f.Concluded, f.Success = whole.concluded, whole.success
	for g, n := range f.Grounds {
		if n == 0 {
			delete(f.Grounds, g)
		}
	}
	f.MeanDays, f.MedianDays = meanOf(days), rules.Median(days)
	f.By = By{Station: c.groups(station), Organisation: c.groups(organisation), Cause: c.groups(cause), Month: map[string]Group{}}
	for month, t := range months {
		if t.concluded != 0 {
			f.By.Month[calendar.Date(month*100 + 1).String()[:7]] = groupOf(*t)
		}
	}
}

func (c *cube) groups(by []tally) map[string]Group {
	groups := map[string]Group{}
	for i, t := range by {
		if t.concluded != 0 {
			groups[c.words.name(uint32(i))] = groupOf(t)
		}
	}
	return groups
}

func groupOf(t tally) Group { return Group{t.success, t.concluded, rules.Rate(t.success, t.concluded)} }

func meanOf(counts []int) *string {
	sum, n := 0, 0
	for d, c := range counts {
		sum, n = sum+d*c, n+c
	}
	return rules.Mean(sum, n)
}
