package archive

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"doorstep/domain/eventlog"
	"doorstep/domain/eventlog/eventlogtest"
	"doorstep/domain/eventlog/memory"

	"pgregory.net/rapid"
)

func TestWhateverIsPutInComesOutAsItWas(t *testing.T) {
	to, with := pair(t)
	none, _ := Recipients{}, Identities{}
	rapid.Check(t, func(rt *rapid.T) {
		log := memory.New()
		heads := map[string]eventlog.Head{}
		var all []eventlog.Record
		for i := range rapid.IntRange(0, 40).Draw(rt, "commits") {
			stream := rapid.SampledFrom([]string{"dispute-a", "dispute-b", "confirmation-a", "roster-x"}).Draw(rt, "stream")
			c := eventlogtest.Commit(stream, fmt.Sprint("c", i), rapid.IntRange(1, 3).Draw(rt, "events"))
			c.Actor = rapid.StringN(0, 8, -1).Draw(rt, "actor")
			c.Events[0].Payload = fmt.Appendf(nil, "%q", rapid.StringMatching(`[a-z一-龥]{0,400}`).Draw(rt, "payload"))
			r, err := log.Append(t.Context(), heads[stream], c)
			if errors.Is(err, eventlog.ErrInvalid) {
				continue
			}
			must(t, err)
			heads[stream] = r.Head
			all = append(all, r)
		}
		plain, m := write(t, Header{Genesis: genesis}, "", all)
		got, said, err := read(plain)
		if err != nil || !said.same(m) || said.Root != rootOf(all) || said.Commits != int64(len(all)) || said.Streams != int64(len(heads)) {
			rt.Fatalf("%+v, %v", said, err)
		}
		sameRecords(t, "plain", got, all)
		for _, who := range []Recipients{to, none} {
			got, err = readSealed(sealedBytes(t, plain, who), with)
			if err != nil {
				rt.Fatal(err)
			}
			sameRecords(t, "sealed", got, all)
		}
	})
}

var golden = flag.Bool("golden", os.Getenv("DOORSTEP_GOLDEN") == "write", "write the golden files")

func TestTheFormOfAnArchiveStaysTheSame(t *testing.T) {
	c := newCourt(t)
	for i, stream := range []string{"dispute-1", "dispute-2", "roster-1"} {
		commit := eventlogtest.Commit(stream, fmt.Sprint("c", i), 1+i)
		commit.RecordedAt = time.Date(2021, 3, 1+i, 9, 0, 0, 0, time.UTC)
		_, err := c.Append(t.Context(), eventlog.Head{}, commit)
		must(t, err)
	}
	made, _ := write(t, c.header(t, 2), "PRIVATE+KEY", c.all(t))
	const file = "testdata/three.archive"
	if *golden {
		must(t, os.WriteFile(file, made, 0o600))
	}
	kept, err := os.ReadFile(file)
	must(t, err)
	if !bytes.Equal(made, kept) {
		t.Errorf("an archive is written another way than %s:\n%q\n%q", file, made, kept)
	}
	r, err := NewReader(bytes.NewReader(kept))
	must(t, err)
	got, m, err := gather(r)
	must(t, err)
	sameRecords(t, "golden", got, c.all(t))
	if _, note := r.Signed(); r.SigningKey() != "PRIVATE+KEY" || r.Genesis() != genesis || note != r.Header().Checkpoint || m.Root != rootOf(got) || m.Commits != 3 || m.Events != 6 || m.Streams != 3 {
		t.Errorf("%+v %+v", r.Header(), m)
	}
	for name, change := range map[string]struct {
		of   []byte
		want error
	}{
		"a newer form":  {bytes.Replace(kept, []byte("archive/1\n"), []byte("archive/2\n"), 1), ErrForm},
		"another thing": {[]byte("PK\x03\x04 something long enough to be read"), ErrForeign},
		"nothing":       {nil, ErrTruncated},
		"a short thing": {[]byte("hello"), ErrForeign},
	} {
		if _, _, err := read(change.of); !errors.Is(err, change.want) {
			t.Errorf("%s: %v", name, err)
		}
		if change.want != ErrForm && change.of != nil {
			if _, err := readSealed(change.of, Identities{}); !errors.Is(err, ErrForeign) {
				t.Errorf("%s as a backup: %v", name, err)
			}
		}
	}
}

func TestCommitsOutOfOrderAreNotWritten(t *testing.T) {
	c := newCourt(t)
	all := add(t, c, "a", 3)
	for name, wrong := range map[string][]eventlog.Record{"swapped": {all[1], all[0]}, "twice": {all[0], all[0]}} {
		w, err := NewWriter(&bytes.Buffer{}, Header{Genesis: genesis}, "")
		must(t, err)
		must(t, w.Add(wrong[0]))
		if err := w.Add(wrong[1]); !errors.Is(err, eventlog.ErrCorrupt) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestACommitOfTheLargestSizeGoesThrough(t *testing.T) {
	log := memory.New()
	c := eventlogtest.Commit("dispute-1", "c", 1)
	c.Events[0].Payload = fmt.Appendf(nil, "%q", strings.Repeat("x", eventlog.MaxCommit-400))
	r, err := log.Append(t.Context(), eventlog.Head{}, c)
	must(t, err)
	b, _ := write(t, Header{Genesis: genesis}, "", []eventlog.Record{r})
	got, _, err := read(b)
	must(t, err)
	sameRecords(t, "large", got, []eventlog.Record{r})
}
