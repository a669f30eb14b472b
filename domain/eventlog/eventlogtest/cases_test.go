package eventlogtest

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"doorstep/domain/eventlog"
)

// root of the module, from this package's folder.
const root = "../../.."

// whole is an engine that can run everything.
var whole = Engine{
	Place: func(*testing.T) Open { return nil },
	Fill:  func(*testing.T) eventlog.Filler { return nil },
	Reach: func(*testing.T) Reached { return Reached{} },
}

func TestEveryCaseIsShownBySomethingThatExists(t *testing.T) {
	all := whole.groups()
	named := map[string]bool{}
	for i, c := range Cases {
		if c.Number != i+1 {
			t.Errorf("case %d stands at place %d", c.Number, i+1)
		}
		if len(c.Checks)+len(c.Elsewhere) == 0 {
			t.Errorf("%s: nothing shows it", c.title())
		}
		for _, name := range c.Checks {
			named[name] = true
			if !slices.Contains(all, name) {
				t.Errorf("%s: there is no check %q", c.title(), name)
			}
		}
		for _, e := range c.Elsewhere {
			source, err := os.ReadFile(filepath.Join(root, e.File))
			if err != nil || !strings.Contains(string(source), "\nfunc "+e.Name+"(t *testing.T)") {
				t.Errorf("%s: there is no %s in %s", c.title(), e.Name, e.File)
			}
		}
	}
	if len(Cases) != 31 {
		t.Errorf("%d cases, want 31", len(Cases))
	}
	for i, name := range all {
		if !named[name] {
			t.Errorf("no case names the check %q", name)
		}
		if slices.Contains(all[:i], name) {
			t.Errorf("two checks are called %q", name)
		}
	}
}

func TestAnEngineThatClaimsACaseAndDoesNotRunItIsFoundOut(t *testing.T) {
	all := ran{}
	for _, name := range whole.groups() {
		all.note(name)
	}
	if got := all.lacks("esdb", whole.groups()); len(got) > 0 {
		t.Errorf("an engine that ran everything: %q", got)
	}
	bare := Engine{}
	own := ran{}
	for _, name := range bare.groups() {
		own.note(name)
	}
	for _, c := range []struct {
		what, engine string
		can          []string
		ran          ran
		want         string
	}{
		{"an engine nobody knows", "paper", whole.groups(), all, "paper is no engine of the table"},
		{"a check left out", "esdb", whole.groups(), without(all, "a retry at once finds itself"), "case 7, a retry at once finds itself: the engine did not run: a retry at once finds itself"},
		{"a case that is not run at all", "memory", bare.groups(), own, "case 31, a log moved to another engine and back has the same chains and the same tree: the engine ran no check of it, and nothing says why not"},
		{"a case that is run though it is said not to", "memory", whole.groups(), all, "case 25, servers that are down at the start are found when they come up: the engine runs it, and is still said not to"},
	} {
		if got := c.ran.lacks(c.engine, c.can); !slices.Contains(got, c.want) {
			t.Errorf("%s: %q", c.what, got)
		}
	}
}

func without(all ran, name string) ran {
	less := ran{}
	for n := range all {
		if n != name {
			less.note(n)
		}
	}
	return less
}

func TestEveryEngineOfTheTableProvesItself(t *testing.T) {
	proved := map[string]bool{}
	err := filepath.WalkDir(filepath.Join(root, "domain/eventlog"), func(path string, _ os.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		source, err := os.ReadFile(path)
		for _, name := range Engines {
			if regexp.MustCompile(`eventlogtest\.Engine\{\s*Name: +"` + name + `"`).Match(source) {
				proved[name] = true
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range Engines {
		if !proved[name] {
			t.Errorf("%s proves nothing", name)
		}
	}
}
