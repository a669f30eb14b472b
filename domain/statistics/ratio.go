package statistics

import (
	"fmt"
	"strconv"
)

// Numbers here are counts: exact up to 10^12, far above any country's.

// Rate is part of whole per cent, with two decimals, rounded half up from the
// exact ratio (a decrease rounds as the increase of its size would). It is nil
// where whole is zero: nothing divided by zero is zero.
func Rate(part, whole int) *string { return ratio(part, whole, 100, 2) }

// PerTenThousand is how many there are per 10,000 people, rounded as Rate is.
func PerTenThousand(count, people int) *string { return ratio(count, people, 10_000, 2) }

// Mean is sum over n with two decimals, rounded as Rate is; nil where n is zero.
func Mean(sum, n int) *string { return ratio(sum, n, 1, 2) }

// Median is the middle one of the numbers, with one decimal: between two in
// the middle it is half their sum. Counts says how many there are of 0, of 1,
// and so on; nil where there are none.
func Median(counts []int) *string {
	n := 0
	for _, c := range counts {
		n += c
	}
	if n == 0 {
		return nil
	}
	lower, upper := nth(counts, (n-1)/2), nth(counts, n/2)
	return ratio(lower+upper, 2, 1, 1)
}

// nth is the number at place i, counted from 0, were they all in a row.
func nth(counts []int, i int) int {
	for v, c := range counts {
		if i < c {
			return v
		}
		i -= c
	}
	return len(counts) // not reached: i is less than their number
}

// ratio is a*times/b with the decimals, half up.
func ratio(a, b, times, decimals int) *string {
	if b == 0 {
		return nil
	}
	sign := ""
	if (a < 0) != (b < 0) {
		sign = "-"
	}
	a, b = max(a, -a), max(b, -b)
	unit := 1
	for range decimals {
		unit *= 10
	}
	scale := times * unit
	whole, rest := a/b, a%b
	units := whole*scale + (2*rest*scale+b)/(2*b)
	if units == 0 {
		sign = ""
	}
	s := sign + strconv.Itoa(units/unit) + "." + fmt.Sprintf("%0*d", decimals, units%unit)
	return &s
}
