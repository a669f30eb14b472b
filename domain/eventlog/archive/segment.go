package archive

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// segment is a file of a second copy. Its name says how many commits come before
// it; it ends where the next one begins.
type segment struct {
	path  string
	after int64
}

func segmentName(after int64) string { return fmt.Sprintf("%012d%s", after, segments) }

// listSegments gives the segments of the folder in their order.
func listSegments(dir string) ([]segment, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var all []segment
	for _, e := range entries {
		name, is := strings.CutSuffix(e.Name(), segments)
		if !is || e.IsDir() {
			continue
		}
		after, err := strconv.ParseInt(name, 10, 64)
		if err != nil || segmentName(after) != e.Name() {
			return nil, damaged("%s is no segment's name", e.Name())
		}
		all = append(all, segment{filepath.Join(dir, e.Name()), after})
	}
	slices.SortFunc(all, func(a, b segment) int { return int(min(max(a.after-b.after, -1), 1)) })
	return all, nil
}

// segmentEnd is where the whole batches of a segment end.
type segmentEnd struct {
	last Stand // the zero Stand: there is none
	size int64 // bytes up to there
	torn bool  // something stands behind
}

// scanSegment finds the end of a segment that may have been cut short anywhere
// by a crash. Only checksums are looked at. Errors: ErrOtherLog; ErrForeign; the
// disk's.
func scanSegment(s segment, log string) (segmentEnd, error) {
	f, err := os.Open(s.path)
	if err != nil {
		return segmentEnd{}, err
	}
	defer f.Close()
	var end segmentEnd
	err = eachBatch(f, s.after, func(_ []byte, at Stand, size int64) error {
		if at.Log != log {
			return fmt.Errorf("%w: %s", ErrOtherLog, at.Log)
		}
		end.last, end.size = at, size
		return nil
	})
	if errors.Is(err, ErrTruncated) || errors.Is(err, ErrDamaged) {
		end.torn = true
		return end, crashed(f, end.size, log, err)
	}
	return end, err
}

// crashed is nil where what stands in the segment from there on is what a crash
// leaves of the one batch that was being written, and found where it is more:
// then something was damaged that had been whole.
func crashed(f io.ReaderAt, from int64, log string, found error) error {
	b, err := io.ReadAll(io.NewSectionReader(f, max(from, int64(len(copyMagic))), 2*segmentBytes))
	if err != nil {
		return err
	}
	// The disk may have written the batch's stand and not all of the batch.
	most := 1
	if kind, _, err := readFrame(bufio.NewReader(bytes.NewReader(b))); kind == kindBatch && err == nil {
		most = 0
	}
	if wholeStands(b, log) > most {
		return found
	}
	return nil
}

// wholeStands counts the stands of the log that can be read in b.
func wholeStands(b []byte, log string) int {
	begins := []byte(`{"log":"` + log + `"`)
	n := 0
	for at := bytes.Index(b, begins); at >= 0; at = bytes.Index(b, begins) {
		if at >= frameHead {
			kind, _, err := readFrame(bufio.NewReader(bytes.NewReader(b[at-frameHead:])))
			if kind == kindStand && err == nil {
				n++
			}
		}
		b = b[at+1:]
	}
	return n
}

// eachBatch gives the batches of a segment with the stand behind each and the
// bytes up to there. Errors: ErrForeign, ErrTruncated, ErrDamaged; the
// reader's; that of visit.
func eachBatch(in io.Reader, after int64, visit func(batch []byte, at Stand, size int64) error) error {
	r := bufio.NewReaderSize(in, 1<<16)
	begins := make([]byte, len(copyMagic))
	n, err := io.ReadFull(r, begins)
	switch {
	case (err == io.EOF || err == io.ErrUnexpectedEOF) && strings.HasPrefix(copyMagic, string(begins[:n])):
		return cutShort("it has %d bytes", n)
	case err == nil && string(begins) != copyMagic, err == io.ErrUnexpectedEOF:
		return foreign("it begins otherwise")
	case err != nil:
		return err
	}
	size := int64(n)
	for {
		kind, batch, err := readFrame(r)
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		standKind, b, err := readFrame(r)
		if err == io.EOF {
			return cutShort("its last batch has no stand")
		}
		if err != nil {
			return err
		}
		var at Stand
		if kind != kindBatch || standKind != kindStand || json.Unmarshal(b, &at) != nil || at.Commits <= after {
			return damaged("a batch and its stand are not where they should be")
		}
		size += int64(len(batch) + len(b) + 2*(frameHead+frameTail))
		if err := visit(batch, at, size); err != nil {
			return err
		}
		after = at.Commits
	}
}
