package web

import (
	"strings"
	"testing"

	"doorstep/domain/mediation"

	"pgregory.net/rapid"
)

func TestAnAmountIsWrittenInCapitalsAsABankWouldTakeIt(t *testing.T) {
	for fen, want := range map[mediation.Fen]string{
		0:                   "零元整",
		1:                   "壹分",
		10:                  "壹角整",
		5_000_000:           "伍万元整",
		1_040_986:           "壹万零肆佰零玖元捌角陆分",
		1_458_270:           "壹万肆仟伍佰捌拾贰元柒角整",
		10_005:              "壹佰元零伍分",
		100_000_000_00:      "壹亿元整",
		100_000_001_00:      "壹亿零壹元整",
		1_010_000_00:        "壹佰零壹万元整",
		20_300_040_050:      "贰亿零叁佰万零肆佰元伍角整",
		1_000_500_00:        "壹佰万零伍佰元整",
		10_000_000_000_000:  "壹仟亿元整",
		-5_000_000:          "负伍万元整",
		12_345_678_901_23:   "壹佰贰拾叁亿肆仟伍佰陆拾柒万捌仟玖佰零壹元贰角叁分",
		100_000_000_000_000: "壹万亿元整",
	} {
		if got := capital(fen); got != want {
			t.Errorf("%s yuan: %s, want %s", fen, got, want)
		}
	}
}

func TestCapitalsNeverStammer(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		got := capital(mediation.Fen(rapid.Int64Range(0, 1_000_000_000_000_00).Draw(t, "fen")))
		if strings.Contains(got, "零零") || strings.Contains(got, "零元") && got != "零元整" {
			t.Errorf("%s", got)
		}
	})
}
