// Package statistics is the rules by which the court counts its mediation:
// what a dispute's history adds to which number, from which day on, and how
// rates are made of the numbers. It has its own small idea of a history and
// knows nothing of how disputes are decided. It is pure.
//
// A number is a sum of facts. A fact says: from the day it happened on, one
// dispute more (or less) counts for a measure, attributed to a day, under the
// workstation that held it then. What a later record changes is counted as the
// facts of the new history minus those of the old, so that a sum over what was
// recorded by some moment is what was known at that moment.
package statistics

import "doorstep/domain/calendar"

// Measure names a number whose disputes can be listed.
type Measure string

// The measures. Success and AudioVideo are parts of Concluded.
const (
	Filed               Measure = "filed"     // 登记, by the day of filing
	Delegated           Measure = "delegated" // of those filed: ever delegated (委派), by the day of filing
	Returned            Measure = "returned"  // 退回申请, by the day of return
	Received            Measure = "received"  // 接受, by the day of acceptance; returned ones never
	InHand              Measure = "open"      // accepted and not ended; it has no day of its own
	Concluded           Measure = "concluded" // ended with success or termination, by the day of the end
	Success             Measure = "success"
	AudioVideo          Measure = "audio_video"
	ConfirmationApplied Measure = "confirmation_applied" // successes whose confirmation was applied for, by the day of the end
	Confirmed           Measure = "confirmed"            // successes confirmed by the court, by the day of the end
	Governance          Measure = "governance"           // activities of 综合治理; they have no dispute
)

// Facts is every measure that facts are kept of, in an order that never
// changes: the place is the stored form.
var Facts = []Measure{Filed, Delegated, Returned, Received, InHand, Concluded, ConfirmationApplied, Confirmed, Governance}

// Fact is one addend of a number.
type Fact struct {
	Measure      Measure
	Day          calendar.Date // to which the count is attributed; zero for InHand
	Happened     calendar.Date // from which on it counts
	Station      string        // workstation that held the dispute then
	Organisation string        // to which it was delegated then
	Cause        string
	Success      bool // of Concluded: with an agreement in effect
	Ground       int  // of Concluded without success: ground of termination, 2 to 8; 0: not named
	AudioVideo   bool // of Concluded: by video or mixed
	Days         int  // of Concluded: from acceptance to the end; NoDays where not known
	Sign         int  // +1 or -1
}

// NoDays is the length of a mediation whose start is not known, or lies after
// its end: it is left out of means and medians.
const NoDays = -1

// same tells whether both count the same, whenever they do.
func (f Fact) same(g Fact) bool {
	f.Sign, g.Sign, f.Happened, g.Happened = 0, 0, 0, 0
	return f == g
}

// minus is the facts of one history less those of another: what stands in both
// cancels.
func minus(now, before []Fact) []Fact {
	var rest []Fact
	gone := make([]bool, len(before))
next:
	for _, f := range now {
		for i, g := range before {
			if !gone[i] && f == g {
				gone[i] = true
				continue next
			}
		}
		rest = append(rest, f)
	}
	for i, g := range before {
		if !gone[i] {
			g.Sign = -g.Sign
			rest = append(rest, g)
		}
	}
	return rest
}
