package mediation

import (
	"errors"
	"testing"
)

func TestAmountsAreReadExactly(t *testing.T) {
	for in, want := range map[string]Fen{
		"0": 0, "1": 100, "1.5": 150, "1.05": 105, "145827.67": 14582767, "-0.50": -50, "-3": -300, "007": 700, "92233720368547756.99": 9223372036854775699,
	} {
		if got, err := ParseYuan(in); err != nil || got != want {
			t.Errorf("%q: %d, %v; want %d", in, got, err, want)
		}
	}
	for _, in := range []string{"", ".", "1.", ".5", "1.234", "1,000", "1e3", "+1", "--1", "１", "1 ", "NaN", "1.-5", "-", "99999999999999999999", "92233720368547758"} {
		if got, err := ParseYuan(in); !errors.Is(err, ErrAmount) {
			t.Errorf("%q is taken for %s", in, got)
		}
	}
}

func FuzzParseYuan(f *testing.F) {
	for _, s := range []string{"0", "1.5", "-0.50", "14582.70", "x", "--1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		fen, err := ParseYuan(in)
		if err != nil {
			return
		}
		if again, err := ParseYuan(fen.String()); err != nil || again != fen {
			t.Fatalf("%q -> %s -> %d, %v", in, fen, again, err)
		}
	})
}

func TestKindsAreGuessedFromNames(t *testing.T) {
	for name, want := range map[string]PartyKind{
		"王芳": Person, "欧阳娜娜": Person, "阿迪力·买买提": Person, "裕华热力有限公司": Organisation, "石家庄市公安局": Organisation,
		"槐底街道卓达小区业主委员会": Organisation, "某某投资（有限合伙）": Organisation, "中国银行裕华支行": Organisation,
	} {
		if got := KindOfName(name); got != want {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func TestOnlyVideoAndMixedModesCountAsAudioVideo(t *testing.T) {
	for _, m := range Modes {
		if m.AudioVideo() != (m == Video || m == Mixed) {
			t.Errorf("%s: %v", m, m.AudioVideo())
		}
	}
}
