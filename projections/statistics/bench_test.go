package statistics_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"doorstep/domain/calendar"
	"doorstep/domain/codec"
	"doorstep/domain/confirmation"
	"doorstep/domain/mediation"
	"doorstep/projections/follow"
	"doorstep/projections/statistics"
)

// crowd is the records of n disputes spread over ten years: one in seven still
// open, one in five of the rest confirmed, one in twenty moved on. Imported
// ones are told by one commit each, others by a commit for each event.
func crowd(n int, imported bool) (records []follow.Record, events int) {
	chance := rand.New(rand.NewPCG(1, 2))
	at := firstMoment
	say := func(stream string, told ...codec.Event) {
		events += len(told)
		if imported {
			at = at.Add(time.Millisecond)
			records = append(records, record(len(records)+1, at, stream, told...))
			return
		}
		for _, e := range told {
			at = at.Add(time.Second)
			records = append(records, record(len(records)+1, at, stream, e))
		}
	}
	first := calendar.NewDate(2013, 1, 1)
	for i := range n {
		id := fmt.Sprintf("%032x", uint64(i)*0x9e3779b97f4a7c15)
		d := first.AddDays(i * 3650 / n)
		on := func(after int) mediation.When { return mediation.When{At: calendar.On(d.AddDays(after))} }
		station, organisation := fmt.Sprintf("1301080%02d", chance.IntN(11)), fmt.Sprintf("HY-%02d", chance.IntN(20))
		told := []codec.Event{
			mediation.DisputeFiled{When: on(0), Station: station, Cause: fmt.Sprintf("案由第%d种纠纷", chance.IntN(120))},
			mediation.OrganisationDesignated{When: on(1), Organisation: organisation},
			mediation.DelegationAccepted{When: on(2), Organisation: organisation, Mode: mediation.Modes[chance.IntN(4)]},
		}
		length, success := 3+chance.IntN(40), chance.IntN(2) == 0
		switch {
		case chance.IntN(7) == 0:
		case success:
			told = append(told, mediation.AgreementReached{When: on(length)}, mediation.AgreementTookEffect{When: on(length), Ended: d.AddDays(length)}, mediation.PerformanceRecorded{When: on(length + 9)})
		default:
			told = append(told, mediation.MediationTerminated{When: on(length), Ground: mediation.Ground(3 + chance.IntN(6))})
		}
		say(mediation.Stream(id), told...)
		if chance.IntN(20) == 0 {
			say(mediation.Stream(id), mediation.StationTransferred{When: on(length / 2), From: station, To: "130172"})
		}
		if success && chance.IntN(3) == 0 {
			say(confirmation.Stream(id), confirmation.ConfirmationApplied{When: confirmation.When{At: on(length + 3).At}, Dispute: id}, confirmation.AgreementConfirmed{When: confirmation.When{At: on(length + 20).At}})
		}
	}
	return records, events
}

// thousands are the batch sizes of a rebuild.
func thousands(n int) []int {
	sizes := make([]int, n/1000+1)
	for i := range sizes {
		sizes[i] = 1000
	}
	return sizes
}

func BenchmarkFigures(b *testing.B) {
	c := newCourt(b)
	c.importYear()
	big, _ := crowd(150_000, true)
	for name, records := range map[string][]follow.Record{"of the demonstration year": c.records(), "of 150000 disputes": big} {
		s := view(b, records, thousands(len(records))...)
		for what, q := range map[string]statistics.Query{
			"a year":      {From: day("2021-01-01"), To: day("2021-12-31")},
			"all of them": {From: day("2001-01-01"), To: day("2031-12-31")},
			"a station":   {From: day("2021-01-01"), To: day("2021-12-31"), Station: "130108005", KnownAt: imported.AddDate(0, 0, 1)},
		} {
			b.Run(name+"/"+what, func(b *testing.B) {
				for b.Loop() {
					s.Figures(q)
				}
			})
		}
	}
}

func BenchmarkTake(b *testing.B) {
	for name, imported := range map[string]bool{"imported rows": true, "single deeds": false} {
		records, events := crowd(20_000, imported)
		b.Run(name, func(b *testing.B) {
			for range b.N {
				view(b, records, thousands(len(records))...)
			}
			b.ReportMetric(float64(events)*float64(b.N)/b.Elapsed().Seconds(), "events/s")
		})
	}
}

func BenchmarkOpenOf150000Disputes(b *testing.B) {
	dir := b.TempDir()
	s, err := opened(dir)
	if err != nil {
		b.Fatal(err)
	}
	records, _ := crowd(150_000, true)
	feed(b, s, records, thousands(len(records))...)
	s.Close()
	for b.Loop() {
		s, err := opened(dir)
		if err != nil {
			b.Fatal(err)
		}
		s.Close()
	}
}
