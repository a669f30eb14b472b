package archive

import (
	"encoding/json"
	"fmt"
	"io"
	"time"

	"doorstep/domain/eventlog"
	"doorstep/domain/eventlog/tlog"
)

// magic stands before the first frame, for whoever looks into an archive with
// other tools.
const magic = Form + "\n"

// Writer writes one archive. It is not for concurrent use.
type Writer struct {
	out    io.Writer
	header Header
	has    Manifest
	tree   tlog.Tree
	frame  []byte
}

// NewWriter begins an archive; form and time are filled in where they are
// missing. A secret signing key is written only where it is given.
func NewWriter(out io.Writer, h Header, signingKey string) (*Writer, error) {
	h.Form = Form
	if h.Created.IsZero() {
		h.Created = time.Now()
	}
	h.Created = h.Created.UTC().Truncate(time.Millisecond)
	w := &Writer{out: out, header: h}
	if _, err := io.WriteString(out, magic); err != nil {
		return nil, err
	}
	if err := w.json(kindHeader, h); err != nil {
		return nil, err
	}
	if signingKey != "" {
		if err := w.put(kindKey, []byte(signingKey)); err != nil {
			return nil, err
		}
	}
	return w, nil
}

// Add puts the log's next commit in. The error is eventlog.ErrCorrupt where its
// position does not come after that of the one before.
func (w *Writer) Add(r eventlog.Record) error {
	position := r.Position.Token()
	if position <= w.has.Last {
		return fmt.Errorf("%w: position %d stands after %d", eventlog.ErrCorrupt, position, w.has.Last)
	}
	if w.has.Commits == 0 {
		w.has.First = position
	}
	if err := w.put(kindRecord, r.Sealed); err != nil {
		return err
	}
	w.has.count(r)
	w.has.Last = position
	w.tree.Add(tlog.Leaf(r.Sealed))
	return nil
}

// count takes in a commit, but for its position.
func (m *Manifest) count(r eventlog.Record) {
	m.Commits++
	m.Events += int64(len(r.Events))
	if r.Version == 0 {
		m.Streams++
	}
	m.Hash, m.Recorded = r.Head.Hash, r.RecordedAt
}

// Finish writes the manifest. Without it an archive is none.
func (w *Writer) Finish() (Manifest, error) {
	if w.header.After == 0 {
		w.has.Root = w.tree.Root()
	}
	return w.has, w.json(kindManifest, w.has)
}

func (w *Writer) json(kind byte, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return w.put(kind, b)
}

func (w *Writer) put(kind byte, held []byte) error {
	if limit, _ := most(kind); len(held) > limit {
		return fmt.Errorf("%w: %d bytes", eventlog.ErrTooLarge, len(held))
	}
	w.frame = appendFrame(w.frame[:0], kind, held)
	_, err := w.out.Write(w.frame)
	return err
}
