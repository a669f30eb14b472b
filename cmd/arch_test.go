package cmd_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// rooms are the arrows of the house: what a room may import of ours and of
// others'. The longest matching prefix is a package's room. A test file may in
// addition import what "tests" names. The standard library is free to all,
// except where pure says no.
var rooms = []room{
	{path: "domain/codec", pure: true},
	{path: "domain/calendar", pure: true},
	{path: "domain/eventlog", ours: nil},
	{path: "domain/eventlog/eventlogtest", ours: []string{"domain/eventlog"}, others: []string{"github.com/anishathalye/porcupine", "pgregory.net/rapid"}},
	{path: "domain/eventlog/eventlogtest/powercut", others: []string{"golang.org/x/sys"}},
	{path: "domain/eventlog/memory", ours: []string{"domain/eventlog"}},
	{path: "domain/eventlog/socket", ours: []string{"domain/eventlog"}},
	{path: "domain/eventlog/jetstream", ours: []string{"domain/eventlog"}, others: []string{"github.com/nats-io/", "github.com/minio/highwayhash", "golang.org/x/sys"}},
	{path: "domain/eventlog/jetstream/cluster", ours: []string{"domain/eventlog"}, others: []string{"github.com/nats-io/nats.go"}},
	{path: "domain/eventlog/prefix", ours: []string{"domain/eventlog"}, pure: true},
	{path: "domain/eventlog/eventstoredb", ours: []string{"domain/eventlog"}, others: []string{eventStore, "google.golang.org/grpc", "github.com/google/uuid"}},
	{path: "domain/eventlog/archive", ours: []string{"domain/eventlog"}, others: []string{"filippo.io/age", "github.com/klauspost/compress", "golang.org/x/sys"}},
	{path: "domain/eventlog/metered", ours: []string{"domain/eventlog"}, others: []string{"github.com/prometheus/"}},
	{path: "domain/eventlog/benchmarks", ours: []string{"domain/eventlog", "domain/eventlog/jetstream"}, others: []string{"github.com/jackc/pgx/", "golang.org/x/sys"}},
	{path: "domain/eventlog/tlog", ours: []string{"domain/eventlog", "domain/eventlog/sealed"}, others: []string{"golang.org/x/mod/sumdb"}, pure: true},
	{path: "domain/eventlog/sealed", pure: true},
	{path: "domain/eventlog/vault", ours: []string{"domain/eventlog", "domain/eventlog/sealed"}, others: []string{"modernc.org/sqlite"}},
	{path: "domain/decide", ours: []string{"domain/codec", "domain/eventlog"}},
	{path: "domain/decide/decidetest", ours: []string{"domain/codec", "domain/decide"}},
	{path: "domain/mediation", ours: []string{"domain/codec", "domain/decide", "domain/calendar", "domain/roster"}, pure: true},
	{path: "domain/confirmation", ours: []string{"domain/codec", "domain/decide", "domain/calendar", "domain/roster"}, pure: true},
	{path: "domain/supervision", ours: []string{"domain/codec", "domain/decide", "domain/calendar", "domain/roster"}, pure: true},
	{path: "domain/operations", ours: []string{"domain/codec", "domain/decide", "domain/calendar", "domain/eventlog"}, pure: true},
	{path: "domain/roster", ours: []string{"domain/codec", "domain/decide", "domain/calendar"}, pure: true},
	{path: "domain/routing", ours: []string{"domain/mediation", "domain/roster"}, pure: true},
	{path: "domain/statistics", ours: []string{"domain/calendar", "domain/codec", "domain/decide", "domain/roster"}, pure: true},
	{path: "projections/follow", ours: []string{"domain/codec", "domain/eventlog", "domain/operations"}, others: []string{"github.com/prometheus/"}},
	{path: "projections", ours: []string{"projections/follow", "projections/viewfile", "domain/"}, others: []string{"modernc.org/sqlite"}},
	{path: "api/auth", ours: []string{"domain/decide", "domain/mediation", "domain/confirmation"}},
	{path: "api/sheets", ours: []string{"domain/"}, others: []string{"github.com/xuri/excelize/", "github.com/google/uuid", "golang.org/x/text"}},
	{path: "api/web", ours: []string{"api/auth", "domain/", "projections/"}, others: []string{"github.com/labstack/echo/", "github.com/a-h/templ", "github.com/nicksnyder/go-i18n/", "github.com/BurntSushi/toml", "golang.org/x/text", "github.com/google/uuid"}},
	{path: "api/local", ours: []string{"domain/eventlog", "projections/statistics"}},
	{path: "cmd/doorstep-verify"},
	{path: "cmd", ours: []string{"api/", "cmd/internal/", "domain/", "projections/"}, others: []string{""}},
}

// tests is what any test file may import besides.
var tests = []string{
	"doorstep/domain/eventlog/memory", "doorstep/domain/eventlog/eventlogtest", "doorstep/domain/", "doorstep/api/sheets", "doorstep/cmd/internal/democourt", "pgregory.net/rapid",
	"github.com/prometheus/client_golang", "github.com/anishathalye/porcupine", "github.com/xuri/excelize/", "github.com/nats-io/",
	"golang.org/x/net/html", "github.com/chromedp/", "github.com/rogpeppe/go-internal/", "modernc.org/sqlite",
}

// forbidden are arrows that would be wrong even where a row above were widened,
// each with its reason.
var forbidden = []struct{ from, to, why string }{
	{"domain", "projections", "rules do not know who watches them"},
	{"domain", "api", "rules do not know who calls them"},
	{"projections", "api", "views do not know who shows them"},
	{"projections/docket", "projections/statistics", "a view that reads a view cannot be rebuilt alone"},
	{"projections/statistics", "projections/docket", "a view that reads a view cannot be rebuilt alone"},
	{"api", "domain/eventlog/jetstream", "a door that knows the engine would have to change with it"},
	{"api", "domain/eventlog/eventstoredb", "a door that knows the engine would have to change with it"},
	{"api", "domain/eventlog/memory", "a door that knows the engine would have to change with it"},
	{"api/rest", "api/web", "two doors, one rule: neither leans on the other"},
	{"api/web", "api/rest", "two doors, one rule: neither leans on the other"},
	{"domain", "cmd", "nothing is built upon the thing that builds it"},
	{"projections", "cmd", "nothing is built upon the thing that builds it"},
	{"api", "cmd", "nothing is built upon the thing that builds it"},
}

// impure is what a pure room must not import: no clock, chance, disk, network.
var impure = []string{"net", "net/http", "os", "os/exec", "log", "log/slog", "math/rand", "math/rand/v2", "crypto/rand", "database/sql", "io/ioutil", "syscall"}

// nameless are package names that say nothing of what is inside.
var nameless = []string{"util", "utils", "common", "helper", "helpers", "misc", "shared", "manager", "base", "lib"}

type room struct {
	path   string
	ours   []string
	others []string
	pure   bool
}

func TestEveryArrowOfTheHouseIsAllowed(t *testing.T) {
	files := goFiles(t)
	if len(files) < 20 {
		t.Fatalf("only %d files found: this test looks in the wrong place", len(files))
	}
	for _, f := range files {
		r, ok := roomOf(f.dir)
		if !ok {
			t.Errorf("%s: no room in the house for this package; give it one here and in CONTRIBUTING.md", f.dir)
			continue
		}
		for _, imp := range f.imports {
			checkImport(t, f, r, imp)
		}
	}
}

func checkImport(t *testing.T, f file, r room, imp string) {
	t.Helper()
	if inner, ok := strings.CutPrefix(imp, "doorstep/"); ok {
		for _, no := range forbidden {
			if under(f.dir, no.from) && under(inner, no.to) && !f.test {
				t.Errorf("%s imports %s: %s", f.path, inner, no.why)
				return
			}
		}
		if inner == f.dir || allowed(inner, r.ours) || f.test && allowed(imp, tests) || under(inner, r.path) && strings.HasPrefix(r.path, "api/") {
			return
		}
		t.Errorf("%s imports %s, which is not among the arrows of room %s", f.path, inner, r.path)
		return
	}
	if !strings.Contains(strings.SplitN(imp, "/", 2)[0], ".") { // standard library
		if r.pure && !f.test && slices.Contains(impure, imp) {
			t.Errorf("%s imports %s: %s is a pure room; what it needs arrives in the command", f.path, imp, r.path)
		}
		return
	}
	if !allowed(imp, r.others) && !(f.test && allowed(imp, tests)) {
		t.Errorf("%s imports %s, which room %s does not need", f.path, imp, r.path)
	}
}

func TestEveryPackageSaysWhatItIs(t *testing.T) {
	commented := map[string]bool{}
	for _, f := range goFiles(t) {
		if f.test {
			continue
		}
		commented[f.dir] = commented[f.dir] || f.doc
		if slices.Contains(nameless, filepath.Base(f.dir)) {
			t.Errorf("%s: a package called so tells nobody what is inside", f.dir)
		}
	}
	for dir, ok := range commented {
		if !ok {
			t.Errorf("%s: no package comment", dir)
		}
	}
}

func TestPureRoomsNeverAskForNow(t *testing.T) {
	for _, f := range goFiles(t) {
		if r, ok := roomOf(f.dir); !ok || !r.pure || f.test {
			continue
		}
		ast.Inspect(f.syntax, func(n ast.Node) bool {
			if sel, ok := n.(*ast.SelectorExpr); ok {
				if x, ok := sel.X.(*ast.Ident); ok && x.Name == "time" && (sel.Sel.Name == "Now" || sel.Sel.Name == "Since") {
					t.Errorf("%s asks for the time: it must come in with the command", f.path)
				}
			}
			return true
		})
	}
}

func TestEchoStaysBehindTheDoors(t *testing.T) {
	for _, f := range goFiles(t) {
		for _, imp := range f.imports {
			if strings.HasPrefix(imp, "github.com/labstack/echo") && !under(f.dir, "api") {
				t.Errorf("%s imports echo: its context never leaves the doors", f.path)
			}
		}
	}
}

// eventStore is the EventStoreDB client module; it is archived upstream.
const eventStore = "github.com/EventStore/EventStore-Client-Go/v4"

func TestTheEventStoreClientStaysInItsAdapter(t *testing.T) {
	const adapter = "domain/eventlog/eventstoredb"
	seen := false
	for _, f := range goFiles(t) {
		for _, imp := range f.imports {
			switch {
			case strings.HasPrefix(imp, "github.com/EventStore/") && !under(f.dir, adapter):
				t.Errorf("%s imports the EventStore client: it never leaves its adapter, so that a successor costs one package", f.path)
			case strings.HasPrefix(imp, "github.com/EventStore/"):
				seen = true
			case imp == "doorstep/"+adapter+"/standin" && !f.test:
				t.Errorf("%s imports the stand-in, which is a server for tests only", f.path)
			}
		}
	}
	if !seen {
		t.Error("nobody imports the EventStore client: this test looks for the wrong name")
	}
}

type file struct {
	path, dir string
	test, doc bool
	imports   []string
	syntax    *ast.File
}

// goFiles parses every Go file of the house in-process: a test that shells out
// would be cached and stay green.
func goFiles(t *testing.T) []file {
	t.Helper()
	var files []file
	root := ".."
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(root, path)
		if d.IsDir() && (d.Name() == "testdata" || strings.HasPrefix(d.Name(), ".") && rel != ".") {
			return filepath.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(path, ".go") {
			return nil
		}
		src, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		syntax, err := parser.ParseFile(token.NewFileSet(), path, src, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		f := file{path: filepath.ToSlash(rel), dir: filepath.ToSlash(filepath.Dir(rel)), test: strings.HasSuffix(path, "_test.go"), doc: syntax.Doc != nil, syntax: syntax}
		for _, i := range syntax.Imports {
			p, _ := strconv.Unquote(i.Path.Value)
			f.imports = append(f.imports, p)
		}
		files = append(files, f)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func roomOf(dir string) (room, bool) {
	best, found := room{}, false
	for _, r := range rooms {
		if under(dir, r.path) && len(r.path) >= len(best.path) {
			best, found = r, true
		}
	}
	return best, found
}

func under(dir, path string) bool { return dir == path || strings.HasPrefix(dir, path+"/") }

func allowed(imp string, prefixes []string) bool {
	return slices.ContainsFunc(prefixes, func(p string) bool {
		return imp == p || strings.HasPrefix(imp, p) && (strings.HasSuffix(p, "/") || p == "" || strings.HasPrefix(imp, p+"/"))
	})
}
