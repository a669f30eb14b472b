package sheets

import (
	"math"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"doorstep/domain/calendar"
	"doorstep/domain/mediation"
)

func TestDaysAreReadWhereTheyCannotBeMisread(t *testing.T) {
	for s, want := range map[string]string{
		"2021-03-05": "2021-03-05", "2021/3/5": "2021-03-05", "2021.03.05": "2021-03-05", "2021年3月5日": "2021-03-05", "20210305": "2021-03-05",
		"２０２１－０３－０５": "2021-03-05", " 2021-03-05 ": "2021-03-05", "2021-03-05 00:00:00": "2021-03-05", "2021-03-05T23:59:59.999Z": "2021-03-05",
		"2020-02-29": "2020-02-29", "2021-02-29": "no-such-day", "2021-02-30": "no-such-day", "2021-04-31": "no-such-day", "2021-00-10": "no-such-day",
		"2021-13-10": "no-such-day", "20211301": "no-such-day", "1900-02-29": "no-such-day", "1900-03-01": "day-too-early", "05-03-2021": "unreadable-day", "3/5/2021": "unreadable-day",
		"2021-03": "unreadable-day", "2021": "unreadable-day", "明天": "unreadable-day", "2021-03-05 noon": "unreadable-day", "2021-03-05-01": "unreadable-day", "": "",
	} {
		d, why := parseDay(cell{text: s})
		got := d.String()
		if why != nil {
			got = why.Code
		}
		if got != want {
			t.Errorf("%q: %q, want %q", s, got, want)
		}
	}
}

func TestStoredNumbersKeepTheirDigits(t *testing.T) {
	for v, want := range map[string]string{
		"14582.7": "14582.7", "14582.700000000001": "14582.7", "1.4582699999999999E4": "14582.7", "0.1": "0.1", "-5": "-5", "5.0": "5",
		"123456789012345678": "123456789012345678", "1.23456789012345E+17": "lossy", "1E3": "1000", "1.5E-2": "0.015", "130108001": "130108001",
		"abc": "no", "1e999": "no", "NaN": "no", "": "no",
	} {
		s, lossy, ok := decimal(v)
		if lossy {
			s = "lossy"
		}
		if !ok {
			s = "no"
		}
		if s != want {
			t.Errorf("%q: %q, want %q", v, s, want)
		}
	}
}

func TestFormatsOfDaysAreKnown(t *testing.T) {
	for format, want := range map[string]bool{
		"yyyy-mm-dd": true, `yyyy"年"m"月"d"日";@`: true, "[$-804]m/d/yy": true, "d": true, "m/d/yyyy h:mm": true,
		"General": false, "0.00": false, "h:mm": false, "[h]:mm:ss": false, `"day" 0`: false, `0\d`: false, "[Red]0.00": false, `0;"d"`: false, "@": false, `"open`: false, "[Red": false,
	} {
		if dayFormat(format) != want {
			t.Errorf("%q: %v", format, !want)
		}
	}
}

func TestSerialNumbersAreDays(t *testing.T) {
	for _, c := range []struct {
		v        string
		from1904 bool
		day      string
	}{
		{"44260", false, "2021-03-05"}, {"44260.999", false, "2021-03-05"}, {"42798", true, "2021-03-05"}, {"59", false, "1900-02-28"}, {"60", false, "1900-02-29"},
		{"61", false, "1900-03-01"}, {"1", false, "1900-01-01"}, {"0.5", false, ""}, {"-1", false, ""}, {"2958466", false, ""}, {"x", false, ""},
	} {
		if d, ok := (&workbook{from1904: c.from1904}).day(c.v); d != c.day || ok != (c.day != "") {
			t.Errorf("%+v: %s", c, d)
		}
	}
}

func TestADayComesBackFromEverySpelling(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := calendar.NewDate(1949, 10, 1).AddDays(rapid.IntRange(0, 60000).Draw(t, "day"))
		form := rapid.SampledFrom([]string{"2006-01-02", "2006/1/2", "2006.1.2", "2006年1月2日", "20060102", "2006-01-02 15:04:05"}).Draw(t, "form")
		if got, why := parseDay(cell{text: d.Time().Format(form)}); why != nil || got != d {
			t.Fatalf("%s as %s: %s, %v", d, d.Time().Format(form), got, why)
		}
		serial := strconv.Itoa(d.DaysSince(calendar.NewDate(1899, 12, 30)))
		if got, ok := (&workbook{}).day(serial); !ok || got != d.String() {
			t.Fatalf("%s as %s: %s", d, serial, got)
		}
	})
}

func TestAnAmountComesBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		fen := mediation.Fen(rapid.Int64Range(0, 9_999_999_999_99).Draw(t, "fen"))
		if got, why := parseAmount(cell{text: fen.String()}); why != nil || got != fen {
			t.Fatalf("%s: %s, %v", fen, got, why)
		}
		stored := strconv.FormatFloat(float64(fen)/100, 'g', 17, 64) // as spreadsheets store it
		s, _, ok := decimal(stored)
		if got, why := parseAmount(cell{text: s, kind: numberCell}); !ok || why != nil || got != fen {
			t.Fatalf("%s stored as %s: %s, %v", fen, stored, got, why)
		}
		if got := canonical(amount, cell{text: s, kind: numberCell}); got != fen.String() {
			t.Fatalf("%s canonical %s", fen, got)
		}
	})
}

// Whatever stands in a cell is read or refused, never a panic, and its
// canonical form is its own canonical form.
func FuzzCells(f *testing.F) {
	for _, s := range []string{"2021-03-05", "2021年13月5日", "１２.３４", "-0", "1e5", "１１０１０５１９４９１２３１００２ｘ", "张三、李四", "＝", "\u200b a\u3000", "2021-03", "20210305", "A˙", "五", "+5", ".5", "5."} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if !utf8.ValidString(s) {
			return
		}
		for _, kind := range []cellKind{textCell, numberCell, dayCell, formulaCell} {
			c := cell{text: s, kind: kind}
			if d, why := parseDay(c); why == nil && !d.IsZero() {
				if back, err := calendar.ParseDate(d.String()); err != nil || back != d {
					t.Fatalf("%q is no day: %s", s, d)
				}
			}
			if fen, why := parseAmount(c); why == nil && fen < 0 {
				t.Fatalf("%q: %s", s, fen)
			}
			if n, why := parseCount(c); why == nil && n < 0 {
				t.Fatalf("%q: %d", s, n)
			}
			if m, why := parseMonth(c); why == nil && len(m) != 7 {
				t.Fatalf("%q: %s", s, m)
			}
		}
		for _, form := range []form{text, code, day, amount, month, number} {
			once := canonical(form, cell{text: s})
			if twice := canonical(form, cell{text: once}); twice != once {
				t.Fatalf("form %d of %q: %q, then %q", form, s, once, twice)
			}
		}
		for _, n := range splitNames(s) {
			if n == "" || n != strings.TrimSpace(n) || strings.ContainsAny(n, "、；;，\n") {
				t.Fatalf("%q has the name %q", s, n)
			}
		}
		identity(foldNumber(s))
		if d, _, ok := decimal(s); ok {
			if v, err := strconv.ParseFloat(d, 64); err != nil || math.IsNaN(v) {
				t.Fatalf("%q is %q", s, d)
			}
		}
	})
}
