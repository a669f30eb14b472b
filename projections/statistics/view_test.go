package statistics_test

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"reflect"
	"sync"
	"testing"
	"time"

	"doorstep/domain/calendar"
	"doorstep/domain/mediation"
	"doorstep/domain/roster"
	"doorstep/domain/supervision"
	"doorstep/projections/follow"
	"doorstep/projections/statistics"
)

func filed(n int, at time.Time) follow.Record {
	when := mediation.When{At: calendar.On(firstDay)}
	return record(n, at, mediation.Stream("d"), mediation.DisputeFiled{When: when, Station: "130172", Cause: "离婚纠纷"})
}

func TestABatchThatIsNotTakenLeavesNothingBehind(t *testing.T) {
	s := view(t, []follow.Record{filed(1, firstMoment)})
	q := statistics.Query{From: firstDay, To: firstDay}
	before, digest := s.Figures(q), digestOf(t, s)
	other := record(2, firstMoment, mediation.Stream("e"), mediation.DisputeFiled{When: mediation.When{At: calendar.On(firstDay)}, Station: "130108001", Cause: "买卖合同纠纷"})
	if err := s.Take(context.Background(), follow.Mark{}, follow.Mark{Position: other.Position}, []follow.Record{other}); !errors.Is(err, follow.ErrMoved) {
		t.Errorf("from another place: %v", err)
	}
	done, cancel := context.WithCancel(context.Background())
	cancel()
	mark, _ := s.Mark(context.Background())
	if err := s.Take(done, mark, follow.Mark{Position: other.Position}, []follow.Record{other}); err == nil {
		t.Error("taken although the context was done")
	}
	if got := s.Figures(q); !reflect.DeepEqual(got, before) || digestOf(t, s) != digest || len(s.Cases(q, statistics.Filed)) != 1 {
		t.Errorf("something was left behind: %s", text(got))
	}
	feed(t, s, []follow.Record{other})
	if got := s.Figures(q).Filed; got != 2 {
		t.Errorf("then it is taken: %d filed, want 2", got)
	}
}

func TestSuitsAndActivitiesComeBackWhenTheViewIsOpenedAgain(t *testing.T) {
	on := func(d calendar.Date) roster.When { return roster.When{At: calendar.On(d)} }
	hour := func(n int) time.Time { return firstMoment.Add(time.Duration(n) * time.Hour) }
	dir := t.TempDir()
	s, err := opened(dir)
	if err != nil {
		t.Fatal(err)
	}
	feed(t, s, []follow.Record{
		record(1, hour(1), roster.TerritoryStream("130108"), roster.TerritoryListed{When: on(20220101), Code: "130108", Name: "裕华区"}),
		record(2, hour(2), roster.TerritoryStream("130108"), roster.PopulationPublished{When: on(20200331), Territory: "130108", Basis: roster.Resident, Day: 20191231, People: 10_000}),
		record(3, hour(3), roster.TerritoryStream("130108"), roster.SuitsCounted{When: on(20210131), Territory: "130108", Month: "2021-01", Suits: roster.Civil, Count: 80}),
		record(4, hour(4), roster.TerritoryStream("130108"), roster.SuitsCounted{When: on(20210131), Territory: "130108", Month: "2021-01", Suits: roster.Civil, Count: 84}),
		record(5, hour(5), supervision.Stream("130172"), supervision.GovernanceHeld{At: calendar.On(20210605), Station: "130172", Type: "普法宣讲"}),
	}, 3)
	check := func(s *statistics.Statistics) {
		t.Helper()
		q := statistics.SuitsQuery{Year: 2021, Territory: "130108", Basis: roster.Resident, Kind: roster.Civil}
		if got := s.Suits(q); got.Value == nil || *got.Value != "84.00" {
			t.Errorf("now: %s", text(got))
		}
		q.KnownAt = hour(3)
		if got := s.Suits(q); got.Value == nil || *got.Value != "80.00" {
			t.Errorf("before it was restated: %s", text(got))
		}
		for _, c := range []struct {
			q    statistics.Query
			want int
		}{
			{statistics.Query{}, 1}, {statistics.Query{Station: "130172"}, 1}, {statistics.Query{Station: "130108001"}, 0}, {statistics.Query{Cause: "离婚纠纷"}, 0},
			{statistics.Query{AsOf: 20210604}, 0}, {statistics.Query{KnownAt: hour(4)}, 0}, {statistics.Query{KnownAt: hour(5)}, 1},
		} {
			c.q.From, c.q.To = 20210101, 20211231
			if got := s.Figures(c.q).GovernanceActivities; got != c.want {
				t.Errorf("%+v: %d activities, want %d", c.q, got, c.want)
			}
		}
	}
	check(s)
	s.Close()
	if s, err = opened(dir); err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	check(s)
	feed(t, s, []follow.Record{record(6, hour(6), roster.TerritoryStream("130108"), roster.SuitsCounted{When: on(20210228), Territory: "130108", Month: "2021-02", Suits: roster.Civil, Count: 1})})
	if got := s.Suits(statistics.SuitsQuery{Year: 2021, Territory: "130108", Basis: roster.Resident, Kind: roster.Civil}); got.Value == nil || *got.Value != "85.00" {
		t.Errorf("after one month more: %s", text(got))
	}
}

func TestYearsAreThoseInWhichAnythingHappened(t *testing.T) {
	if years := view(t, nil).Years(); len(years) != 0 {
		t.Errorf("an empty court: %v", years)
	}
	when := func(d calendar.Date) mediation.When { return mediation.When{At: calendar.On(d)} }
	s := view(t, []follow.Record{
		record(1, firstMoment, mediation.Stream("d"), mediation.DisputeFiled{When: when(20191230), Station: "130172", Cause: "离婚纠纷"},
			mediation.DelegationAccepted{When: when(20210102), Organisation: "RT-01"}, mediation.MediationTerminated{When: when(20220103), Ground: mediation.Unreachable}),
		record(2, firstMoment, mediation.Stream("d"), mediation.EntryCorrected{When: when(20220201), Field: mediation.FieldFiled, Is: "2020-12-30"}),
	})
	if years := s.Years(); !reflect.DeepEqual(years, []int{2020, 2021, 2022}) {
		t.Errorf("years: %v", years)
	}
}

func TestWhatNobodyTookOnIsNoMediationThatFailed(t *testing.T) {
	when := mediation.When{At: calendar.On(20210301)}
	s := view(t, []follow.Record{
		record(1, firstMoment, mediation.Stream("d1"), mediation.DisputeFiled{When: when, Station: "130172", Cause: "离婚纠纷"},
			mediation.MediationTerminated{When: when, Ground: mediation.PartyUnwilling, Unreceived: true}),
		record(2, firstMoment, mediation.Stream("d2"), mediation.DisputeFiled{When: when, Station: "130172", Cause: "离婚纠纷"},
			mediation.DelegationAccepted{When: when, Organisation: "RT-01"}, mediation.MediationTerminated{When: when, Ground: mediation.PartyUnwilling}),
	})
	if f := s.Figures(statistics.Query{From: 20210101, To: 20211231}); f.Filed != 2 || f.Received != 1 || f.Concluded != 1 || f.OpenAtAsOf != 0 {
		t.Errorf("filed %d, received %d, concluded %d, open %d", f.Filed, f.Received, f.Concluded, f.OpenAtAsOf)
	}
}

func TestQuestionsMayBeAskedWhileTheViewGrows(t *testing.T) {
	records, _ := crowd(2000, true)
	s := view(t, nil)
	done := make(chan struct{})
	var asking sync.WaitGroup
	for range 2 {
		asking.Go(func() {
			q := statistics.Query{From: day("2013-01-01"), To: day("2031-12-31")}
			for last := 0; ; {
				n := s.Figures(q).Filed
				if n < last || len(s.Cases(q, statistics.Filed)) < n || len(s.Years()) > 12 {
					t.Errorf("%d filed after %d", n, last)
				}
				last = n
				s.Suits(statistics.SuitsQuery{Year: 2021, Territory: "130108"})
				select {
				case <-done:
					return
				default:
				}
			}
		})
	}
	sizes := make([]int, 40)
	for i := range sizes {
		sizes[i] = 50
	}
	feed(t, s, records, sizes...)
	close(done)
	asking.Wait()
	if got := s.Figures(statistics.Query{From: day("2013-01-01"), To: day("2031-12-31")}).Filed; got != 2000 {
		t.Errorf("%d filed, want 2000", got)
	}
}

// TestAnAuditorCanAddUpTheFile asks the file itself, as anybody with sqlite3 can.
func TestAnAuditorCanAddUpTheFile(t *testing.T) {
	dir := t.TempDir()
	s, err := opened(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	c := newCourt(t)
	c.importYear()
	feed(t, s, c.records())
	files, err := filepath.Glob(filepath.Join(dir, "statistics.*.db"))
	if err != nil || len(files) != 1 {
		t.Fatalf("%v: %v", files, err)
	}
	db, err := sql.Open("sqlite", files[0])
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var concluded, success int
	if err := db.QueryRow(`SELECT sum(sign), sum(sign * (outcome & 64 <> 0)) FROM fact JOIN word ON word.number = station
		WHERE measure = 5 AND day BETWEEN 20210101 AND 20211231 AND happened <= 20211231 AND text = '130108005'`).Scan(&concluded, &success); err != nil {
		t.Fatal(err)
	}
	if concluded != 573 || success != 302 {
		t.Errorf("槐底街道: %d of %d, want 302 of 573", success, concluded)
	}
}
