package decidetest

import (
	"errors"
	"fmt"
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

	"doorstep/domain/decide"
)

// Reaches reads the source of the room in the working folder and lists every
// refusal that a command can give and no row of the table shows it giving.
func (r Room[S, C, E]) Reaches(t *testing.T, rows []Row[C, E]) {
	t.Helper()
	reached := map[string]bool{}
	for _, row := range rows {
		if row.Refused != nil {
			reached[bare(fmt.Sprintf("%T", row.When))+": "+word(row.Refused)] = true
		}
	}
	source := read(t, ".")
	used := map[string]bool{}
	for name, f := range source.funcs {
		command, isCommand := strings.CutSuffix(name, ".decide")
		if !isCommand {
			continue
		}
		for refusal := range source.gives(f, map[string]bool{}, true) {
			used[refusal] = true
			if pair := command + ": " + source.refusals[refusal]; !reached[pair] {
				t.Errorf("no row shows %s refusing with %s", command, refusal)
			}
		}
	}
	for refusal := range source.refusals {
		if !used[refusal] && !source.plain[refusal] {
			t.Errorf("%s is declared and no command gives it", refusal)
		}
	}
}

// word is what tells refusals apart: a code, or the text of a plain error.
func word(err error) string {
	var r *decide.Refusal
	if errors.As(err, &r) {
		return r.Code
	}
	return err.Error()
}

func bare(typ string) string { return typ[strings.LastIndexByte(typ, '.')+1:] }

// source is what a room's files say: its refusals, and what each function uses.
type source struct {
	refusals map[string]string // name of the variable -> word
	plain    map[string]bool   // of these: errors without a sentence for people
	funcs    map[string]use    // "Command.decide", "helper"
}

type use struct{ names, calls []string }

// gives is the refusals that a command or whatever it calls may return. Of the
// plain errors only those count that the command itself names: one further down
// is a parser's, and the command says it in a sentence of its own.
func (s source) gives(u use, seen map[string]bool, itself bool) map[string]bool {
	all := map[string]bool{}
	for _, n := range u.names {
		if _, is := s.refusals[n]; is && (itself || !s.plain[n]) {
			all[n] = true
		}
	}
	for _, call := range u.calls {
		for name, f := range s.funcs {
			if seen[name] || name != call && !strings.HasSuffix(name, "."+call) || call == "decide" {
				continue
			}
			seen[name] = true
			for n := range s.gives(f, seen, false) {
				all[n] = true
			}
		}
	}
	return all
}

func read(t testing.TB, dir string) source {
	t.Helper()
	s := source{map[string]string{}, map[string]bool{}, map[string]use{}}
	paths, err := fs.Glob(os.DirFS(dir), "*.go")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no source in %s: %v", dir, err)
	}
	words := map[string]string{}
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(dir, path), nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, decl := range file.Decls {
			switch decl := decl.(type) {
			case *ast.GenDecl:
				s.addRefusals(t, decl, words)
			case *ast.FuncDecl:
				s.addFunc(decl)
			}
		}
	}
	return s
}

// addRefusals takes variables made by decide.Refuse or errors.New.
func (s source) addRefusals(t testing.TB, decl *ast.GenDecl, words map[string]string) {
	t.Helper()
	for _, spec := range decl.Specs {
		v, ok := spec.(*ast.ValueSpec)
		if !ok || decl.Tok != token.VAR || len(v.Values) != 1 {
			continue
		}
		call, ok := v.Values[0].(*ast.CallExpr)
		if !ok || len(call.Args) == 0 {
			continue
		}
		sel, ok := call.Fun.(*ast.SelectorExpr)
		lit, isLit := call.Args[0].(*ast.BasicLit)
		if !ok || !isLit || sel.Sel.Name != "Refuse" && sel.Sel.Name != "New" {
			continue
		}
		w, _ := strconv.Unquote(lit.Value)
		if other, twice := words[w]; twice {
			t.Errorf("%s and %s have the code %s", other, v.Names[0].Name, w)
		}
		words[w] = v.Names[0].Name
		s.refusals[v.Names[0].Name] = w
		s.plain[v.Names[0].Name] = sel.Sel.Name == "New"
	}
}

func (s source) addFunc(decl *ast.FuncDecl) {
	name := decl.Name.Name
	if decl.Recv != nil {
		typ := decl.Recv.List[0].Type
		if star, ok := typ.(*ast.StarExpr); ok {
			typ = star.X
		}
		if id, ok := typ.(*ast.Ident); ok {
			name = id.Name + "." + name
		}
	}
	var u use
	ast.Inspect(decl, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Ident:
			u.names = append(u.names, n.Name)
		case *ast.CallExpr:
			switch f := n.Fun.(type) {
			case *ast.Ident:
				u.calls = append(u.calls, f.Name)
			case *ast.SelectorExpr:
				u.calls = append(u.calls, f.Sel.Name)
			}
		}
		return true
	})
	slices.Sort(u.calls)
	u.calls = slices.Compact(u.calls)
	s.funcs[name] = u
}
