package archive

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"sync"

	"filippo.io/age"
	"github.com/klauspost/compress/zstd"
)

// ageMark is how an age file begins.
const ageMark = "age-encryption.org/"

// sealer compresses and encrypts what is written to it; Close finishes both,
// and leaves what is below open.
type sealer struct {
	*zstd.Encoder
	locked io.WriteCloser // nil: not encrypted
}

// seal compresses what is written, and encrypts it for the recipients where
// there are any. What comes of it is an age file around a zstd file: other tools
// open it too.
func seal(out io.Writer, to Recipients) (io.WriteCloser, error) {
	s := &sealer{}
	if !to.None() {
		locked, err := age.Encrypt(out, to.to...)
		if err != nil {
			return nil, err
		}
		s.locked, out = locked, locked
	}
	s.Encoder = encoders.Get().(*zstd.Encoder)
	s.Encoder.Reset(out)
	return s, nil
}

// encoders and decoders are kept for the next one: a second copy seals a small
// batch every half second.
var (
	encoders = sync.Pool{New: func() any {
		e, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(window))
		if err != nil {
			panic(err) // the options are good
		}
		return e
	}}
	decoders = sync.Pool{New: func() any {
		d, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(window), zstd.WithDecoderLowmem(true))
		if err != nil {
			panic(err)
		}
		return d
	}}
)

// window is how far back compression looks; it bounds the memory of both sides.
const window = 1 << 20

func (s *sealer) Close() error {
	err := s.Encoder.Close()
	encoders.Put(s.Encoder)
	s.Encoder = nil // whoever writes behind the end has made a mistake
	if s.locked != nil {
		err = errors.Join(err, s.locked.Close())
	}
	return err
}

// unsealed reads what seal wrote.
type unsealed struct {
	zstd *zstd.Decoder
	from *source
}

// unseal opens what seal wrote. Errors: ErrKey, ErrForeign, ErrTruncated,
// ErrDamaged; the reader's.
func unseal(in io.Reader, with Identities) (*unsealed, error) {
	from := &source{in: bufio.NewReaderSize(in, 1<<16)}
	u := &unsealed{from: from}
	var clear io.Reader = from
	begins, err := from.in.Peek(len(ageMark))
	if err != nil && err != io.EOF {
		return nil, err
	}
	switch {
	case string(begins) == ageMark:
		if with.None() {
			return nil, errors.Join(ErrKey, errors.New("it is encrypted, and no key was given"))
		}
		if clear, err = age.Decrypt(from, with.all...); err != nil {
			return nil, u.name(err)
		}
	case len(begins) < len(ageMark) && bytes.HasPrefix([]byte(ageMark), begins):
		return nil, cutShort("it has %d bytes", len(begins))
	case !bytes.HasPrefix(begins, zstdMark):
		return nil, foreign("it is neither encrypted nor compressed")
	}
	u.zstd = decoders.Get().(*zstd.Decoder)
	if err := u.zstd.Reset(clear); err != nil {
		return nil, u.name(err)
	}
	return u, nil
}

// zstdMark is how a zstd file begins.
var zstdMark = []byte{0x28, 0xb5, 0x2f, 0xfd}

// Read gives what was sealed; its errors are the package's.
func (u *unsealed) Read(b []byte) (int, error) {
	n, err := u.zstd.Read(b)
	if err != nil && err != io.EOF {
		err = u.name(err)
	}
	return n, err
}

// Close lets go of the memory.
func (u *unsealed) Close() {
	if u.zstd == nil || u.zstd.Reset(nil) != nil {
		return
	}
	decoders.Put(u.zstd)
	u.zstd = nil
}

// name says what an error of the layers below means.
func (u *unsealed) name(err error) error {
	var nobody *age.NoIdentityMatchError
	switch {
	case u.from.failed != nil:
		return u.from.failed
	case errors.As(err, &nobody):
		return ErrKey
	case errors.Is(err, io.ErrUnexpectedEOF):
		return cutShort("%v", err)
	case u.from.ended:
		return damaged("or cut short: %v", err)
	}
	return damaged("%v", err)
}

// source remembers how reading the file went, so that an error above can be
// told from one of the disk.
type source struct {
	in     *bufio.Reader
	ended  bool
	failed error
}

func (s *source) Read(b []byte) (int, error) {
	n, err := s.in.Read(b)
	switch {
	case err == io.EOF:
		s.ended = true
	case err != nil:
		s.failed = err
	}
	return n, err
}
