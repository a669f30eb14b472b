package decide_test

import (
	"errors"
	"strings"
	"testing"

	"doorstep/domain/codec"
	"doorstep/domain/decide"
)

func TestAskingIsAnsweredByTheRules(t *testing.T) {
	full := tally{Sum: 100000}
	for _, c := range []struct {
		name     string
		state    tally
		commands []count
		want     *decide.Refusal
	}{
		{"one of them would do", full, []count{{By: 1}, {By: 0}, {By: -1}}, nil},
		{"all are refused", full, []count{{By: 1}, {By: 2}}, errFull},
		{"refused or already so", full, []count{{By: 0}, {By: 2}}, errFull},
		{"already so", full, []count{{By: 0}}, decide.ErrDone},
		{"nothing was asked", full, nil, decide.ErrDone},
	} {
		if got := tallies.Ask(c.state, c.commands...); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

func TestAskingWhatIsAnsweredWithoutASentencePanics(t *testing.T) {
	broken := tallies
	broken.Decide = func(tally, count) ([]codec.Event, error) { return nil, errors.New("disk full") }
	defer func() {
		if r := recover(); r == nil || !strings.Contains(r.(string), "disk full") {
			t.Errorf("recovered %v", r)
		}
	}()
	broken.Ask(tally{}, count{By: 1})
}

func TestARefusalSpeaksBothLanguages(t *testing.T) {
	if errFull.In("zh") != "已经数满。" || errFull.In("en") != "It is full." || errFull.In("fr") != "已经数满。" || errFull.Error() != "full: It is full." {
		t.Errorf("%s %s %s", errFull.In("zh"), errFull.In("en"), errFull.Error())
	}
}
