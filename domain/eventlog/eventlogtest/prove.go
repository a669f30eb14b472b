package eventlogtest

import (
	"slices"
	"testing"

	"doorstep/domain/eventlog"
)

// Engine is one that claims the cases.
type Engine struct {
	Name  string // of Engines
	Open  func(t *testing.T) eventlog.Log
	Place func(t *testing.T) Open            // nil where nothing outlives the process
	Fill  func(t *testing.T) eventlog.Filler // nil where it cannot be filled
	Reach func(t *testing.T) Reached         // nil where it is reached over no network
}

// Prove runs the whole contract, at full size, and then checks that every case
// was run but those the engine is exempt from.
func (e Engine) Prove(t *testing.T) {
	ran := ran{}
	run(t, e.Open, ran, 10_000)
	if e.Place != nil {
		t.Run("keeping", func(t *testing.T) { runKept(t, e.Place, ran) })
	}
	if e.Fill != nil {
		t.Run("filling", func(t *testing.T) { runFilled(t, e.Fill, ran) })
	}
	if e.Reach != nil {
		t.Run("reached", func(t *testing.T) { runReached(t, e.Reach, ran) })
	}
	t.Run("every case", func(t *testing.T) {
		for _, complaint := range ran.lacks(e.Name, e.groups()) {
			t.Error(complaint)
		}
	})
}

// ran is which checks were run.
type ran map[string]bool

func (r ran) note(check string) {
	if r != nil {
		r[check] = true
	}
}

// groups are the names of the checks that the engine can run.
func (e Engine) groups() (names []string) {
	for _, group := range groups {
		for _, c := range group.checks {
			names = append(names, c.name)
		}
	}
	if e.Place != nil {
		names = append(names, namesOf(keeping)...)
	}
	if e.Fill != nil {
		names = append(names, namesOf(filling)...)
	}
	if e.Reach != nil {
		names = append(names, namesOf(reaching)...)
	}
	return names
}

// lacks says what is wrong with an engine's claim, given what it ran and what it
// can run.
func (r ran) lacks(engine string, can []string) (complaints []string) {
	if !slices.Contains(Engines, engine) {
		complaints = append(complaints, engine+" is no engine of the table")
	}
	for _, c := range Cases {
		shown := len(c.Checks) == 0 // the program's
		for _, name := range c.Checks {
			shown = shown || r[name]
			if slices.Contains(can, name) && !r[name] {
				complaints = append(complaints, c.title()+": the engine did not run: "+name)
			}
		}
		switch why := exempt[engine][c.Number]; {
		case !shown && why == "":
			complaints = append(complaints, c.title()+": the engine ran no check of it, and nothing says why not")
		case shown && why != "":
			complaints = append(complaints, c.title()+": the engine runs it, and is still said not to")
		}
	}
	return complaints
}
