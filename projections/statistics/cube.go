package statistics

import (
	"doorstep/domain/calendar"
	rules "doorstep/domain/statistics"
)

// cube is all facts in memory, a column for each measure, and what they refer
// to by number.
type cube struct {
	words    names // codes of stations and organisations, and causes
	disputes names // ids
	columns  map[rules.Measure]*column
	register rules.Register
	years    map[int]int // facts of filing, receipt and conclusion by year
	facts    int         // rows in the file
	figures  int         // published figures in the file
}

func newCube() cube {
	c := cube{columns: map[rules.Measure]*column{}, years: map[int]int{}}
	for _, m := range rules.Facts {
		c.columns[m] = &column{}
	}
	return c
}

// names numbers strings from 1 in the order in which they first came.
type names struct {
	number map[string]uint32
	list   []string
}

func (n *names) add(s string) {
	if n.number == nil {
		n.number = map[string]uint32{}
	}
	n.list = append(n.list, s)
	n.number[s] = uint32(len(n.list))
}

func (n *names) name(i uint32) string { return n.list[i-1] }

// row is a fact as the file and the memory keep it.
type row struct {
	measure                      int // place in rules.Facts
	dispute                      uint32
	station, organisation, cause uint32
	day, happened                calendar.Date
	known                        int64 // microseconds
	position                     uint64
	outcome                      outcome
	days                         int32
	sign                         int8
}

// outcome is how a mediation ended: the ground of termination or success, and
// whether it was held by audio and video.
type outcome uint8

const (
	successful outcome = 1 << 6
	audioVideo outcome = 1 << 7
	ground             = successful - 1
)

func outcomeOf(f rules.Fact) outcome {
	o := outcome(f.Ground) & ground
	if f.Success {
		o = successful
	}
	if f.AudioVideo {
		o |= audioVideo
	}
	return o
}

// column is the facts of one measure, field by field, for fast sums.
type column struct {
	day, happened                []calendar.Date
	known                        []int64
	dispute                      []uint32
	station, organisation, cause []uint32
	outcome                      []outcome
	days                         []int32
	sign                         []int8
}

func (c *cube) add(r row) {
	m := rules.Facts[r.measure]
	k := c.columns[m]
	k.day, k.happened, k.known = append(k.day, r.day), append(k.happened, r.happened), append(k.known, r.known)
	k.dispute, k.station = append(k.dispute, r.dispute), append(k.station, r.station)
	k.organisation, k.cause = append(k.organisation, r.organisation), append(k.cause, r.cause)
	k.outcome, k.days, k.sign = append(k.outcome, r.outcome), append(k.days, r.days), append(k.sign, r.sign)
	if m == rules.Filed || m == rules.Received || m == rules.Concluded {
		c.years[r.day.Year()] += int(r.sign)
	}
	c.facts++
}
