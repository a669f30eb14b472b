package jetstream

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/minio/highwayhash"
)

// The files of the server's store, as its filestore.go writes them in 2.15:
//
//	meta.inf, meta.sum    the stream's settings, and the hash of that file
//	msgs/N.blk            records one behind the other, N from 1
//	msgs/index.db         where everything stands; written at a clean stop and
//	                      now and then, trusted at the next start if its hash is
//	                      right and the newest block still ends as it says
//
// A record is its length (32 bits little-endian, the highest bit set where it
// has headers), sequence number (64), time (64), length of the subject (16),
// the subject, the length of the headers (32) where it has any, the headers,
// the data, and the HighwayHash-64 of all that but the lengths.
const (
	recordHeader  = 4 + 8 + 8 + 2
	recordSum     = 8
	recordMost    = 32 << 20
	withHeaders   = 1 << 31
	erasedBit     = 1 << 63
	tombstoneBit  = 1 << 62
	blockSuffix   = ".blk"
	indexFile     = "index.db"
	indexSmallest = 32
)

func (p place) stream() string {
	return filepath.Join(p.store(), "jetstream", "$G", "streams", streamName)
}
func (p place) blocks() string { return filepath.Join(p.stream(), "msgs") }

func (p place) block(n int) string { return filepath.Join(p.blocks(), strconv.Itoa(n)+blockSuffix) }

// listBlocks gives how many blocks there are. The error is ErrShortened when
// one is missing between two others: then nobody knows what it held.
func (p place) listBlocks() (int, error) {
	entries, err := os.ReadDir(p.blocks())
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	var numbers []int
	for _, e := range entries {
		if name, ok := strings.CutSuffix(e.Name(), blockSuffix); ok {
			n, err := strconv.Atoi(name)
			if err != nil || n < 1 {
				return 0, fmt.Errorf("%w: %s is no block of a store", ErrOtherLog, filepath.Join(p.blocks(), e.Name()))
			}
			numbers = append(numbers, n)
		}
	}
	slices.Sort(numbers)
	for i, n := range numbers {
		if n != i+1 {
			return 0, fmt.Errorf("%w: %s is missing; put the folder back from a backup", ErrShortened, p.block(i+1))
		}
	}
	return len(numbers), nil
}

// sumOf is the server's hash, keyed with a name.
func sumOf(name string) hash.Hash {
	key := sha256.Sum256([]byte(name))
	h, err := highwayhash.New64(key[:])
	if err != nil {
		panic(err) // the key has the right length
	}
	return h
}

// stored is a record as it stands in a block.
type stored struct {
	seq  uint64
	data []byte // the sealed bytes
	gone bool   // a mark that a record was taken out
}

// errTorn is given for bytes that are no whole record.
var errTorn = errors.New("no whole record")

// next reads the record at the beginning of b and gives its length. The error
// is errTorn.
func next(b []byte, sum hash.Hash) (stored, int, error) {
	if len(b) < recordHeader+recordSum {
		return stored{}, 0, errTorn
	}
	length := binary.LittleEndian.Uint32(b)
	headers := length&withHeaders != 0
	length &^= withHeaders
	if length < recordHeader+recordSum || length > recordMost || int64(length) > int64(len(b)) {
		return stored{}, 0, errTorn
	}
	seq := binary.LittleEndian.Uint64(b[4:])
	subject := int(binary.LittleEndian.Uint16(b[20:]))
	body, kept := b[recordHeader:length-recordSum], b[length-recordSum:length]
	skip := 0
	if headers {
		skip = 4
	}
	if subject+skip > len(body) {
		return stored{}, 0, errTorn
	}
	sum.Reset()
	sum.Write(b[4:20])
	sum.Write(body[:subject])
	sum.Write(body[subject+skip:])
	if !bytes.Equal(sum.Sum(nil), kept) {
		return stored{}, 0, errTorn
	}
	data := body[subject+skip:]
	if headers {
		n := int64(binary.LittleEndian.Uint32(body[subject:]))
		if n > int64(len(data)) {
			return stored{}, 0, errTorn
		}
		data = data[n:]
	}
	return stored{seq &^ (erasedBit | tombstoneBit), data, seq&(erasedBit|tombstoneBit) != 0}, int(length), nil
}

// tear is a place in a block where whole records end before the block does.
type tear struct {
	block int
	at    int64
}

// walk reads the blocks from the first to the last given and has see called
// with every record; it gives where whole records end too early, if they do.
func (p place) walk(from, to int, see func(stored) error) (*tear, error) {
	var b []byte
	for n := from; n <= to; n++ {
		var err error
		if b, err = readInto(b, p.block(n)); err != nil {
			return nil, err
		}
		sum := sumOf(fmt.Sprintf("%s-%d", streamName, n))
		for at := 0; at < len(b); {
			r, length, err := next(b[at:], sum)
			if err != nil {
				return &tear{n, int64(at)}, nil
			}
			if err := see(r); err != nil {
				return nil, err
			}
			at += length
		}
	}
	return nil, nil
}

// readInto reads a whole file into b, or into a larger slice.
func readInto(b []byte, name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return b, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return b, err
	}
	b = slices.Grow(b[:0], int(info.Size()))[:info.Size()]
	for n := 0; n < len(b); {
		got, err := f.Read(b[n:])
		if err != nil {
			return b, fmt.Errorf("%s: %w", name, err)
		}
		n += got
	}
	return b, nil
}

// indexed tells whether the server will trust its index: then it reads no
// block, and cuts none.
func (p place) indexed(blocks int) bool {
	b, err := os.ReadFile(filepath.Join(p.blocks(), indexFile))
	if err != nil || len(b) < indexSmallest {
		return false
	}
	body, kept := b[:len(b)-recordSum], b[len(b)-recordSum:]
	sum := sumOf(streamName)
	sum.Write(body)
	if !bytes.Equal(sum.Sum(nil), kept) {
		return false
	}
	f, err := os.Open(p.block(blocks))
	if err != nil {
		return false
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || info.Size() < recordSum {
		return false
	}
	var last [recordSum]byte
	if _, err := f.ReadAt(last[:], info.Size()-recordSum); err != nil {
		return false
	}
	return bytes.Equal(last[:], body[len(body)-recordSum:])
}

// sound checks the stream's settings file against its hash: what is not right
// the server passes over, as if there were no stream.
func (p place) sound() error {
	meta, err := os.ReadFile(filepath.Join(p.stream(), "meta.inf"))
	if err != nil {
		return fmt.Errorf("%w: the store holds nothing: %v; put the folder back from a backup", ErrShortened, err)
	}
	kept, err := os.ReadFile(filepath.Join(p.stream(), "meta.sum"))
	if err != nil {
		return fmt.Errorf("%w: %v; put the folder back from a backup", ErrDamaged, err)
	}
	sum := sumOf(streamName)
	sum.Write(meta)
	if hex.EncodeToString(sum.Sum(nil)) != string(kept) {
		return fmt.Errorf("%w: %s is not what meta.sum says; put both back from a backup", ErrDamaged, filepath.Join(p.stream(), "meta.inf"))
	}
	return nil
}
