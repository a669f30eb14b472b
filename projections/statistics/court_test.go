package statistics_test

import (
	"context"
	"encoding/csv"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"doorstep/domain/calendar"
	"doorstep/domain/confirmation"
	"doorstep/domain/decide"
	"doorstep/domain/eventlog"
	"doorstep/domain/eventlog/memory"
	"doorstep/domain/mediation"
	"doorstep/domain/roster"
	"doorstep/domain/supervision"
	"doorstep/projections/follow"
	"doorstep/projections/statistics"
)

// demo is the folder of the demonstration court's spreadsheets.
const demo = "../../cmd/internal/democourt/yuhua-2021"

// imported is the moment at which the demonstration year was entered.
var imported = time.Date(2022, 3, 1, 9, 0, 0, 0, calendar.Shanghai)

// court is a log and the desks on it, with a clock that moves on by a
// millisecond with every deed.
type court struct {
	tb            testing.TB
	log           *memory.Log
	disputes      *mediation.Desk
	confirmations *confirmation.Desk
	roster        *roster.Desk
	governance    *supervision.Desk
	at            time.Time
	deeds         int
}

func newCourt(tb testing.TB) *court {
	log := memory.New()
	return &court{
		tb: tb, log: log, at: imported,
		disputes:      decide.NewDesk(log, mediation.Decider, mediation.Codec, 100_000),
		confirmations: decide.NewDesk(log, confirmation.Decider, confirmation.Codec, 100_000),
		roster:        decide.NewDesk(log, roster.Decider, roster.Codec, 1000),
		governance:    decide.NewDesk(log, supervision.Decider, supervision.Codec, 1000),
	}
}

func (c *court) deed() decide.Deed {
	c.deeds++
	c.at = c.at.Add(time.Millisecond)
	return decide.Deed{ID: "deed-" + strconv.Itoa(c.deeds), At: c.at, Actor: "clerk"}
}

func (c *court) must(err error) {
	c.tb.Helper()
	if err != nil {
		c.tb.Fatal(err)
	}
}

func (c *court) dispute(id string, cmd mediation.Command) {
	c.tb.Helper()
	_, err := c.disputes.Do(context.Background(), mediation.Stream(id), c.deed(), cmd)
	c.must(err)
}

func (c *court) confirmation(id string, cmd confirmation.Command) {
	c.tb.Helper()
	_, err := c.confirmations.Do(context.Background(), confirmation.Stream(id), c.deed(), cmd)
	c.must(err)
}

// sheet gives the rows of a CSV file by header.
func sheet(tb testing.TB, name string) []map[string]string {
	tb.Helper()
	text, err := os.ReadFile(filepath.Join(demo, name))
	if err != nil {
		tb.Fatal(err)
	}
	cells, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(string(text), "\ufeff"))).ReadAll()
	if err != nil {
		tb.Fatal(err)
	}
	var rows []map[string]string
	for _, line := range cells[1:] {
		row := map[string]string{}
		for i, h := range cells[0] {
			row[h] = line[i]
		}
		rows = append(rows, row)
	}
	return rows
}

func day(s string) calendar.Date {
	var d calendar.Date
	if err := d.UnmarshalText([]byte(s)); err != nil {
		panic(err)
	}
	return d
}

func number(s string) int { n, _ := strconv.Atoi(s); return n }

// importYear brings the demonstration year into the log.
func (c *court) importYear() {
	c.importRoster()
	for i, r := range sheet(c.tb, "ledger.csv") {
		c.importRow(i+2, r)
	}
	for _, r := range sheet(c.tb, "transfers.csv") {
		c.dispute(r["平台编号"], mediation.ImportTransfer{On: day(r["日期"]), From: r["移出"], To: r["移入"], Source: mediation.Source{Hash: r["平台编号"] + r["日期"]}})
	}
	for i, r := range sheet(c.tb, "governance.csv") {
		_, err := c.governance.Do(context.Background(), supervision.Stream(r["工作站"]), c.deed(), supervision.HoldGovernance{
			At: calendar.On(day(r["日期"])), Station: r["工作站"], Type: r["类型"], Subject: r["主题"], People: number(r["人数"]), Source: strconv.Itoa(i)})
		c.must(err)
	}
}

func (c *court) importRoster() {
	list := func(stream string, cmd roster.Command) {
		_, err := c.roster.Do(context.Background(), stream, c.deed(), cmd)
		c.must(err)
	}
	at := calendar.At(c.at)
	for _, r := range sheet(c.tb, "stations.csv") {
		list(roster.StationStream(r["代码"]), roster.ListStation{At: at, Code: r["代码"], Name: r["名称"], Territory: r["地区代码"]})
	}
	for _, r := range sheet(c.tb, "territories.csv") {
		list(roster.TerritoryStream(r["代码"]), roster.ListTerritory{At: at, Code: r["代码"], Name: r["名称"], Parent: r["上级代码"]})
	}
	for _, r := range sheet(c.tb, "suits.csv") {
		list(roster.TerritoryStream(r["地区代码"]), roster.CountSuits{Territory: r["地区代码"], Month: r["月份"], Kind: roster.SuitKind(r["类型"]), Count: number(r["件数"])})
	}
	for _, r := range sheet(c.tb, "population.csv") {
		list(roster.TerritoryStream(r["地区代码"]), roster.PublishPopulation{Territory: r["地区代码"], Basis: roster.Basis(r["口径"]),
			Day: day(r["日期"]), People: number(r["人数"]), Source: r["来源"], Published: day(r["发布日期"])})
	}
}

func (c *court) importRow(line int, r map[string]string) {
	amount, err := mediation.ParseYuan(r["标的额"])
	c.must(err)
	id := r["平台编号"]
	c.dispute(id, mediation.ImportDispute{
		Today: calendar.DateOf(c.at), Court: "130108", Number: r["案号"], Station: r["工作站"], Cause: r["案由"], Amount: amount,
		Source:  mediation.Source{ID: id, Hash: id, File: "ledger.csv", Line: line, Import: "first"},
		Parties: []mediation.Party{{Role: mediation.Applicant, Name: r["申请人"]}, {Role: mediation.Respondent, Name: r["被申请人"]}},
		Filed:   day(r["申请日期"]), Organisation: r["调解组织"], Designated: day(r["委派日期"]), Accepted: day(r["接受日期"]),
		Mediator: r["调解员"], Mode: mediation.Mode(r["调解方式"]), Extended: day(r["延期同意日期"]), Outcome: mediation.Outcome(r["结果"]),
		Ground: mediation.Ground(number(r["终结原因"])), Return: mediation.ReturnGround(number(r["退回原因"])),
		Ended: day(r["结束日期"]), Effective: day(r["协议生效日期"]), Performed: day(r["履行完毕日期"]),
	})
	if r["司法确认申请日期"] == "" {
		return
	}
	c.confirmation(id, confirmation.Import{Dispute: id, Hash: id, Applied: day(r["司法确认申请日期"]), Result: confirmation.Result(r["司法确认结果"]), Ended: day(r["司法确认日期"])})
}

// opened is the view in its folder, in use from the first record on.
func opened(dir string) (*statistics.Statistics, error) {
	s, err := statistics.Open(dir)
	if err == nil {
		err = s.Complete(context.Background())
	}
	return s, err
}

// forms is every form of event that a view may be given.
func forms() *follow.Forms {
	f := follow.NewForms()
	follow.Add(f, mediation.Codec)
	follow.Add(f, confirmation.Codec)
	follow.Add(f, roster.Codec)
	follow.Add(f, supervision.Codec)
	return f
}

// records reads the whole log.
func (c *court) records() []follow.Record {
	c.tb.Helper()
	ctx := context.Background()
	end, err := c.log.End(ctx)
	c.must(err)
	var all []follow.Record
	f := forms()
	for r, err := range c.log.Follow(ctx, eventlog.Position{}) {
		c.must(err)
		decoded := f.Decode(r)
		if decoded.Unread != nil {
			c.tb.Fatal(decoded.Unread.Err)
		}
		if all = append(all, decoded); r.Position == end {
			break
		}
	}
	return all
}

// feed gives a view the records in batches of the sizes, and then in one.
func feed(tb testing.TB, v follow.View, records []follow.Record, sizes ...int) {
	tb.Helper()
	mark, err := v.Mark(context.Background())
	if err != nil {
		tb.Fatal(err)
	}
	for len(records) > 0 {
		n := len(records)
		if len(sizes) > 0 {
			n, sizes = min(sizes[0], n), sizes[1:]
		}
		last := records[n-1]
		to := follow.Mark{Before: mark.Position, Position: last.Position, Hash: last.Head.Hash}
		if n > 1 {
			to.Before = records[n-2].Position
		}
		if err := v.Take(context.Background(), mark, to, records[:n]); err != nil {
			tb.Fatal(err)
		}
		mark, records = to, records[n:]
	}
}

// view makes a view of the records.
func view(tb testing.TB, records []follow.Record, sizes ...int) *statistics.Statistics {
	tb.Helper()
	s, err := opened(tb.TempDir())
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { s.Close() })
	feed(tb, s, records, sizes...)
	return s
}
