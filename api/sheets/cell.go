package sheets

import (
	"math/big"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"doorstep/domain/calendar"
	"doorstep/domain/mediation"
)

// cellKind is what a cell holds. In CSV everything is text.
type cellKind uint8

const (
	textCell    cellKind = iota
	numberCell           // a number; text is its exact decimal
	dayCell              // a day; text is YYYY-MM-DD
	formulaCell          // text is the value it had when the workbook was saved
	errorCell            // #N/A and its like
	lossyCell            // a number with more digits than a spreadsheet keeps
	brokenCell           // bytes that are no text
)

type cell struct {
	text   string
	kind   cellKind
	merged bool
}

// fold makes full-width digits, letters and blanks half-width (NFKC) and cuts
// the blanks around. It is for codes, days and amounts only: in names and case
// numbers a full-width bracket is part of the text.
//
// It also takes off what other programs put around numbers so that spreadsheets
// leave them alone: '0001 and ="0001".
func fold(s string) string {
	if !plain(s) {
		s = norm.NFKC.String(s)
	}
	s = trim(s)
	if inner, ok := strings.CutPrefix(s, `="`); ok && strings.HasSuffix(inner, `"`) {
		s = strings.Trim(inner, `"`)
	}
	if s != "" && s[0] == '\'' {
		s = strings.TrimLeft(s, "'")
	}
	return s
}

func plain(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// trim cuts blanks of any width, and the invisible characters that copying
// from web pages and other spreadsheets brings along.
func trim(s string) string {
	return strings.TrimFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) })
}

// canonical is the one text for what the cell says, whatever its spelling and
// whether it came from CSV or XLSX.
func canonical(f form, c cell) string {
	switch f {
	case text:
		return trim(c.text)
	case day:
		if d, fault := parseDay(c); fault == nil {
			return d.String()
		}
	case amount:
		if fen, fault := parseAmount(c); fault == nil && c.text != "" {
			return fen.String()
		}
	case month:
		if m, fault := parseMonth(c); fault == nil {
			return m
		}
	case number:
		return foldNumber(c.text)
	}
	return fold(c.text)
}

// foldNumber is an identity number without blanks, x written as X.
func foldNumber(s string) string {
	return fold(strings.ToUpper(strings.Join(strings.Fields(fold(s)), "")))
}

// parseDay reads a day. Besides YYYY-MM-DD it takes the other spellings that
// put the year first, since they cannot be misread; an empty cell is no day.
func parseDay(c cell) (calendar.Date, *reason) {
	s := fold(c.text)
	if s == "" {
		return 0, nil
	}
	if c.kind == numberCell && len(s) != 8 {
		return 0, notADateCell
	}
	y, m, d, ok := dayParts(s)
	if !ok {
		return 0, unreadableDay
	}
	date := calendar.NewDate(y, 1, 1)
	if m >= 1 && m <= 12 {
		date = calendar.Date(y*10000 + m*100 + d)
	}
	back, err := calendar.ParseDate(date.String())
	switch {
	case m < 1 || m > 12 || d < 1 || d > 31 || err != nil || back != date:
		return 0, noSuchDay
	case y < 1949:
		return 0, tooEarly
	}
	return date, nil
}

// dayParts takes apart 2021-05-04, 2021/5/4, 2021.5.4, 2021年5月4日, 20210504, each
// also with a time of day behind it, which is passed over.
func dayParts(s string) (y, m, d int, ok bool) {
	if i := strings.IndexAny(s, " T"); i >= 8 && clockForm(s[i+1:]) {
		s = s[:i]
	}
	if strings.HasSuffix(s, "日") {
		s = strings.NewReplacer("年", "-", "月", "-", "日", "").Replace(s)
	}
	if len(s) == 8 && digits(s) {
		s = s[:4] + "-" + s[4:6] + "-" + s[6:]
	}
	for _, sep := range []string{"-", "/", "."} {
		p := strings.Split(s, sep)
		if len(p) != 3 {
			continue
		}
		for i, part := range p {
			p[i] = strings.TrimSpace(part)
			if !digits(p[i]) || len(p[i]) > 4 {
				return 0, 0, 0, false
			}
		}
		if len(p[0]) != 4 || len(p[1]) > 2 || len(p[2]) > 2 {
			return 0, 0, 0, false
		}
		y, _ = strconv.Atoi(p[0])
		m, _ = strconv.Atoi(p[1])
		d, _ = strconv.Atoi(p[2])
		return y, m, d, true
	}
	return 0, 0, 0, false
}

// clockForm tells whether s is a time of day: 00:00, 00:00:00, 00:00:00.000.
func clockForm(s string) bool {
	whole, _, _ := strings.Cut(strings.TrimSuffix(strings.TrimSpace(s), "Z"), ".")
	parts := strings.Split(whole, ":")
	if len(parts) < 2 || len(parts) > 3 {
		return false
	}
	for _, p := range parts {
		if !digits(p) || len(p) > 2 {
			return false
		}
	}
	return true
}

func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// parseMonth reads YYYY-MM; a day cell gives its month.
func parseMonth(c cell) (string, *reason) {
	s := fold(c.text)
	if c.kind == dayCell && len(s) == 10 {
		s = s[:7]
	}
	s = strings.TrimSuffix(strings.NewReplacer("年", "-", "/", "-", ".", "-").Replace(s), "月")
	y, m, cut := strings.Cut(s, "-")
	if len(y) != 4 || !digits(y) || !cut || !digits(m) || len(m) > 2 {
		return "", unreadableMonth
	}
	n, _ := strconv.Atoi(m)
	if n < 1 || n > 12 || y < "1949" {
		return "", unreadableMonth
	}
	return y + "-" + ("0" + m)[len(m)-1:], nil
}

// parseAmount reads yuan with at most two decimals, never below zero; an empty
// cell is none. Separators of thousands, units and 万 are refused: to guess
// what they mean would be to invent money.
func parseAmount(c cell) (mediation.Fen, *reason) {
	s := fold(c.text)
	if s == "" {
		return 0, nil
	}
	if c.kind == numberCell || strings.HasSuffix(s, "0") { // 5.100 is 5.10
		if whole, part, dotted := strings.Cut(s, "."); dotted && len(part) > 2 {
			s = strings.TrimSuffix(whole+"."+part[:2]+strings.TrimRight(part[2:], "0"), ".")
		}
	}
	if rest, minus := strings.CutPrefix(s, "-"); minus && strings.Trim(rest, "0123456789.") == "" && strings.Trim(rest, "0.") != "" {
		return 0, negativeAmount
	}
	fen, err := mediation.ParseYuan(s)
	if err != nil {
		return 0, unreadableAmount
	}
	return fen, nil
}

// parseCount reads a whole number, not below zero.
func parseCount(c cell) (int, *reason) {
	s := fold(c.text)
	n, err := strconv.ParseInt(s, 10, 32)
	switch {
	case err != nil || s == "" || s[0] == '+':
		return 0, unreadableCount
	case n < 0:
		return 0, negativeCount
	}
	return int(n), nil
}

// parseGround reads a statutory ground; an empty cell is 0.
func parseGround(c cell, from, to int, bad *reason) (int, *reason) {
	s := fold(c.text)
	if s == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < from || n > to || s[0] == '+' {
		return 0, bad
	}
	return n, nil
}

// decimal writes a spreadsheet's stored number in full, without an exponent.
// A whole number that is written out is kept digit by digit; everything else
// has the 15 digits that a spreadsheet keeps, and lossy tells of a whole number
// that had more.
func decimal(v string) (s string, lossy, ok bool) {
	if len(v) > 64 {
		return "", false, false
	}
	if digits(strings.TrimPrefix(v, "-")) {
		return v, false, true
	}
	f, err := strconv.ParseFloat(v, 64)
	if err != nil {
		return "", false, false
	}
	r, good := new(big.Rat).SetString(strconv.FormatFloat(f, 'g', 15, 64))
	if !good || f > 1e21 || f < -1e21 {
		return "", false, false
	}
	s = r.FloatString(20)
	s = strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
	return s, f >= 1e15 || f <= -1e15, true
}

// splitNames takes a cell with several names apart.
func splitNames(s string) []string {
	var names []string
	for _, n := range strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune("、；;，\n\r", r) }) {
		if n = trim(n); n != "" {
			names = append(names, n)
		}
	}
	return names
}
