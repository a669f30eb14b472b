package web

import (
	"strings"

	"doorstep/domain/mediation"
)

var (
	capitalDigits = []string{"零", "壹", "贰", "叁", "肆", "伍", "陆", "柒", "捌", "玖"}
	capitalPlaces = []string{"", "拾", "佰", "仟"}
	capitalGroups = []string{"", "万", "亿", "万亿", "亿亿"}
)

// capital writes an amount in capital numerals (大写金额) as receipts bear it, by
// the rules of 支付结算办法 annex 1: one 零 for any run of zeros inside, and 整
// where it ends in yuan or jiao.
func capital(f mediation.Fen) string {
	var b strings.Builder
	if f < 0 {
		b.WriteString("负")
		f = -f
	}
	yuan, jiao, fen := int64(f)/100, int64(f)/10%10, int64(f)%10
	if yuan > 0 || jiao == 0 && fen == 0 {
		b.WriteString(capitalWhole(yuan) + "元")
	}
	switch {
	case jiao == 0 && fen == 0:
		b.WriteString("整")
	case fen == 0:
		b.WriteString(capitalDigits[jiao] + "角整")
	case jiao == 0:
		if yuan > 0 {
			b.WriteString("零")
		}
		b.WriteString(capitalDigits[fen] + "分")
	default:
		b.WriteString(capitalDigits[jiao] + "角" + capitalDigits[fen] + "分")
	}
	return b.String()
}

// capitalWhole writes a whole number, group of four by group of four.
func capitalWhole(n int64) string {
	if n == 0 {
		return capitalDigits[0]
	}
	var groups []int64 // the lowest first
	for ; n > 0; n /= 10_000 {
		groups = append(groups, n%10_000)
	}
	var b strings.Builder
	gap := false // zeros since the last digit written
	for i := len(groups) - 1; i >= 0; i-- {
		written := false
		for place, unit := 3, int64(1000); place >= 0; place, unit = place-1, unit/10 {
			digit := groups[i] / unit % 10
			if digit == 0 {
				gap = true
				continue
			}
			if gap && b.Len() > 0 {
				b.WriteString(capitalDigits[0])
			}
			b.WriteString(capitalDigits[digit] + capitalPlaces[place])
			gap, written = false, true
		}
		if written {
			b.WriteString(capitalGroups[i])
		}
	}
	return b.String()
}
