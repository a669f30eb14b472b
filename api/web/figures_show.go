package web

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"math/big"
	"net/http"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"doorstep/domain/roster"
	"doorstep/projections/docket"
	"doorstep/projections/statistics"
)

// few is under how many disputes a rate says little (样本少).
const few = 10

// figuresView is the dashboard.
type figuresView struct {
	Period      period
	Years       []int
	Self        string // address of this very page
	Station     string // name of the workstation shown; empty: the whole court
	Figures     statistics.Figures
	Before      statistics.Figures // the same period one year earlier
	Suits       suitsView
	Months      trendChart
	Funnel      []funnelStep
	Stations    []multiple
	Axis        axis // of all the small pictures
	ByStation   []groupRow
	ByBody      []groupRow
	ByCause     []groupRow
	ByMonth     []groupRow
	Grounds     []groundRow
	Newest      []docket.Entry
	Nothing     bool // there is nothing in the period
	CourtRate   *string
	ShowNewest  bool
	StationName map[string]string
}

// suitsView is first-instance filings per 10,000 residents, last year and this.
type suitsView struct {
	Territory   string // name
	Now, Before statistics.Suits
	Huji        statistics.Suits // over the registered population
	HujiBefore  statistics.Suits
	Change      string // difference, without its sign; empty where one is missing or of fewer months
	Share       string // of last year's, in per cent
	Falls       bool
}

// groupRow is one line of a table of outcomes.
type groupRow struct {
	Name     string
	Data     bool // the name is what people wrote
	Group    statistics.Group
	Success  string // addresses of the lists
	Whole    string
	Elsewise string // address of the dashboard of this part; empty: there is none
}

// groundRow is how often a ground ended mediation.
type groundRow struct {
	Ground int
	Count  int
	Share  string
}

// funnelStep is one step from filing to confirmation.
type funnelStep struct {
	Measure statistics.Measure
	Count   int
	Width   string // of 100
	Address string
}

// showFigures is the dashboard, or, when its own script asks, the figures alone.
func (s *site) showFigures(v *visit) error {
	p, err := v.period()
	if err != nil {
		return err
	}
	view, err := s.figures(v, p)
	if err != nil {
		return err
	}
	if v.isFragment() {
		return v.fragment(figuresBody(view))
	}
	title := v.say("figures.title")
	if view.Station != "" {
		title = view.Station
	}
	return v.page(http.StatusOK, head{Title: title, AsOf: p.AsOf, Scale: "wide"}, figuresPage(view))
}

func (s *site) figures(v *visit, p period) (figuresView, error) {
	view := figuresView{
		Period: p, Years: s.Statistics.Years(), Self: p.address("/stats"),
		Figures: s.Statistics.Figures(p.query()), Before: s.Statistics.Figures(p.before().query()),
		StationName: map[string]string{}, ShowNewest: !p.past(),
	}
	if !slices.Contains(view.Years, p.From.Year()) {
		view.Years = append(view.Years, p.From.Year())
		slices.Sort(view.Years)
	}
	for _, st := range s.Directory.Stations() {
		view.StationName[st.Code] = st.Name
	}
	view.Station = view.StationName[p.Station]
	f := view.Figures
	view.Nothing = f.Filed+f.Received+f.Concluded+f.OpenAtAsOf+f.GovernanceActivities == 0
	view.CourtRate = f.SuccessRateConcluded
	view.Suits = s.suits(p)
	view.Funnel = funnel(p, f)
	view.Months = trendOf(p, f)
	view.tables(s)
	if p.Station == "" {
		view.Stations, view.Axis = s.multiples(p, f)
	}
	if !view.ShowNewest {
		return view, nil
	}
	page, err := s.Docket.List(v.request().Context(), docket.Filter{Station: p.Station, Order: docket.ByNewest, Limit: 5})
	view.Newest = page.Entries
	return view, err
}

// tables fills in the tables, by code, so that nobody is ranked.
func (view *figuresView) tables(s *site) {
	p, by := view.Period, view.Figures.By
	for _, code := range slices.Sorted(maps.Keys(by.Station)) {
		row := p.row(cmp.Or(view.StationName[code], code), by.Station[code], "station", code)
		row.Elsewise = p.address("/stats", "station", code)
		view.ByStation = append(view.ByStation, row)
	}
	for _, code := range slices.Sorted(maps.Keys(by.Organisation)) {
		name := code
		if o, ok := s.Directory.Organisation(code); ok {
			name = o.Name
		}
		view.ByBody = append(view.ByBody, p.row(name, by.Organisation[code], "organisation", code))
	}
	causes := slices.SortedFunc(maps.Keys(by.Cause), func(a, b string) int {
		return cmp.Or(by.Cause[b].Concluded-by.Cause[a].Concluded, strings.Compare(a, b))
	})
	for _, cause := range causes {
		view.ByCause = append(view.ByCause, p.row(cause, by.Cause[cause], "cause", cause))
	}
	for _, month := range slices.Sorted(maps.Keys(by.Month)) {
		row := p.month(month).row(month, by.Month[month])
		row.Data = false
		view.ByMonth = append(view.ByMonth, row)
	}
	grounds := view.Figures.Grounds
	ended := view.Figures.Concluded - view.Figures.Success
	for _, g := range slices.Sorted(maps.Keys(grounds)) {
		view.Grounds = append(view.Grounds, groundRow{g, grounds[g], percent(grounds[g], ended)})
	}
}

func (p period) row(name string, g statistics.Group, more ...string) groupRow {
	return groupRow{
		Name: name, Data: true, Group: g,
		Success: p.list(statistics.Success, more...), Whole: p.list(statistics.Concluded, more...),
	}
}

// funnel is how many of the period came how far.
func funnel(p period, f statistics.Figures) []funnelStep {
	steps := []funnelStep{
		{Measure: statistics.Filed, Count: f.Filed}, {Measure: statistics.Delegated, Count: f.Delegated},
		{Measure: statistics.Received, Count: f.Received}, {Measure: statistics.Concluded, Count: f.Concluded},
		{Measure: statistics.Success, Count: f.Success}, {Measure: statistics.Confirmed, Count: f.Confirmed},
	}
	most := 1
	for _, s := range steps {
		most = max(most, s.Count)
	}
	for i := range steps {
		steps[i].Width = percent(steps[i].Count, most)
		steps[i].Address = p.list(steps[i].Measure)
	}
	return steps
}

// suits answers for the workstation's territory, or for the court's: of the top
// territories the one with most below it.
func (s *site) suits(p period) suitsView {
	territory := s.territory()
	if st, ok := s.Directory.Station(p.Station); ok && st.Territory != "" {
		territory = st.Territory
	}
	view := suitsView{Territory: territory}
	if t, ok := s.Directory.Territory(territory); ok {
		view.Territory = t.Name
	}
	ask := func(year int, basis roster.Basis) statistics.Suits {
		return s.Statistics.Suits(statistics.SuitsQuery{
			Year: year, Territory: territory, Basis: basis, Kind: roster.Civil, AsOf: p.AsOf.Happened, KnownAt: p.AsOf.Known,
		})
	}
	year := p.To.Year()
	view.Now, view.Before = ask(year, roster.Resident), ask(year-1, roster.Resident)
	view.Huji, view.HujiBefore = ask(year, roster.Registered), ask(year-1, roster.Registered)
	if view.Now.Value != nil && view.Before.Value != nil && view.Now.Months == view.Before.Months {
		now, _ := new(big.Rat).SetString(*view.Now.Value)
		was, _ := new(big.Rat).SetString(*view.Before.Value)
		d := new(big.Rat).Sub(now, was)
		view.Falls = d.Sign() < 0
		view.Change = d.Abs(d).FloatString(2)
		if was.Sign() > 0 {
			view.Share = d.Mul(d, big.NewRat(100, 1)).Quo(d, was).FloatString(2)
		}
	}
	return view
}

// territory is the code of the court's territory.
func (s *site) territory() string {
	below := map[string]int{}
	territories := s.Directory.Territories()
	for _, t := range territories {
		below[t.Parent]++
	}
	best := ""
	for _, t := range territories {
		if t.Parent == "" && (best == "" || below[t.Code] > below[best]) {
			best = t.Code
		}
	}
	return best
}

// percent is part of whole with two decimals, for widths and shares; "0" of
// nothing.
func percent(part, whole int) string {
	if whole == 0 {
		return "0"
	}
	return fmt.Sprintf("%.2f", float64(part)*100/float64(whole))
}

// rate is a share as a number, for drawing.
func rate(g statistics.Group) float64 {
	if g.Concluded == 0 {
		return 0
	}
	return float64(g.Success) * 100 / float64(g.Concluded)
}

// perCent writes a rate that may not exist.
func perCent(rate *string) string { return orDash(rate, "%") }

// groundName names a ground of termination.
func groundName(ctx context.Context, g int) string { return say(ctx, fmt.Sprintf("ground.g%d", g)) }

// liveFigures make the figures ask for themselves again when something
// happened; those of the past do not move.
func liveFigures(view figuresView) templ.Attributes {
	if view.Period.past() {
		return nil
	}
	return templ.Attributes{"hx-get": view.Self, "hx-trigger": "doorstep:moved from:body", "hx-swap": "innerHTML", "hx-target": "this", "hx-sync": "this:queue last"}
}

// suitsDefinition says of what the figure per 10,000 is made, and what it is on
// the other basis.
func suitsDefinition(ctx context.Context, v suitsView) string {
	var lines []string
	for _, s := range []statistics.Suits{v.Before, v.Now} {
		if s.Value == nil {
			lines = append(lines, say(ctx, "meaning.suits-missing", "year", fmt.Sprint(s.Year)))
			continue
		}
		lines = append(lines, say(ctx, "meaning.suits-of", "year", fmt.Sprint(s.Year), "filings", num(s.Numerator),
			"people", num(s.Denominator), "day", day(s.Population), "value", *s.Value))
	}
	lines = append(lines, say(ctx, "meaning.suits-huji", "before", orDash(v.HujiBefore.Value, ""), "now", orDash(v.Huji.Value, "")))
	return meaning(ctx, "suits_per_10k", lines...)
}
