package docket

import (
	"errors"
	"strconv"
	"strings"
)

// Order is how a list is sorted.
type Order string

// The orders.
const (
	ByUrgency Order = ""       // next last day first, then what was filed first
	ByNewest  Order = "newest" // filed last first
)

// ErrAfter is given for a Filter.After that no page of that order gave.
var ErrAfter = errors.New("this is not the mark of a page of that list")

// place is where an entry stands in its list.
type place struct{ day, filed, no int64 }

// sorting is an order as the file knows it.
type sorting struct {
	by     string
	behind string // what comes after a place
	place  func(place) []int64
}

func (o Order) sorting() sorting {
	if o == ByNewest {
		return sorting{`filed DESC, no DESC`, `(filed, no) < (?, ?)`, func(p place) []int64 { return []int64{p.filed, p.no} }}
	}
	return sorting{`last_day, filed, no`, `(last_day, filed, no) > (?, ?, ?)`, func(p place) []int64 { return []int64{p.day, p.filed, p.no} }}
}

// mark is a place as a page gives it away: numbers that name nobody.
func (o Order) mark(p place) string {
	var parts []string
	for _, n := range o.sorting().place(p) {
		parts = append(parts, strconv.FormatInt(n, 10))
	}
	return strings.Join(parts, ".")
}

// parse reads what mark wrote; nil for no mark.
func (o Order) parse(mark string) ([]any, error) {
	if mark == "" {
		return nil, nil
	}
	parts := strings.Split(mark, ".")
	if len(parts) != len(o.sorting().place(place{})) {
		return nil, ErrAfter
	}
	after := make([]any, len(parts))
	for i, part := range parts {
		n, err := strconv.ParseInt(part, 10, 64)
		if err != nil {
			return nil, ErrAfter
		}
		after[i] = n
	}
	return after, nil
}
