package directory_test

import (
	"context"
	"errors"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"doorstep/domain/calendar"
	"doorstep/domain/codec"
	"doorstep/domain/eventlog"
	"doorstep/domain/roster"
	"doorstep/projections/directory"
	"doorstep/projections/follow"
)

// record is a commit of the events at a position.
func record(position uint64, events ...codec.Event) follow.Record {
	r := eventlog.Record{Position: eventlog.PositionAt(position)}
	r.RecordedAt = time.Unix(int64(position), 0)
	r.Head.Hash[0] = byte(position)
	return follow.Record{Record: r, Events: events}
}

func open(t interface{ Fatal(...any) }, dir string) *directory.Directory {
	d, err := directory.Open(dir)
	if err == nil {
		err = d.Complete(context.Background())
	}
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func feed(t interface{ Fatal(...any) }, d *directory.Directory, records []follow.Record, size int) {
	mark, err := d.Mark(context.Background())
	for err == nil && len(records) > 0 {
		some := records[:min(size, len(records))]
		last := some[len(some)-1]
		to := follow.Mark{Before: mark.Position, Position: last.Position, Hash: last.Head.Hash}
		if len(some) > 1 {
			to.Before = some[len(some)-2].Position
		}
		err = d.Take(context.Background(), mark, to, some)
		mark, records = to, records[len(some):]
	}
	if err != nil {
		t.Fatal(err)
	}
}

func TestTheNewestListingOfACodeIsFound(t *testing.T) {
	at := roster.When{At: calendar.On(calendar.NewDate(2021, 1, 4))}
	dir := t.TempDir()
	d := open(t, dir)
	feed(t, d, []follow.Record{
		record(1, roster.StationListed{When: at, Code: "B", Name: "乙站", Territory: "T"}, roster.StationListed{When: at, Code: "A", Name: "旧名", Territory: "T"}),
		record(2, roster.OrganisationListed{When: at, Code: "RT-01", Name: "人民调解委员会", Type: "人民调解委员会", Scope: "离婚纠纷"}),
		record(3, roster.TerritoryListed{When: at, Code: "T", Name: "裕华区"}, roster.SuitsCounted{When: at, Territory: "T", Month: "2021-01", Suits: roster.Civil, Count: 3}),
		record(4, roster.StationListed{When: at, Code: "A", Name: "新名", Territory: "T"}),
	}, 2)
	check := func(d *directory.Directory) {
		t.Helper()
		if s := d.Stations(); len(s) != 2 || s[0].Name != "新名" || s[1].Code != "B" {
			t.Errorf("stations: %v", s)
		}
		if o, ok := d.Organisation("RT-01"); !ok || o.Scope != "离婚纠纷" || len(d.Organisations()) != 1 {
			t.Errorf("organisation: %v %v", o, ok)
		}
		if p, ok := d.Territory("T"); !ok || p.Name != "裕华区" || len(d.Territories()) != 1 {
			t.Errorf("territory: %v %v", p, ok)
		}
		if _, ok := d.Station("C"); ok {
			t.Error("a station that nobody listed is found")
		}
	}
	check(d)
	d.Close()
	d = open(t, dir)
	defer d.Close()
	check(d)
	if err := d.Take(context.Background(), follow.Mark{}, follow.Mark{}, nil); !errors.Is(err, follow.ErrMoved) {
		t.Errorf("a batch from another place is taken: %v", err)
	}
}

func TestRebuiltAtOnceOrStepByStepItHoldsTheSame(t *testing.T) {
	folder, made := t.TempDir(), 0
	codes := rapid.SampledFrom([]string{"A", "B", "130108001", "HY-01"})
	names := rapid.SampledFrom([]string{"甲", "乙", "丙"})
	rapid.Check(t, func(t *rapid.T) {
		var records []follow.Record
		want := map[string]string{}
		for i := range rapid.IntRange(0, 12).Draw(t, "records") {
			code, name := codes.Draw(t, "code"), names.Draw(t, "name")
			want[code] = name
			records = append(records, record(uint64(i+1), roster.StationListed{When: roster.When{At: calendar.On(20210104)}, Code: code, Name: name}))
		}
		var digests []string
		for _, size := range []int{100, rapid.IntRange(1, 4).Draw(t, "size")} {
			made++
			d := open(t, filepath.Join(folder, strconv.Itoa(made)))
			feed(t, d, records, size)
			digest, err := d.Digest(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			digests = append(digests, digest)
			got := map[string]string{}
			for _, s := range d.Stations() {
				got[s.Code] = s.Name
			}
			if !maps.Equal(got, want) || !slices.IsSortedFunc(d.Stations(), func(a, b roster.StationListed) int { return strings.Compare(a.Code, b.Code) }) {
				t.Fatalf("got %v, want %v", got, want)
			}
			d.Close()
		}
		if digests[0] != digests[1] {
			t.Fatal("the digest hangs on how it was built")
		}
	})
}
