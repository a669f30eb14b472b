package docket

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"doorstep/domain/calendar"
	"doorstep/domain/confirmation"
	"doorstep/domain/mediation"
)

// nextDay is the last day that runs next, as the brief of a desk has it.
func nextDay(d mediation.Dispute, c confirmation.Case) calendar.Date {
	switch {
	case d.Stage == mediation.Designated:
		return d.Offer.AcceptBy
	case (d.Stage == mediation.Mediating || d.Stage == mediation.Agreed) && !d.NoLimit:
		return d.Due
	case c.Stage == confirmation.Accepted:
		return c.DecideBy
	}
	return 0
}

func inHand(d mediation.Dispute, c confirmation.Case) bool {
	return !d.Stage.Ended() || c.Stage == confirmation.Applied || c.Stage == confirmation.Accepted
}

// urgency as a clerk with a calendar tells it; empty: nobody has it in hand.
func urgency(d mediation.Dispute, c confirmation.Case, today calendar.Date) Urgency {
	due, err := calendar.DueOf("K03", today, calendar.Official())
	if err != nil {
		panic(err)
	}
	switch next := nextDay(d, c); {
	case !inHand(d, c):
		return ""
	case next.IsZero():
		return Unset
	case next < today:
		return Overdue
	case next == today:
		return Today
	case next <= due.Due:
		return Soon
	}
	return Later
}

// picked is the ids of a list, as a clerk with all files on his desk picks and
// sorts them.
func (c *court) picked(f Filter) []string {
	var ids []string
	for _, id := range c.order {
		d, followed := c.stages[id], c.cases[id]
		if d.Stage == mediation.Unfiled || f.Station != "" && d.Station != f.Station || f.Organisation != "" && d.Offer.Organisation != f.Organisation ||
			len(f.Stages) > 0 && !slices.Contains(f.Stages, d.Stage) || len(f.Confirmation) > 0 && !slices.Contains(f.Confirmation, followed.Stage) ||
			f.Urgency != "" && urgency(d, followed, f.Today) != f.Urgency || f.IDs != nil && !slices.Contains(f.IDs, id) {
			continue
		}
		all := d.Cause + "\n" + followed.Number + "\n" + strings.Join(d.Numbers, "\n")
		for _, p := range d.Parties {
			all += "\n" + strings.ReplaceAll(p.Name, " ", "")
		}
		if d.Source != nil {
			all += "\n" + strings.ToLower(d.Source.ID)
		}
		if strings.Contains(all, f.Text) {
			ids = append(ids, id)
		}
	}
	slices.SortStableFunc(ids, func(a, b string) int {
		if f.Order == ByNewest {
			return cmp.Or(cmp.Compare(c.stages[b].FiledOn, c.stages[a].FiledOn), slices.Index(c.order, b)-slices.Index(c.order, a))
		}
		return cmp.Or(cmp.Compare(c.turn(a), c.turn(b)), cmp.Compare(c.stages[a].FiledOn, c.stages[b].FiledOn))
	})
	return ids
}

// turn is a dispute's place by urgency: its day, then what has none, then what
// is closed.
func (c *court) turn(id string) int {
	next := nextDay(c.stages[id], c.cases[id])
	switch {
	case !inHand(c.stages[id], c.cases[id]):
		return 1 << 30
	case next.IsZero():
		return 1 << 29
	}
	return int(next)
}

// pages are the ids of a list, page by page.
func pages(t testing.TB, d *Docket, f Filter) (ids []string, total int) {
	t.Helper()
	for {
		page, err := d.List(context.Background(), f)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range page.Entries {
			ids = append(ids, e.ID)
		}
		if len(page.Entries) > f.limit() || page.Next != "" && len(page.Entries) < f.limit() {
			t.Fatalf("a page of %d with %d entries, next %q", f.limit(), len(page.Entries), page.Next)
		}
		if f.After = page.Next; page.Next == "" {
			return ids, page.Total
		}
	}
}

func drawFilter(t *rapid.T, c *court) Filter {
	f := Filter{
		Station:      rapid.SampledFrom([]string{"", "", "S1", "S2"}).Draw(t, "of station"),
		Organisation: rapid.SampledFrom([]string{"", "", "O1"}).Draw(t, "of organisation"),
		Stages:       rapid.SliceOfNDistinct(rapid.SampledFrom(mediation.Stages[1:]), 0, 4, rapid.ID[mediation.Stage]).Draw(t, "stages"),
		Confirmation: rapid.SliceOfNDistinct(rapid.SampledFrom(confirmation.Stages), 0, 3, rapid.ID[confirmation.Stage]).Draw(t, "confirmation"),
		Urgency:      rapid.SampledFrom(append([]Urgency{"", "", ""}, Urgencies...)).Draw(t, "urgency"),
		Today:        opening.AddDays(rapid.IntRange(0, 150).Draw(t, "today")),
		Text:         rapid.SampledFrom([]string{"", "", "", "张", "家和物业", "李娜", "纠纷", "冀0108诉前调确7", "p000000000", "x"}).Draw(t, "text"),
		Order:        rapid.SampledFrom([]Order{ByUrgency, ByNewest}).Draw(t, "order"),
		Limit:        rapid.IntRange(1, 4).Draw(t, "limit"),
	}
	if rapid.IntRange(0, 3).Draw(t, "drill down") == 0 {
		f.IDs = rapid.SliceOfNDistinct(rapid.SampledFrom(c.order), 0, len(c.order), rapid.ID[string]).Draw(t, "ids")
	}
	return f
}

func TestListsAreWhatAClerkWouldPickAndCountsTheirLengths(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		c := drawCourt(rt, t)
		if len(c.order) == 0 {
			return
		}
		d := open(t)
		defer d.Close()
		c.all(d)
		for range 4 {
			f := drawFilter(rt, c)
			ids, total := pages(t, d, f)
			if want := c.picked(f); !slices.Equal(ids, want) || total != len(want) {
				rt.Fatalf("%+v:\n got %q, total %d\nwant %q", f, ids, total, want)
			}
			counts, err := d.Count(context.Background(), f)
			if err != nil {
				rt.Fatal(err)
			}
			for _, u := range Urgencies {
				f.Urgency = u
				if ids, _ := pages(t, d, f); counts[u] != len(ids) {
					rt.Fatalf("%+v: count %d, list %d", f, counts[u], len(ids))
				}
			}
		}
	})
}

func TestPagesShowWhatDidNotMoveOnceWhateverMovesMeanwhile(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		c := drawCourt(rt, t)
		d := open(t)
		defer d.Close()
		c.all(d)
		f := Filter{Order: rapid.SampledFrom([]Order{ByUrgency, ByNewest}).Draw(rt, "order"), Limit: rapid.IntRange(1, 3).Draw(rt, "limit")}
		before := c.picked(f)
		turns, filed := map[string]int{}, map[string]calendar.Date{}
		for _, id := range before {
			turns[id], filed[id] = c.turn(id), c.stages[id].FiledOn
		}
		moved := map[string]bool{}
		seen := map[string]int{}
		day := opening.AddDays(200)
		for {
			page, err := d.List(context.Background(), f)
			if err != nil {
				rt.Fatal(err)
			}
			for _, e := range page.Entries {
				seen[e.ID]++
			}
			if page.Next == "" {
				break
			}
			f.After = page.Next
			for range rapid.IntRange(0, 3).Draw(rt, "deeds between pages") {
				c.draw(rt, fmt.Sprint("d", rapid.IntRange(1, 12).Draw(rt, "dispute")), day)
			}
			for _, id := range before {
				moved[id] = moved[id] || turns[id] != c.turn(id) || filed[id] != c.stages[id].FiledOn
			}
			c.all(d)
		}
		for _, id := range before {
			if !moved[id] && seen[id] != 1 {
				rt.Fatalf("%s did not move and was shown %d times", id, seen[id])
			}
		}
	})
}

func TestAMarkOfNoPageIsRefused(t *testing.T) {
	d := open(t)
	for _, f := range []Filter{{After: "x"}, {After: "1.2"}, {After: "1.2.3.4"}, {After: "1.2.x"}, {After: "1..3"}, {After: "1.2.3", Order: ByNewest}, {After: "99999999999999999999.1.1"}} {
		if _, err := d.List(context.Background(), f); err != ErrAfter {
			t.Errorf("%q: %v", f.After, err)
		}
	}
}

func FuzzAMarkIsReadOrRefused(f *testing.F) {
	for _, s := range []string{"20240301.20240201.7", "20240201.7", "", ".", "-1.0.0"} {
		f.Add(s, true)
		f.Add(s, false)
	}
	f.Fuzz(func(t *testing.T, mark string, newest bool) {
		order := ByUrgency
		if newest {
			order = ByNewest
		}
		after, err := order.parse(mark)
		if err == nil && mark != "" && len(after) != strings.Count(order.sorting().behind, "?") {
			t.Fatalf("%q gave %v", mark, after)
		}
	})
}

func TestUrgencyIsToldByADay(t *testing.T) {
	d := open(t)
	if _, err := d.List(context.Background(), Filter{Urgency: Overdue}); err == nil {
		t.Error("a list by urgency without a day")
	}
	if _, err := d.Count(context.Background(), Filter{}); err == nil {
		t.Error("a count without a day")
	}
	if page, err := d.List(context.Background(), Filter{Urgency: "soonish", Today: opening}); err != nil || page.Total != 0 {
		t.Errorf("an urgency that does not exist picked %d, %v", page.Total, err)
	}
}

func TestSoonIsThreeWorkingDays(t *testing.T) {
	today := calendar.NewDate(2021, 9, 29) // Wednesday; 1-7 October is off, Saturday 9 October is worked
	for day, want := range map[string]Urgency{
		"2021-09-28": Overdue, "2021-09-29": Today, "2021-09-30": Soon, "2021-10-03": Soon, "2021-10-08": Soon, "2021-10-09": Soon, "2021-10-10": Later, "": Unset,
	} {
		due, _ := calendar.ParseDate(day)
		if got := (Entry{Stage: mediation.Mediating, Due: due}).On(today); got != want {
			t.Errorf("due %q is %q on %s, want %q", day, got, today, want)
		}
	}
	if got := (Entry{Stage: mediation.Terminated, Due: today}).On(today); got != "" {
		t.Errorf("a closed one is %q", got)
	}
}

func TestAPageAndItsTotalAreOfOneMoment(t *testing.T) {
	c, d := newCourt(t), open(t)
	for i := range 400 {
		c.must(c.do(fmt.Sprint("d", i), row(i, opening)))
	}
	done := make(chan struct{})
	var readers sync.WaitGroup
	for _, f := range []Filter{{}, {Order: ByNewest}, {Text: "买卖"}, {Urgency: Overdue, Today: opening.AddDays(90)}} {
		readers.Go(func() {
			f.Limit = 500
			for running := true; running; {
				select {
				case <-done:
					running = false // and look once more
				default:
				}
				page, err := d.List(context.Background(), f)
				if err != nil || page.Total != len(page.Entries) {
					t.Errorf("%d entries, total %d, %v", len(page.Entries), page.Total, err)
					return
				}
			}
		})
	}
	c.give(d, func() int { return 3 })
	close(done)
	readers.Wait()
}
