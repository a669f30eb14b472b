package statistics_test

import (
	"math/big"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"doorstep/domain/statistics"
)

func TestRatesAreThoseThatCourtsPublished(t *testing.T) {
	for _, c := range []struct {
		what        string
		part, whole int
		want        string
	}{
		{"裕华区 2021", 2476, 4757, "52.05"},
		{"洛阳老城，按办结", 2585, 3966, "65.18"},
		{"洛阳老城，按收案", 2585, 3963, "65.23"},
		{"源陵 按收案", 504, 623, "80.90"},
		{"赞皇 2023", 1625, 1930, "84.20"},
		{"成功分流率 2019", 1455, 1455 + 13852, "9.51"},
		{"成功分流率 2020", 4240, 4240 + 13136, "24.40"},
		{"97.32 到 84.38", 8438 - 9732, 9732, "-13.30"},
	} {
		if got := statistics.Rate(c.part, c.whole); got == nil || *got != c.want {
			t.Errorf("%s: %v, want %s", c.what, show(got), c.want)
		}
	}
	if got := statistics.PerTenThousand(6506, 771_000); got == nil || *got != "84.38" {
		t.Errorf("万人起诉率: %v", show(got))
	}
}

func show(s *string) string {
	if s == nil {
		return "none"
	}
	return *s
}

func TestNothingDividedByZeroIsZero(t *testing.T) {
	for what, got := range map[string]*string{
		"rate": statistics.Rate(0, 0), "rate of some": statistics.Rate(3, 0), "per 10,000": statistics.PerTenThousand(5, 0),
		"mean": statistics.Mean(0, 0), "median": statistics.Median(nil), "median of zeros": statistics.Median([]int{0, 0, 0}),
	} {
		if got != nil {
			t.Errorf("%s: %s, want none", what, *got)
		}
	}
}

func TestRatiosAreRoundedHalfUpFromTheExactRatio(t *testing.T) {
	for _, c := range []struct {
		part, whole int
		want        string
	}{{1, 20000, "0.01"}, {1, 20001, "0.00"}, {-1, 20000, "-0.01"}, {-1, 30000, "0.00"}, {1, 3, "33.33"}, {2, 3, "66.67"}, {1, 1, "100.00"}, {3, 2, "150.00"}} {
		if got := statistics.Rate(c.part, c.whole); got == nil || *got != c.want {
			t.Errorf("%d/%d: %v, want %s", c.part, c.whole, show(got), c.want)
		}
	}
	exact := func(a, b, times int64, decimals int) string {
		r := new(big.Rat).SetFrac64(a, b)
		s := r.Mul(r, big.NewRat(times, 1)).FloatString(decimals) // rounds half away from zero
		if zero := new(big.Rat); s[0] == '-' {
			if zero.SetString(s); zero.Sign() == 0 {
				return s[1:]
			}
		}
		return s
	}
	rapid.Check(t, func(t *rapid.T) {
		limit := rapid.SampledFrom([]int{20, 100_000, 1_000_000_000_000}).Draw(t, "limit")
		a, b := rapid.IntRange(-limit, limit).Draw(t, "part"), rapid.IntRange(1, limit).Draw(t, "whole")
		if rapid.Bool().Draw(t, "half") { // a ratio that lies exactly between two
			a, b = (2*(a%100_000)+1)*1, 20_000
		}
		for times, f := range map[int64]func(int, int) *string{100: statistics.Rate, 10_000: statistics.PerTenThousand, 1: statistics.Mean} {
			if got, want := f(a, b), exact(int64(a), int64(b), times, 2); got == nil || *got != want {
				t.Fatalf("%d * %d / %d: %v, want %s", a, times, b, show(got), want)
			}
		}
	})
}

func TestTheMedianIsTheMiddleOfTheSortedList(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		list := rapid.SliceOfN(rapid.IntRange(0, 40), 1, 30).Draw(t, "days")
		counts := make([]int, 41)
		for _, d := range list {
			counts[d]++
		}
		slices.Sort(list)
		n := len(list)
		want := big.NewRat(int64(list[(n-1)/2]+list[n/2]), 2).FloatString(1)
		if got := statistics.Median(counts); got == nil || *got != want {
			t.Fatalf("median of %v: %v, want %s", list, show(got), want)
		}
	})
}
