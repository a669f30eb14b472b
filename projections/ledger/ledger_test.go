package ledger

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"testing"

	"pgregory.net/rapid"

	"doorstep/domain/eventlog"
	"doorstep/domain/eventlog/tlog"
	"doorstep/projections/follow"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// record is the i-th of a log whose positions have gaps, as another engine's may.
func record(i int) follow.Record {
	sealed := fmt.Appendf(nil, `{"id":"c%d"}`, i)
	return follow.Record{Record: eventlog.Record{Position: place(i), Sealed: sealed, Head: eventlog.Head{Hash: sha256.Sum256(sealed)}}}
}

func place(i int) eventlog.Position {
	return eventlog.PositionAt(uint64(i)*7 + uint64(i)*uint64(i)%7 + 2)
}

func mark(i int) follow.Mark { // after the i-th
	if i < 0 {
		return follow.Mark{}
	}
	m := follow.Mark{Position: place(i), Hash: record(i).Head.Hash}
	if i > 0 {
		m.Before = place(i - 1)
	}
	return m
}

// feed lets the ledger take the records from..to-1 in.
func feed(t testing.TB, l *Ledger, from, to int) {
	t.Helper()
	var batch []follow.Record
	for i := from; i < to; i++ {
		batch = append(batch, record(i))
	}
	must(t, l.Take(context.Background(), mark(from-1), mark(to-1), batch))
}

func open(t testing.TB, dir string, n *Notary) *Ledger {
	t.Helper()
	l, err := Open(dir, n)
	must(t, err)
	must(t, l.Complete(context.Background()))
	t.Cleanup(func() { l.Close() })
	return l
}

func digest(t testing.TB, l *Ledger) string {
	t.Helper()
	d, err := l.Digest(context.Background())
	must(t, err)
	return d
}

// tree is the tree over the first n records.
func tree(n int) *tlog.Tree {
	t := &tlog.Tree{}
	for i := range n {
		t.Add(tlog.Leaf(record(i).Sealed))
	}
	return t
}

func TestTheLedgerIsTheTreeWhateverTheBatches(t *testing.T) {
	const all = 3*tlog.Width + 5
	whole := open(t, t.TempDir(), nil)
	feed(t, whole, 0, all)
	want := digest(t, whole)
	base := t.TempDir()
	rapid.Check(t, func(rt *rapid.T) {
		dir, err := os.MkdirTemp(base, "")
		must(t, err)
		l := open(t, dir, nil)
		for at := 0; at < all; {
			to := min(all, at+rapid.OneOf(rapid.IntRange(1, 5), rapid.IntRange(1, 2*tlog.Width), rapid.Just(tlog.Width-at%tlog.Width)).Draw(rt, "batch"))
			feed(t, l, at, to)
			at = to
			if s := l.Stand(); s.Size != int64(at) || s.Root != tree(at).Root() || s.Mark != mark(at-1) {
				rt.Fatalf("after %d it stands at %+v", at, s)
			}
			if rapid.IntRange(0, 3).Draw(rt, "reopen") == 0 {
				must(t, l.Close())
				l = open(t, dir, nil)
			}
		}
		if digest(t, l) != want {
			rt.Fatal("other batches left another file")
		}
		must(t, l.Close())
	})
}

func TestEveryRecordHasItsPlaceAndItsProof(t *testing.T) {
	const all = tlog.Width + 40
	ctx, l := context.Background(), open(t, t.TempDir(), nil)
	feed(t, l, 0, 100)
	feed(t, l, 100, all)
	for i := range all {
		index, err := l.Index(ctx, place(i))
		if err != nil || index != int64(i) {
			t.Fatalf("record %d has the index %d (%v)", i, index, err)
		}
		for _, size := range []int64{int64(i) + 1, all} {
			root, err := l.RootAt(ctx, size)
			must(t, err)
			path, err := l.Inclusion(ctx, size, index)
			must(t, err)
			must(t, tlog.CheckInclusion(path, size, root, index, tlog.Leaf(record(i).Sealed)))
			path, err = l.Consistency(ctx, all, size)
			must(t, err)
			must(t, tlog.CheckConsistency(path, tlog.Checkpoint{Size: all, Root: l.Stand().Root}, tlog.Checkpoint{Size: size, Root: root}))
		}
	}
	for _, p := range []eventlog.Position{{}, eventlog.PositionAt(1), eventlog.PositionAt(place(5).Token() + 1), eventlog.PositionAt(place(all).Token())} {
		if _, err := l.Index(ctx, p); !errors.Is(err, ErrAbsent) {
			t.Errorf("position %s, where nothing stands: %v", p, err)
		}
	}
	if _, err := l.RootAt(ctx, all+1); !errors.Is(err, ErrAbsent) {
		t.Errorf("a root of more than there is: %v", err)
	}
}

func TestABatchThatIsNotTakenLeavesNothing(t *testing.T) {
	ctx, l := context.Background(), open(t, t.TempDir(), nil)
	feed(t, l, 0, 300)
	before, stand := digest(t, l), l.Stand()
	for name, err := range map[string]error{
		"from elsewhere": l.Take(ctx, mark(298), mark(300), []follow.Record{record(300)}),
		"when cancelled": func() error {
			ctx, cancel := context.WithCancel(ctx)
			cancel()
			return l.Take(ctx, mark(299), mark(300), []follow.Record{record(300)})
		}(),
	} {
		if err == nil {
			t.Errorf("a batch %s is taken", name)
		}
	}
	if digest(t, l) != before || l.Stand() != stand {
		t.Error("something of it is left")
	}
	feed(t, l, 300, 301)
	if l.Stand().Root != tree(301).Root() {
		t.Error("what came after stands on it")
	}
}

func TestALedgerWhoseFileLostATileIsNotTakenUp(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir, nil)
	feed(t, l, 0, 300)
	must(t, l.file.Take(context.Background(), mark(299), mark(300), func(tx *sql.Tx) error {
		_, err := tx.Exec(`DELETE FROM tile WHERE level = 0 AND n = 1`)
		return err
	}))
	must(t, l.Close())
	if l, err := Open(dir, nil); err == nil {
		l.Close()
		t.Error("it is taken up")
	}
}

func BenchmarkTake(b *testing.B) {
	l := open(b, b.TempDir(), nil)
	n := 0
	for b.Loop() {
		feed(b, l, n, n+1000)
		n += 1000
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "commits/s")
}

func TestALedgerMadeAnewIsPutInUseOnlyWhereItAgrees(t *testing.T) {
	for name, c := range map[string]struct {
		first int // of the records that the copy is made of
		to    int
		want  error
	}{
		"the same record":  {0, 300, nil},
		"and more":         {0, 600, nil},
		"less":             {0, 299, ErrAbsent},
		"another record":   {1, 301, ErrOtherTree},
		"nothing recorded": {0, 0, ErrAbsent},
	} {
		dir := t.TempDir()
		l := open(t, dir, nil)
		feed(t, l, 0, 300)
		before := l.Stand()
		a, err := l.Aside()
		must(t, err)
		from := follow.Mark{}
		for i := c.first; i < c.to; i++ {
			must(t, a.Take(t.Context(), from, mark(i), []follow.Record{record(i)}))
			from = mark(i)
		}
		must(t, a.Complete(t.Context()))
		if err := l.Adopt(a); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
		if c.want != nil {
			if l.Stand() != before {
				t.Errorf("%s: it stands elsewhere", name)
			}
			must(t, a.Close())
			continue
		}
		feed(t, l, c.to, c.to+1)
		if s := l.Stand(); s.Size != int64(c.to)+1 || s.Root != tree(c.to+1).Root() {
			t.Errorf("%s: it stands at %+v", name, s)
		}
		must(t, l.Close())
		if s := open(t, dir, nil).Stand(); s.Size != int64(c.to)+1 {
			t.Errorf("%s: opened again it stands at %+v", name, s)
		}
	}
}
