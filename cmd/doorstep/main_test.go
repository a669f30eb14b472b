package main

import (
	"bytes"
	"os"
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
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(e *testscript.Env) error {
			e.Setenv("LANG", "zh_CN.UTF-8")
			e.Setenv("HOME", e.WorkDir)
			return nil
		},
	})
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
