package benchmarks

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// at gives the q-th part of the sorted values: 0.5 is the median.
func at[T any](sorted []T, q float64) T {
	return sorted[min(len(sorted)-1, int(q*float64(len(sorted))))]
}

// median of values in any order.
func median[T interface{ ~int64 | ~float64 }](values []T) T {
	return at(slices.Sorted(slices.Values(values)), 0.5)
}

// ratio is how one series stands to another measured beside it, round by round.
type ratio struct{ median, low, high float64 }

// ratioOf divides the medians, and gives the lowest and the highest of the
// rounds' own ratios.
func ratioOf(a, b []float64) ratio {
	each := make([]float64, len(a))
	for i := range a {
		each[i] = a[i] / b[i]
	}
	return ratio{median(a) / median(b), slices.Min(each), slices.Max(each)}
}

func (r ratio) String() string { return fmt.Sprintf("%.2f (%.2f–%.2f)", r.median, r.low, r.high) }

// count writes 31527 as 31,527.
func count[T ~int | ~int64 | ~float64](n T) string {
	s := fmt.Sprintf("%.0f", float64(n))
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// span writes a duration in three figures, in milliseconds below ten seconds.
func span(d time.Duration) string {
	switch ms := float64(d) / float64(time.Millisecond); {
	case ms >= 10_000:
		return fmt.Sprintf("%.1f s", ms/1000)
	case ms >= 100:
		return fmt.Sprintf("%.0f ms", ms)
	case ms >= 10:
		return fmt.Sprintf("%.1f ms", ms)
	default:
		return fmt.Sprintf("%.2f ms", ms)
	}
}

// row prints one row of a table in Markdown.
func row(cells ...string) { fmt.Println("| " + strings.Join(cells, " | ") + " |") }

// head prints the table's first two rows.
func head(cells ...string) {
	fmt.Println()
	row(cells...)
	fmt.Println(strings.Repeat("|---", len(cells)) + "|")
}

func TestFigures(t *testing.T) {
	if m := median([]float64{9, 1, 5}); m != 5 {
		t.Error(m)
	}
	hundred := make([]int64, 100)
	for i := range hundred {
		hundred[i] = int64(i + 1)
	}
	if p := at(hundred, 0.99); p != 100 {
		t.Error(p)
	}
	if p := at(hundred[:1], 0.99); p != 1 {
		t.Error(p)
	}
	if r := ratioOf([]float64{4, 6, 5}, []float64{2, 2, 1}).String(); r != "2.50 (2.00–5.00)" {
		t.Error(r)
	}
	for want, is := range map[string]string{
		"31,527": count(31_527), "999": count(999.4), "1,000,000": count(1_000_000),
		"0.29 ms": span(291 * time.Microsecond), "12.3 s": span(12_340 * time.Millisecond), "1300 ms": span(1300 * time.Millisecond), "13.0 ms": span(13 * time.Millisecond),
	} {
		if is != want {
			t.Errorf("%s, want %s", is, want)
		}
	}
}
