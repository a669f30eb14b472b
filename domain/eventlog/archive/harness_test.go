package archive

import (
	"bytes"
	"context"
	"fmt"
	"iter"
	"testing"
	"time"

	"doorstep/domain/eventlog"
	"doorstep/domain/eventlog/eventlogtest"
	"doorstep/domain/eventlog/memory"
	"doorstep/domain/eventlog/tlog"
)

var genesis = eventlog.Genesis{ID: "0f3c5a7e9b1d2c4e6f8091a2b3c4d5e6", Created: time.Date(2021, 1, 4, 8, 0, 0, 0, time.UTC), Court: "冀0108", Form: 1}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// add appends n more commits to the log, over some streams of its own.
func add(t testing.TB, log eventlog.Log, run string, n int) []eventlog.Record {
	t.Helper()
	heads := map[string]eventlog.Head{}
	var all []eventlog.Record
	for i := range n {
		stream := fmt.Sprintf("dispute-%s-%d", run, i%(1+n/3))
		r, err := log.Append(context.Background(), heads[stream], eventlogtest.Commit(stream, fmt.Sprint("c", i), 1+i%3))
		must(t, err)
		heads[stream] = r.Head
		all = append(all, r)
	}
	return all
}

// court is a log with a key that signs it.
type court struct {
	*memory.Log
	signer *tlog.Signer
	public string
}

type fixed byte

func (s fixed) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(s)
	}
	return len(p), nil
}

func newCourt(t testing.TB) *court {
	t.Helper()
	secret, public, err := tlog.NewKey(fixed(7), tlog.Origin(genesis.ID))
	must(t, err)
	signer, err := tlog.ParseSigner(secret)
	must(t, err)
	return &court{memory.New(), signer, public + "\n"}
}

// all is what the log holds now.
func (c *court) all(t testing.TB) []eventlog.Record {
	t.Helper()
	var all []eventlog.Record
	end, err := c.End(context.Background())
	must(t, err)
	if end.IsStart() {
		return nil
	}
	for r, err := range c.Follow(context.Background(), eventlog.Position{}) {
		must(t, err)
		if all = append(all, r); r.Position == end {
			break
		}
	}
	return all
}

// sign is a checkpoint of the records.
func (c *court) sign(t testing.TB, records []eventlog.Record) string {
	t.Helper()
	note, err := c.signer.Sign(tlog.Checkpoint{Origin: tlog.Origin(genesis.ID), Size: int64(len(records)), Root: rootOf(records)})
	must(t, err)
	return string(note)
}

// header is one of the log as it stands, with so many commits signed.
func (c *court) header(t testing.TB, signed int) Header {
	t.Helper()
	return Header{Genesis: genesis, Created: time.Date(2021, 12, 31, 23, 30, 0, 0, time.UTC), Verifiers: c.public, Checkpoint: c.sign(t, c.all(t)[:signed])}
}

func rootOf(records []eventlog.Record) eventlog.Hash {
	var tree tlog.Tree
	for _, r := range records {
		tree.Add(tlog.Leaf(r.Sealed))
	}
	return tree.Root()
}

func given(records []eventlog.Record) iter.Seq2[eventlog.Record, error] {
	return func(yield func(eventlog.Record, error) bool) {
		for _, r := range records {
			if !yield(r, nil) {
				return
			}
		}
	}
}

// write is an archive of the records, neither compressed nor encrypted.
func write(t testing.TB, h Header, key string, records []eventlog.Record) ([]byte, Manifest) {
	t.Helper()
	var b bytes.Buffer
	w, err := NewWriter(&b, h, key)
	must(t, err)
	for _, r := range records {
		must(t, w.Add(r))
	}
	m, err := w.Finish()
	must(t, err)
	return b.Bytes(), m
}

// read reads an archive with all checks.
func read(b []byte) ([]eventlog.Record, Manifest, error) {
	r, err := NewReader(bytes.NewReader(b))
	if err != nil {
		return nil, Manifest{}, err
	}
	return gather(r)
}

func gather(r *Reader) ([]eventlog.Record, Manifest, error) {
	all, err := collect(r.Records())
	m, whole := r.Manifest()
	if whole != (err == nil) && err == nil {
		err = fmt.Errorf("it is read, and not whole")
	}
	return all, m, err
}

func collect(records iter.Seq2[eventlog.Record, error]) ([]eventlog.Record, error) {
	var all []eventlog.Record
	for r, err := range eventlog.Chained(records) {
		if err != nil {
			return all, err
		}
		all = append(all, r)
	}
	return all, nil
}

// sealedBytes is what seal makes of b.
func sealedBytes(t testing.TB, b []byte, to Recipients) []byte {
	t.Helper()
	var out bytes.Buffer
	s, err := seal(&out, to)
	must(t, err)
	_, err = s.Write(b)
	must(t, err)
	must(t, s.Close())
	return out.Bytes()
}

// readSealed reads a backup's bytes with all checks.
func readSealed(b []byte, with Identities) ([]eventlog.Record, error) {
	a, err := open(bytes.NewReader(b), with)
	if err != nil {
		return nil, err
	}
	defer a.Close()
	all, _, err := gather(a.Reader)
	return all, err
}

// pair is a key to encrypt for and the one that opens.
func pair(t testing.TB) (Recipients, Identities) {
	t.Helper()
	secret, public, err := NewIdentity()
	must(t, err)
	to, err := ParseRecipients(public)
	must(t, err)
	with, err := ParseIdentities(secret)
	must(t, err)
	return to, with
}

func sameRecords(t testing.TB, what string, got, want []eventlog.Record) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d commits, want %d", what, len(got), len(want))
	}
	for i := range want {
		if !bytes.Equal(got[i].Sealed, want[i].Sealed) || got[i].Head.Hash != want[i].Head.Hash || got[i].Head.Length != want[i].Head.Length {
			t.Fatalf("%s: commit %d is another", what, i)
		}
	}
}
