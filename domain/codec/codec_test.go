package codec_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"doorstep/domain/codec"
)

// lampLit is the only event of these tests; its first form had the place in a
// field of another name.
type lampLit struct {
	At    string `json:"at"`
	Place string `json:"place"`
	Watts int    `json:"watts,omitempty"`
}

func (lampLit) Kind() string       { return "lamp-lit" }
func (e lampLit) Happened() string { return e.At }

type lampLitV1 struct {
	At   string `json:"at"`
	Room string `json:"room"`
}

func (v lampLitV1) lift() codec.Event { return lampLit{At: v.At, Place: v.Room, Watts: 40} }

type lampBroken struct{ lampLit }

func (lampBroken) Kind() string { return "lamp-broken" }

func same[T codec.Event](e T) codec.Event { return e }

func lamps() *codec.Codec[codec.Event] {
	return codec.New(codec.NewForm("lamp-lit", 2, same[lampLit]), codec.NewForm("lamp-lit", 1, lampLitV1.lift))
}

func TestEventsAreWrittenInTodaysForm(t *testing.T) {
	s, err := lamps().Encode(lampLit{At: "2021-02-07", Place: "厅 <北>"})
	want := codec.Stored{Kind: "lamp-lit", Version: 2, Happened: "2021-02-07", Payload: []byte(`{"at":"2021-02-07","place":"厅 <北>"}`)}
	if err != nil || s.Kind != want.Kind || s.Version != want.Version || s.Happened != want.Happened || string(s.Payload) != string(want.Payload) {
		t.Errorf("%+v %s, %v", s, s.Payload, err)
	}
}

func TestFormsOfAnyAgeAreRead(t *testing.T) {
	for version, payload := range map[int]string{1: `{"at":"2021-02-07","room":"厅"}`, 2: ` {"at":"2021-02-07","place":"厅","watts":40} `} {
		if e, err := lamps().Decode("lamp-lit", version, []byte(payload)); err != nil || e != (lampLit{"2021-02-07", "厅", 40}) {
			t.Errorf("v%d: %+v, %v", version, e, err)
		}
	}
}

func TestWhatIsNotKnownIsNeverSkipped(t *testing.T) {
	for _, c := range []struct {
		name, kind string
		version    int
		payload    string
		unknown    bool
	}{
		{"a kind of newer code", "lamp-dimmed", 1, `{}`, true},
		{"a version of newer code", "lamp-lit", 3, `{}`, true},
		{"version nought", "lamp-lit", 0, `{}`, true},
		{"a field of newer code", "lamp-lit", 2, `{"at":"2021-02-07","place":"厅","colour":"red"}`, false},
		{"a field of an older form", "lamp-lit", 2, `{"at":"2021-02-07","room":"厅"}`, false},
		{"something behind the event", "lamp-lit", 2, `{"at":"2021-02-07"} {"at":"2021-02-08"}`, false},
		{"garbage behind the event", "lamp-lit", 2, `{"at":"2021-02-07"}}`, false},
		{"half an event", "lamp-lit", 2, `{"at":"2021-02`, false},
		{"nothing", "lamp-lit", 2, ``, false},
		{"null", "lamp-lit", 2, `null`, false},
		{"a list", "lamp-lit", 2, `[]`, false},
		{"a value of another type", "lamp-lit", 2, `{"at":7}`, false},
	} {
		e, err := lamps().Decode(c.kind, c.version, []byte(c.payload))
		if err == nil || errors.Is(err, codec.ErrUnknownForm) != c.unknown || errors.Is(err, codec.ErrUnreadable) == c.unknown {
			t.Errorf("%s: %+v, %v", c.name, e, err)
		}
		if !strings.Contains(err.Error(), fmt.Sprintf("%s v%d", c.kind, c.version)) {
			t.Errorf("%s: nobody is told which form it is: %v", c.name, err)
		}
	}
	if _, err := lamps().Encode(lampBroken{}); !errors.Is(err, codec.ErrUnknownForm) || !strings.Contains(err.Error(), "lamp-broken") {
		t.Errorf("an event that was never declared: %v", err)
	}
}

func TestFormsAreListedByKindAndAge(t *testing.T) {
	c := codec.New(codec.NewForm("lamp-lit", 2, same[lampLit]), codec.NewForm("lamp-broken", 1, same[lampBroken]), codec.NewForm("lamp-lit", 1, lampLitV1.lift))
	var got []string
	for _, f := range c.Forms() {
		got = append(got, f.Kind+"."+string(rune('0'+f.Version)))
	}
	if strings.Join(got, " ") != "lamp-broken.1 lamp-lit.1 lamp-lit.2" {
		t.Errorf("%v", got)
	}
	if !c.Knows("lamp-lit") || c.Knows("lamp-dimmed") {
		t.Error("what it knows is not what was declared")
	}
}

func TestMistakesInDeclaringPanicAtOnce(t *testing.T) {
	for name, declare := range map[string]func(){
		"a form declared twice": func() {
			codec.New(codec.NewForm("lamp-lit", 1, same[lampLit]), codec.NewForm("lamp-lit", 1, lampLitV1.lift))
		},
		"a lift to another kind":       func() { codec.NewForm("lamp-lit", 1, same[lampBroken]) },
		"a version that cannot be one": func() { codec.NewForm("lamp-lit", 0, same[lampLit]) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s went unnoticed", name)
				}
			}()
			declare()
		}()
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(2, []byte(`{"at":"2021-02-07","place":"厅","watts":40}`))
	f.Add(1, []byte(`{"at":"2021-02-07","room":"厅"}`))
	f.Fuzz(func(t *testing.T, version int, payload []byte) {
		e, err := lamps().Decode("lamp-lit", version, payload)
		if err != nil {
			return
		}
		s, err := lamps().Encode(e)
		if err != nil {
			t.Fatal(err)
		}
		if again, err := lamps().Decode(s.Kind, s.Version, s.Payload); err != nil || again != e {
			t.Fatalf("%+v came back as %+v, %v", e, again, err)
		}
	})
}
