package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// asProgram makes the test binary run as doorstep itself, for tests that kill it.
const asProgram = "DOORSTEP_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		os.Exit(run())
	}
	os.Exit(testscript.RunMain(m, map[string]func() int{"doorstep": run}))
}

// TestTheCommandLine plays the terminal sessions of testdata/script.
func TestTheCommandLine(t *testing.T) {
	beside := buildVerifier(t)
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(e *testscript.Env) error {
			e.Setenv("LANG", "zh_CN.UTF-8")
			e.Setenv("HOME", e.WorkDir)
			e.Setenv("PATH", e.Getenv("PATH")+string(os.PathListSeparator)+beside)
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"copy": copyTree, "sed": replaceIn, "rename": rename, "doorstep-verify": execVerifier},
	})
}

// buildVerifier builds doorstep-verify, which is a program of its own and shares
// nothing with this one, and gives the folder that it is in.
func buildVerifier(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if out, err := exec.Command("go", "build", "-o", dir, "doorstep/cmd/doorstep-verify").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return dir
}

// execVerifier: doorstep-verify ARGUMENTS...
func execVerifier(ts *testscript.TestScript, not bool, args []string) {
	if err := ts.Exec("doorstep-verify", args...); (err != nil) != not {
		ts.Fatalf("doorstep-verify: %v", err)
	}
}

// copyTree: copy FOLDER NEW
func copyTree(ts *testscript.TestScript, _ bool, args []string) {
	ts.Check(os.CopyFS(ts.MkAbs(args[1]), os.DirFS(ts.MkAbs(args[0]))))
}

// rename: rename PATTERN NEW, for what there is one of.
func rename(ts *testscript.TestScript, _ bool, args []string) {
	found, err := filepath.Glob(ts.MkAbs(args[0]))
	ts.Check(err)
	if len(found) != 1 {
		ts.Fatalf("%s: %v", args[0], found)
	}
	ts.Check(os.Rename(found[0], ts.MkAbs(args[1])))
}

// replaceIn: sed PATTERN NEW FILE NEWFILE replaces what the pattern finds, which
// must be there.
func replaceIn(ts *testscript.TestScript, _ bool, args []string) {
	pattern, before := regexp.MustCompile("(?m)"+args[0]), ts.ReadFile(args[2])
	if !pattern.MatchString(before) {
		ts.Fatalf("%s has no %q", args[2], args[0])
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[3]), []byte(pattern.ReplaceAllString(before, args[1])), 0o600))
}

// doorstep runs one command line in this process.
func doorstep(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, err bytes.Buffer
	d := &door{in: bytes.NewReader(nil), out: &out, err: &err, env: func(name string) string {
		if name == "LANG" {
			return "en_GB.UTF-8"
		}
		return ""
	}}
	code = d.run(t.Context(), args)
	return code, out.String(), err.String()
}
