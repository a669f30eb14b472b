package codec_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"doorstep/domain/codec"
)

// doorOpened is today's event; it had three forms before. v1 had one text for
// who and where, which v2 split; v3 renamed a field; v4 counts instead of
// telling yes and no.
type doorOpened struct {
	At    day    `json:"at"`
	Hall  string `json:"hall"`
	By    string `json:"by"`
	Times int    `json:"times"`
}

func (doorOpened) Kind() string       { return "door-opened" }
func (e doorOpened) Happened() string { return string(e.At) }

// day refuses what is none, and quotes it, as types of the rooms do.
type day string

func (d *day) UnmarshalText(b []byte) error {
	if _, err := time.Parse(time.DateOnly, string(b)); err != nil {
		return fmt.Errorf("%q is no day: %w", b, err)
	}
	*d = day(b)
	return nil
}

type doorOpenedV1 struct {
	At  day    `json:"at"`
	Who string `json:"who"` // "name@room"
}

type doorOpenedV2 struct {
	At   day    `json:"at"`
	Room string `json:"room"`
	Name string `json:"name"`
}

type doorOpenedV3 struct {
	At    day    `json:"at"`
	Hall  string `json:"hall"`
	By    string `json:"by"`
	Again bool   `json:"again,omitempty"`
}

// Each lift leads one step on; together they lead from any age to today.
func (v doorOpenedV1) next() doorOpenedV2 {
	name, room, _ := strings.Cut(v.Who, "@")
	return doorOpenedV2{v.At, room, name}
}

func (v doorOpenedV2) next() doorOpenedV3 { return doorOpenedV3{At: v.At, Hall: v.Room, By: v.Name} }

func (v doorOpenedV3) next() doorOpened {
	times := 1
	if v.Again {
		times = 2
	}
	return doorOpened{v.At, v.Hall, v.By, times}
}

func doors() *codec.Codec[codec.Event] {
	return codec.New(
		codec.NewForm("door-opened", 1, func(v doorOpenedV1) codec.Event { return v.next().next().next() }),
		codec.NewForm("door-opened", 2, func(v doorOpenedV2) codec.Event { return v.next().next() }),
		codec.NewForm("door-opened", 3, func(v doorOpenedV3) codec.Event { return v.next() }),
		codec.NewForm("door-opened", 4, same[doorOpened]),
	)
}

func TestAFormThatWasSplitRenamedAndChangedIsLiftedFromEveryAge(t *testing.T) {
	for _, c := range []struct {
		version int
		payload string
		want    doorOpened
	}{
		{1, `{"at":"2021-02-07","who":"u-17@北厅"}`, doorOpened{"2021-02-07", "北厅", "u-17", 1}},
		{1, `{"at":"2021-02-07","who":"u-17"}`, doorOpened{"2021-02-07", "", "u-17", 1}},
		{2, `{"at":"2021-02-07","room":"北厅","name":"u-17"}`, doorOpened{"2021-02-07", "北厅", "u-17", 1}},
		{3, `{"at":"2021-02-07","hall":"北厅","by":"u-17","again":true}`, doorOpened{"2021-02-07", "北厅", "u-17", 2}},
		{4, `{"at":"2021-02-07","hall":"北厅","by":"u-17","times":3}`, doorOpened{"2021-02-07", "北厅", "u-17", 3}},
	} {
		e, err := doors().Decode("door-opened", c.version, []byte(c.payload))
		if err != nil || e != c.want {
			t.Fatalf("v%d %s: %+v, %v", c.version, c.payload, e, err)
		}
		s, err := doors().Encode(e)
		if err != nil || s.Version != 4 {
			t.Fatalf("v%d is written back as v%d, %v", c.version, s.Version, err)
		}
		if again, err := doors().Decode(s.Kind, s.Version, s.Payload); err != nil || again != e {
			t.Errorf("v%d: lifted and written it came back as %+v, %v", c.version, again, err)
		}
	}
}

func TestAFormIsReadAsItsOwnAgeAndNoOther(t *testing.T) {
	payloads := map[int]string{
		1: `{"at":"2021-02-07","who":"u-17@北厅"}`, 2: `{"at":"2021-02-07","room":"北厅","name":"u-17"}`,
		3: `{"at":"2021-02-07","hall":"北厅","by":"u-17","again":true}`, 4: `{"at":"2021-02-07","hall":"北厅","by":"u-17","times":3}`,
	}
	wrong := 0
	for of, payload := range payloads {
		for as := range payloads {
			_, err := doors().Decode("door-opened", as, []byte(payload))
			if (err == nil) != (of == as) {
				t.Errorf("v%d read as v%d: %v", of, as, err)
			}
			if err != nil {
				wrong++
			}
		}
	}
	if wrong != 12 {
		t.Errorf("%d of 12 wrong readings were refused", wrong)
	}
}

func TestWhatIsWrongIsToldWithoutAWordOfWhatWasStored(t *testing.T) {
	const secret = "王小明"
	for name, payload := range map[string]string{
		"a value no type takes":   `{"at":"` + secret + `","hall":"","by":"","times":1}`,
		"a value of another type": `{"at":"2021-02-07","hall":"","by":"","times":"` + secret + `"}`,
		"an unknown field":        `{"at":"2021-02-07","` + secret + `":1}`,
		"no JSON":                 `{"at":"2021-02-07",` + secret + `}`,
		"behind the object":       `{"at":"2021-02-07"} ` + secret,
		"no object":               secret,
		"cut off":                 `{"by":"` + secret,
	} {
		_, err := doors().Decode("door-opened", 4, []byte(payload))
		if !errors.Is(err, codec.ErrUnreadable) || strings.Contains(err.Error(), secret) || strings.Contains(err.Error(), "王") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
