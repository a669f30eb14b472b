package archive

import (
	"bytes"
	"os"
	"testing"
)

// FuzzReader: nothing that is read as an archive, or as a segment of a second
// copy, brings the reader down, makes it read on for ever, or is refused
// without a name.
func FuzzReader(f *testing.F) {
	kept, err := os.ReadFile("testdata/three.archive")
	must(f, err)
	f.Add(kept)
	f.Add([]byte(magic))
	f.Add(sealedBytes(f, kept, Recipients{}))
	segment := append([]byte(copyMagic), appendFrame(nil, kindBatch, sealedBytes(f, kept, Recipients{}))...)
	f.Add(appendFrame(segment, kindStand, []byte(`{"log":"`+genesis.ID+`","commits":3}`)))
	f.Fuzz(func(t *testing.T, b []byte) {
		records, m, err := read(b)
		switch {
		case err == nil && int64(len(records)) != m.Commits:
			t.Errorf("%d commits, its manifest says %d", len(records), m.Commits)
		case err != nil && !isNamed(err):
			t.Errorf("refused without a name: %v", err)
		}
		if _, err := readSealed(b, Identities{}); err != nil && !isNamed(err) {
			t.Errorf("as a backup: refused without a name: %v", err)
		}
		n := int64(0)
		err = eachBatch(bytes.NewReader(b), 0, func(_ []byte, at Stand, size int64) error {
			if at.Commits <= n || size > int64(len(b)) {
				t.Errorf("a batch up to commit %d behind %d, %d bytes of %d", at.Commits, n, size, len(b))
			}
			n = at.Commits
			return nil
		})
		if err != nil && !isNamed(err) {
			t.Errorf("as a segment: refused without a name: %v", err)
		}
	})
}
