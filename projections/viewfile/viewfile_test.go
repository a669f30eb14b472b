package viewfile

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"doorstep/domain/eventlog"
	"doorstep/projections/follow"
)

var schema = Schema{
	Tables:  `CREATE TABLE IF NOT EXISTS note (n INTEGER, text, more TEXT DEFAULT '', PRIMARY KEY (n)) WITHOUT ROWID;`,
	Indexes: `CREATE INDEX IF NOT EXISTS by_text ON note (text);`,
}

func open(t testing.TB, dir string) *File {
	t.Helper()
	f, err := Open(dir, "notes", schema)
	must(t, err)
	must(t, f.Complete(context.Background()))
	t.Cleanup(func() { f.Close() })
	return f
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// at is the mark of the n-th record of a log.
func at(n int) follow.Mark {
	if n == 0 {
		return follow.Mark{}
	}
	return follow.Mark{Before: eventlog.PositionAt(uint64(n - 1)), Position: eventlog.PositionAt(uint64(n)), Hash: eventlog.Hash{byte(n), byte(n >> 8), 1}}
}

func insert(n int, text any) func(*sql.Tx) error {
	return func(tx *sql.Tx) error {
		_, err := tx.Exec(`INSERT INTO note (n, text) VALUES (?, ?)`, n, text)
		return err
	}
}

func count(t testing.TB, f *File) (n int) {
	t.Helper()
	must(t, f.Read().QueryRow(`SELECT count(*) FROM note`).Scan(&n))
	return n
}

func mark(t testing.TB, f *File) follow.Mark {
	t.Helper()
	m, err := f.Mark(context.Background())
	must(t, err)
	return m
}

func digest(t testing.TB, f *File) string {
	t.Helper()
	d, err := f.Digest(context.Background())
	must(t, err)
	return d
}

func TestTheMarkMovesWithTheDataAndIsThereAfterReopening(t *testing.T) {
	dir, ctx := t.TempDir(), context.Background()
	f := open(t, dir)
	if m := mark(t, f); m != at(0) {
		t.Errorf("a new file stands at %+v", m)
	}
	must(t, f.Take(ctx, at(0), at(1), insert(1, "a")))
	must(t, f.Take(ctx, at(1), at(7), insert(2, "b")))
	before := digest(t, f)
	must(t, f.Close())
	f = open(t, dir)
	if m := mark(t, f); m != at(7) || count(t, f) != 2 || digest(t, f) != before {
		t.Errorf("after reopening it stands at %+v with %d notes", m, count(t, f))
	}
}

func TestAFileThatDoesNotStandThereTakesNothing(t *testing.T) {
	f, ctx := open(t, t.TempDir()), context.Background()
	must(t, f.Take(ctx, at(0), at(2), insert(1, "a")))
	otherHash := at(2)
	otherHash.Hash[3]++
	for _, from := range []follow.Mark{at(0), at(1), at(3), otherHash} {
		err := f.Take(ctx, from, at(4), func(*sql.Tx) error { t.Error("it was asked to write"); return nil })
		if !errors.Is(err, follow.ErrMoved) || mark(t, f) != at(2) {
			t.Errorf("from %+v: %v", from, err)
		}
	}
}

func TestABatchIsTakenInWholeOrNotAtAll(t *testing.T) {
	f, fault := open(t, t.TempDir()), errors.New("fault")
	must(t, f.Take(context.Background(), at(0), at(1), insert(1, "a")))
	before := digest(t, f)
	cancelled, cancel := context.WithCancel(context.Background())
	for name, take := range map[string]func() error{
		"an error": func() error {
			return f.Take(context.Background(), at(1), at(2), func(tx *sql.Tx) error { return errors.Join(insert(2, "b")(tx), fault) })
		},
		"a panic": func() (err error) {
			defer func() { err = fmt.Errorf("%v", recover()) }()
			return f.Take(context.Background(), at(1), at(2), func(tx *sql.Tx) error { must(t, insert(2, "b")(tx)); panic(fault) })
		},
		"breaking off": func() error {
			return f.Take(cancelled, at(1), at(2), func(tx *sql.Tx) error { must(t, insert(2, "b")(tx)); cancel(); return nil })
		},
		"a clash": func() error { return f.Take(context.Background(), at(1), at(2), insert(1, "again")) },
	} {
		if err := take(); err == nil || digest(t, f) != before {
			t.Errorf("%s: %v, and the file has changed: %t", name, err, digest(t, f) != before)
		}
	}
	must(t, f.Take(context.Background(), at(1), at(2), insert(2, "b")))
}

func TestOfTwoHandsOneMovesTheView(t *testing.T) {
	dir := t.TempDir()
	files := []*File{open(t, dir), open(t, dir)}
	for n := range 40 {
		won := make([]error, len(files))
		var both sync.WaitGroup
		for i, f := range files {
			both.Go(func() { won[i] = f.Take(context.Background(), at(n), at(n+1), insert(n, "x")) })
		}
		both.Wait()
		if (won[0] == nil) == (won[1] == nil) || !errors.Is(errors.Join(won...), follow.ErrMoved) {
			t.Fatalf("%v", won)
		}
	}
}

func TestQueriesCannotWrite(t *testing.T) {
	f := open(t, t.TempDir())
	if _, err := f.Read().Exec(`INSERT INTO note (n) VALUES (1)`); err == nil || count(t, f) != 0 {
		t.Errorf("a query wrote: %v", err)
	}
}

func TestQueriesSeeOneMomentWhileTheViewMoves(t *testing.T) {
	f, ctx := open(t, t.TempDir()), context.Background()
	tx, err := f.Read().BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	must(t, err)
	defer tx.Rollback()
	var before, after int
	must(t, tx.QueryRow(`SELECT count(*) FROM note`).Scan(&before))
	must(t, f.Take(ctx, at(0), at(1), insert(1, "a")))
	must(t, tx.QueryRow(`SELECT count(*) FROM note`).Scan(&after))
	if before != 0 || after != 0 || count(t, f) != 1 {
		t.Errorf("%d, then %d; outside %d", before, after, count(t, f))
	}
}

func TestAnotherProgramStartsAnewAndRemovesOnlyWhatIsOld(t *testing.T) {
	dir, own := filepath.Join(t.TempDir(), "50% [views] #1?"), programDigest
	t.Cleanup(func() { programDigest = own })
	f := open(t, dir)
	must(t, f.Take(context.Background(), at(0), at(1), insert(1, "a")))
	must(t, f.Close())
	neighbour, err := Open(dir, "notes2", schema)
	must(t, err)
	must(t, neighbour.Complete(t.Context()))
	must(t, neighbour.Close())
	for _, left := range []string{"notes.000000000000.db", "notes.000000000000.db-wal", "notes.000000000000.db-shm"} {
		must(t, os.WriteFile(filepath.Join(dir, left), []byte("old"), 0o600))
	}
	must(t, open(t, dir).Close())
	programDigest = func() (string, error) { return "another0program", nil }
	building, err := Open(dir, "notes", schema)
	must(t, err)
	if left := names(t, dir); !slices.Contains(left, "notes."+digestOf(own)+".1.db") || !building.Building() {
		t.Errorf("while another program builds its own, left are %q", left)
	}
	must(t, building.Close()) // it was cut short
	f = open(t, dir)
	if mark(t, f) != at(0) || count(t, f) != 0 {
		t.Error("it went on where another program stood")
	}
	must(t, f.Close())
	if left := names(t, dir); len(left) != 4 || left[0] != "notes.another0program.1.db" || left[1] != "notes.current" {
		t.Errorf("left are %q", left)
	}
}

func digestOf(program func() (string, error)) string { d, _ := program(); return d }

// names are the files in the folder, in order.
func names(t testing.TB, dir string) (list []string) {
	t.Helper()
	files, err := os.ReadDir(dir)
	must(t, err)
	for _, f := range files {
		list = append(list, f.Name())
	}
	return list
}

func TestAFileThatIsDamagedIsMadeAnew(t *testing.T) {
	dir := t.TempDir()
	must(t, open(t, dir).Close())
	files, err := filepath.Glob(filepath.Join(dir, "*.db"))
	must(t, err)
	must(t, os.WriteFile(files[0], []byte("this was a database until the disk was full"), 0o600))
	f := open(t, dir)
	if mark(t, f) != at(0) {
		t.Errorf("it stands at %+v", mark(t, f))
	}
	must(t, f.Take(context.Background(), at(0), at(1), insert(1, "a")))
}

func TestTheDigestHangsOnContentAndNotOnItsOrder(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		notes := rapid.MapOf(rapid.IntRange(0, 50), rapid.SampledFrom([]any{nil, int64(1), "1", []byte("1"), 1.0, "", []byte{}, "a\x00b", "n"})).Draw(rt, "notes")
		numbers := make([]int, 0, len(notes))
		for n := range notes {
			numbers = append(numbers, n)
		}
		write := func(order []int) string {
			dir, err := os.MkdirTemp(t.TempDir(), "")
			must(t, err)
			f, err := Open(dir, "notes", schema)
			must(t, err)
			defer f.Close()
			must(t, f.Take(context.Background(), at(0), at(9), func(tx *sql.Tx) error {
				for _, n := range order {
					must(t, insert(n, notes[n])(tx))
				}
				return nil
			}))
			return digest(t, f)
		}
		whole := write(numbers)
		if other := write(rapid.Permutation(numbers).Draw(rt, "order")); other != whole {
			rt.Fatal("another order gave another digest")
		}
		if len(numbers) == 0 {
			return
		}
		if write(numbers[1:]) == whole {
			rt.Fatal("a note less gave the same digest")
		}
		is := notes[numbers[0]]
		notes[numbers[0]] = rapid.SampledFrom([]any{nil, int64(1), "1", []byte("1"), 1.0, "", []byte{}, "r"}).Draw(rt, "changed")
		if fmt.Sprintf("%#v", is) != fmt.Sprintf("%#v", notes[numbers[0]]) && write(numbers) == whole {
			rt.Fatalf("%#v and %#v gave the same digest", is, notes[numbers[0]])
		}
	})
}

func TestTheDigestTellsWhereOneTextEndsAndTheNextBegins(t *testing.T) {
	var digests []string
	for _, cells := range [][2]any{{"ab", "c"}, {"a", "bc"}, {"", "abc"}, {nil, "abc"}, {"as\x01b", "c"}, {"a", "bs\x01c"}} {
		f := open(t, t.TempDir())
		must(t, f.Take(context.Background(), at(0), at(1), func(tx *sql.Tx) error {
			_, err := tx.Exec(`INSERT INTO note VALUES (1, ?, ?)`, cells[0], cells[1])
			return err
		}))
		d := digest(t, f)
		if slices.Contains(digests, d) {
			t.Errorf("%q has the digest of another", cells)
		}
		digests = append(digests, d)
	}
}

// writerDir makes this test binary the process that is killed.
const writerDir = "DOORSTEP_TEST_VIEW_WRITER"

func TestMain(m *testing.M) {
	if dir := os.Getenv(writerDir); dir != "" {
		writeUntilKilled(dir)
	}
	if dir := os.Getenv(rebuildDir); dir != "" {
		rebuildUntilKilled(dir)
	}
	os.Exit(m.Run())
}

// writeUntilKilled takes batches of three notes and says after each that it is in.
func writeUntilKilled(dir string) {
	f, err := Open(dir, "notes", schema)
	if err == nil {
		err = f.Complete(context.Background())
	}
	if err != nil {
		panic(err)
	}
	m, err := f.Mark(context.Background())
	for n := int(m.Position.Token()); err == nil; n += 3 {
		err = f.Take(context.Background(), at(n), at(n+3), func(tx *sql.Tx) error {
			return errors.Join(insert(n, "a")(tx), insert(n+1, "b")(tx), insert(n+2, "c")(tx))
		})
		fmt.Println(n + 3)
	}
	panic(err)
}

func TestAKilledProcessLeavesDataAndMarkTogether(t *testing.T) {
	dir := t.TempDir()
	self, err := os.Executable()
	must(t, err)
	for _, lines := range []int{1, 2, 40, 7, 23} {
		writer := exec.Command(self)
		writer.Env = append(os.Environ(), writerDir+"="+dir)
		out, err := writer.StdoutPipe()
		must(t, err)
		must(t, writer.Start())
		said, last := bufio.NewScanner(out), 0
		for range lines {
			if !said.Scan() {
				break
			}
			_, err := fmt.Sscan(said.Text(), &last)
			must(t, err)
		}
		must(t, writer.Process.Kill())
		for said.Scan() { // what it said before it died
			_, _ = fmt.Sscan(said.Text(), &last)
		}
		_ = writer.Wait()
		f := open(t, dir)
		n := int(mark(t, f).Position.Token())
		if last == 0 || n < last || n%3 != 0 || count(t, f) != n || mark(t, f) != at(n) {
			t.Fatalf("it said %d; the mark is %d, there are %d notes", last, n, count(t, f))
		}
		must(t, f.Close())
	}
}
