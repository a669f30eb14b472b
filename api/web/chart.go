package web

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"doorstep/domain/calendar"
	"doorstep/projections/statistics"
)

// axis is the range of the vertical axis, in per cent.
type axis struct{ Low, High float64 }

// up is how far down from the top a value stands on a picture of that height.
func (a axis) up(value, height float64) float64 {
	if a.High <= a.Low {
		return height
	}
	return height * (a.High - value) / (a.High - a.Low)
}

// coordinate writes a length for a picture.
func coordinate(f float64) string {
	return strings.TrimSuffix(strings.TrimRight(fmt.Sprintf("%.1f", f), "0"), ".")
}

// The measures of the trend picture; its text is drawn at its real size on a
// desk's screen.
const (
	trendWidth, trendHeight = 520.0, 300.0
	trendLeft, trendRight   = 32.0, 28.0
	trendTop, trendBottom   = 12.0, 24.0
)

// trendChart is the months of a period: bars for what was concluded, the part
// that succeeded in them, and the rate as a line.
type trendChart struct {
	Bars []trendBar
	Line string // path
	Dots []point
	Grid []gridLine
}

type trendBar struct {
	Month, Label        string
	Group               statistics.Group
	X, Width            string
	WholeY, WholeHeight string
	PartY, PartHeight   string
	LabelX              string
	Address             string
}

type point struct{ X, Y, Title string }

// gridLine is a horizontal line with how many cases (left) and per cent (right)
// it stands for.
type gridLine struct{ Y, TextY, Left, Right string }

// trendOf draws the months.
func trendOf(p period, f statistics.Figures) trendChart {
	months := monthsOf(p, f)
	var c trendChart
	most := 1
	for _, m := range months {
		most = max(most, f.By.Month[m].Concluded)
	}
	top := niceTop(most)
	height := trendHeight - trendTop - trendBottom
	for i := 0; i <= 4; i++ {
		y := trendTop + height*float64(4-i)/4
		c.Grid = append(c.Grid, gridLine{coordinate(y), coordinate(y + 3.5), num(top * i / 4), fmt.Sprint(25 * i)})
	}
	step := (trendWidth - trendLeft - trendRight) / float64(max(len(months), 1))
	scale := func(n int) float64 { return height * float64(n) / float64(top) }
	pen := "M"
	for i, m := range months {
		g := f.By.Month[m]
		x, middle := trendLeft+step*float64(i)+step*0.2, trendLeft+step*(float64(i)+0.5)
		whole, part := scale(g.Concluded), scale(g.Success)
		c.Bars = append(c.Bars, trendBar{
			Month: m, Label: strings.TrimPrefix(m[5:], "0"), Group: g, X: coordinate(x), Width: coordinate(step * 0.6),
			WholeY: coordinate(trendTop + height - whole), WholeHeight: coordinate(whole),
			PartY: coordinate(trendTop + height - part), PartHeight: coordinate(part),
			LabelX: coordinate(middle), Address: p.month(m).list(statistics.Concluded),
		})
		if g.Concluded == 0 {
			pen = "M"
			continue
		}
		y := trendTop + axis{0, 100}.up(rate(g), height)
		c.Line += pen + coordinate(middle) + " " + coordinate(y)
		c.Dots = append(c.Dots, point{coordinate(middle), coordinate(y), m + "  " + perCent(g.Rate)})
		pen = "L"
	}
	return c
}

// monthsOf are the months of the period, up to three years of them, or of more
// those in which anything was concluded.
func monthsOf(p period, f statistics.Figures) []string {
	var months []string
	for d := p.From; !d.After(p.To); d = calendar.DateOf(d.AddDays(1-d.Day()).Time().AddDate(0, 1, 0)) {
		if months = append(months, d.String()[:7]); len(months) > 36 {
			return slices.Sorted(maps.Keys(f.By.Month))
		}
	}
	return months
}

// niceTop is a round number that is at least most, divisible by four.
func niceTop(most int) int {
	size := math.Pow(10, math.Floor(math.Log10(float64(max(most, 1)))))
	for _, k := range []float64{1, 1.2, 1.6, 2, 2.4, 3.2, 4, 6, 8, 10} {
		if top := int(math.Ceil(k * size)); top >= most {
			return (top + 3) / 4 * 4
		}
	}
	return most
}

// The measures of a small picture.
const smallWidth, smallHeight = 168.0, 44.0

// multiple is one workstation's small picture; all of them have one axis.
type multiple struct {
	Code, Name string
	Group      statistics.Group
	Line       string // its months
	MeanY      string // the court's rate over the whole period
	Dots       []point
	Address    string // its own dashboard
	Few        bool
}

// multiples draws the rate by month of every workstation on one axis.
func (s *site) multiples(p period, court statistics.Figures) ([]multiple, axis) {
	months := monthsOf(p, court)
	var list []multiple
	figures := map[string]statistics.Figures{}
	a := axis{100, 0}
	for _, st := range s.Directory.Stations() {
		q := p
		q.Station = st.Code
		figures[st.Code] = s.Statistics.Figures(q.query())
		for _, g := range figures[st.Code].By.Month {
			if g.Concluded >= few {
				a.Low, a.High = min(a.Low, rate(g)), max(a.High, rate(g))
			}
		}
	}
	a = axis{math.Floor(a.Low/10) * 10, math.Ceil(a.High/10) * 10}
	if a.High <= a.Low {
		a = axis{0, 100}
	}
	for _, st := range s.Directory.Stations() {
		f := figures[st.Code]
		m := multiple{Code: st.Code, Name: st.Name, Group: court.By.Station[st.Code], Address: p.address("/stats", "station", st.Code)}
		m.Few = m.Group.Concluded < few
		if court.Concluded > 0 {
			m.MeanY = coordinate(a.up(float64(court.Success)*100/float64(court.Concluded), smallHeight))
		}
		m.Line, m.Dots = small(months, f.By.Month, a)
		list = append(list, m)
	}
	return list, a
}

// small draws months with enough cases; the others are gaps, not points.
func small(months []string, by map[string]statistics.Group, a axis) (line string, dots []point) {
	step := smallWidth / float64(max(len(months)-1, 1))
	pen := "M"
	for i, month := range months {
		g := by[month]
		if g.Concluded < few {
			pen = "M"
			continue
		}
		x, y := coordinate(step*float64(i)), coordinate(a.up(rate(g), smallHeight))
		line += pen + x + " " + y
		pen = "L"
		dots = append(dots, point{x, y, fmt.Sprintf("%s  %s  %d/%d", month, perCent(g.Rate), g.Success, g.Concluded)})
	}
	return line, dots
}
