package archive

import (
	"bufio"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"

	"doorstep/domain/eventlog"
)

// A frame is a kind, the length of what it holds, that, and a CRC-32C over all
// before it. Numbers are big-endian.
const (
	frameHead = 1 + 4
	frameTail = 4
)

// The kinds of frames.
const (
	kindHeader   = 'H' // Header as JSON
	kindKey      = 'K' // the log's secret signing key, where it was asked for
	kindRecord   = 'R' // the sealed bytes of one commit
	kindManifest = 'M' // Manifest as JSON
	kindBatch    = 'B' // in a second copy: an archive of some commits
	kindStand    = 'S' // in a second copy: where it stands with the batch before, as JSON
)

// most is how long what a frame of that kind holds may be, so that a length
// that was damaged asks for no memory.
func most(kind byte) (int, bool) {
	switch kind {
	case kindRecord:
		return eventlog.MaxCommit, true
	case kindHeader, kindManifest, kindKey, kindStand:
		return 1 << 20, true
	case kindBatch:
		return 2*batchBytes + eventlog.MaxCommit + 1<<20, true
	}
	return 0, false
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// appendFrame puts a frame behind b.
func appendFrame(b []byte, kind byte, held []byte) []byte {
	start := len(b)
	b = append(b, kind)
	b = binary.BigEndian.AppendUint32(b, uint32(len(held)))
	b = append(b, held...)
	return binary.BigEndian.AppendUint32(b, crc32.Checksum(b[start:], castagnoli))
}

// readFrame reads the next frame. Errors: io.EOF where nothing follows;
// ErrTruncated; ErrDamaged; the reader's.
func readFrame(r *bufio.Reader) (kind byte, held []byte, err error) {
	var head [frameHead]byte
	if n, err := io.ReadFull(r, head[:]); err != nil {
		if err == io.ErrUnexpectedEOF {
			return 0, nil, cutShort("it ends after %d bytes of a frame", n)
		}
		return 0, nil, err
	}
	kind = head[0]
	limit, known := most(kind)
	length := int(binary.BigEndian.Uint32(head[1:]))
	if !known || length > limit {
		return 0, nil, damaged("a frame of kind %#x and %d bytes", kind, length)
	}
	b := make([]byte, length+frameTail)
	if _, err := io.ReadFull(r, b); err != nil {
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return 0, nil, cutShort("it ends within a frame")
		}
		return 0, nil, err
	}
	held = b[:length:length]
	sum := crc32.Update(crc32.Checksum(head[:], castagnoli), castagnoli, held)
	if sum != binary.BigEndian.Uint32(b[length:]) {
		return 0, nil, damaged("the checksum of a frame is wrong")
	}
	return kind, held, nil
}
