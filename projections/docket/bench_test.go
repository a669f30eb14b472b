package docket

import (
	"context"
	"fmt"
	"testing"

	"doorstep/domain/calendar"
	"doorstep/domain/confirmation"
	"doorstep/domain/mediation"
	"doorstep/projections/follow"
)

// year is the record of a court of n imported disputes, of which one in
// twelve is open, one in two succeeded, and some are confirmed.
func year(tb testing.TB, n int) *court {
	c := newCourt(tb)
	for i := range n {
		day := opening.AddDays(-i % 1500)
		cmd := row(i, day)
		cmd.Station, cmd.Organisation = fmt.Sprint("S", i%12), fmt.Sprint("O", i%9)
		cmd.Parties[0].Name, cmd.Parties[1].Name = name(i), name(i*7+3)
		cmd.Cause = []string{"民间借贷纠纷", "买卖合同纠纷", "物业服务合同纠纷", "离婚纠纷"}[i%4]
		if i%12 != 0 {
			cmd.Ended, cmd.Outcome, cmd.Ground = cmd.Accepted.AddDays(i%30), mediation.OutcomeTerminated, mediation.WideDifferences
			if i%2 == 0 {
				cmd.Outcome, cmd.Performance = mediation.OutcomeSuccess, mediation.Performed
			}
		}
		id := fmt.Sprintf("0190a6f2-%04x-7%03x-8000-%012x", uint16(i*40503), i%4096, i)
		c.must(c.do(id, cmd))
		if cmd.Outcome == mediation.OutcomeSuccess && i%10 == 0 {
			c.must(c.rule(id, confirmation.Import{Dispute: id, Hash: cmd.Source.Hash, Applied: cmd.Ended, Result: confirmation.ResultConfirmed, Ended: cmd.Ended.AddDays(3)}))
		}
	}
	return c
}

func name(i int) string {
	surnames, given := []rune("王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高"), []rune("伟芳娜敏静强磊军洋勇艳杰娟涛明超兰霞平刚桂英")
	return string([]rune{surnames[i%len(surnames)], given[i/len(surnames)%len(given)], given[i/len(surnames)/len(given)%len(given)]})
}

func events(records []follow.Record) int {
	n := 0
	for _, r := range records {
		n += len(r.Events)
	}
	return n
}

// BenchmarkTake is a rebuild of an imported court.
func BenchmarkTake(b *testing.B) {
	c := year(b, 20_000)
	b.ResetTimer()
	for range b.N {
		c.all(open(b))
	}
	b.ReportMetric(float64(events(c.records)*b.N)/b.Elapsed().Seconds(), "events/s")
	b.ReportMetric(float64(len(c.records)*b.N)/b.Elapsed().Seconds(), "commits/s")
}

// BenchmarkTakeDeeds is a rebuild of a court that works deed by deed, with many
// disputes under way at once.
func BenchmarkTakeDeeds(b *testing.B) {
	c := newCourt(b)
	const disputes = 4000
	steps := []func(id string, day calendar.Date) mediation.Command{
		func(id string, day calendar.Date) mediation.Command { return filing(day, "S1", name(len(id)), "乙") },
		func(_ string, day calendar.Date) mediation.Command {
			return mediation.Designate{Occasion: on(day), Organisation: "O1", Reason: "就近", Deliver: true}
		},
		func(_ string, day calendar.Date) mediation.Command {
			return mediation.Accept{Occasion: on(day), Organisation: "O1", Mediator: "范彧志", Mode: mediation.OnSite}
		},
		func(_ string, day calendar.Date) mediation.Command {
			return mediation.HoldSession{Occasion: on(day), Organisation: "O1", Mode: mediation.Video, Attended: []string{"A1", "B1"}, Record: "各让一步"}
		},
		func(_ string, day calendar.Date) mediation.Command {
			return mediation.ReachAgreement{Occasion: on(day), Organisation: "O1", Form: mediation.Written, Terms: "分期偿还"}
		},
		func(_ string, day calendar.Date) mediation.Command {
			return mediation.TakeEffect{Occasion: on(day), Organisation: "O1", AllSigned: true, Sealed: true}
		},
	}
	for s, step := range steps {
		for i := range disputes {
			id := fmt.Sprintf("0190a6f2-%04x-7000-8000-%012x", uint16(i*40503), i)
			c.must(c.do(id, step(id, opening.AddDays(s))))
		}
	}
	b.ResetTimer()
	for range b.N {
		c.all(open(b))
	}
	b.ReportMetric(float64(events(c.records)*b.N)/b.Elapsed().Seconds(), "events/s")
}

// BenchmarkList is one page of 50 of 150,000 rows, as pages ask for it.
func BenchmarkList(b *testing.B) {
	c, d := year(b, 150_000), open(b)
	c.all(d)
	ctx := context.Background()
	today := opening
	ids := make([]string, 0, 5000)
	for id := range c.stages {
		if ids = append(ids, id); len(ids) == cap(ids) {
			break
		}
	}
	working := []mediation.Stage{mediation.Designated, mediation.Mediating, mediation.Agreed}
	for _, f := range []struct {
		name   string
		filter Filter
	}{
		{"all", Filter{}},
		{"newest", Filter{Order: ByNewest}},
		{"station", Filter{Station: "S3"}},
		{"station newest", Filter{Station: "S3", Order: ByNewest}},
		{"station overdue", Filter{Station: "S3", Urgency: Overdue, Today: today}},
		{"committee working", Filter{Organisation: "O1", Stages: working}},
		{"succeeded", Filter{Stages: []mediation.Stage{mediation.Succeeded}, Order: ByNewest}},
		{"confirmed", Filter{Confirmation: []confirmation.Stage{confirmation.Confirmed}}},
		{"to confirm", Filter{Confirmation: []confirmation.Stage{confirmation.Applied, confirmation.Accepted}}},
		{"name", Filter{Text: "孙娜"}},
		{"number", Filter{Text: "(2024)冀0108民诉前调1499号"}},
		{"station name", Filter{Station: "S3", Text: "孙娜"}},
		{"cause newest", Filter{Text: "借贷", Order: ByNewest}},
		{"5000 ids", Filter{IDs: ids}},
	} {
		b.Run(f.name, func(b *testing.B) {
			for range b.N {
				if _, err := d.List(ctx, f.filter); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("count", func(b *testing.B) {
		for range b.N {
			if _, err := d.Count(ctx, Filter{Today: today}); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("load", func(b *testing.B) {
		for range b.N {
			if _, err := d.Load(ctx); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("similar", func(b *testing.B) {
		for range b.N {
			if _, err := d.Similar(ctx, name(24), name(24*7+3)); err != nil {
				b.Fatal(err)
			}
		}
	})
}
