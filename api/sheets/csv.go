package sheets

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"unicode/utf8"
)

// longest is the most bytes a CSV row may have. A quotation mark that is never
// closed costs its own line and no more: reading goes on behind that line.
const longest = 1 << 20

// csvReader reads RFC 4180 with the liberties that spreadsheets take: LF or
// CRLF, a quotation mark inside an unquoted cell, text behind a closing one.
type csvReader struct {
	in    *bufio.Reader
	file  io.Closer
	count *counter
	comma byte
	line  int // of the next row, from 1
	cells []cell
}

// counter counts the bytes that were read of the file.
type counter struct {
	in io.Reader
	n  int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.in.Read(p)
	c.n += int64(n)
	return n, err
}

func (r *csvReader) read() int64  { return r.count.n }
func (r *csvReader) Close() error { return r.file.Close() }

// next reads a row. The line is the physical line at which it starts.
func (r *csvReader) next() (int, []cell, error) {
	end, newlines, err := r.rowEnd()
	line := r.line
	if err != nil && end == 0 {
		return line, nil, err
	}
	r.line += newlines
	raw, peek := r.in.Peek(end)
	if peek != nil {
		return line, nil, peek
	}
	if err != nil { // an open quotation mark: its line as well as may be, for whoever corrects it
		err = unreadable{isEndless}
		raw = raw[:min(len(raw), shown)]
	}
	r.split(raw)
	if _, discard := r.in.Discard(end); discard != nil {
		return line, nil, discard
	}
	if newlines == 0 {
		r.line += r.skipLine()
	}
	return line, r.cells, err
}

// shown is how much of a line that could not be read is shown.
const shown = 4096

var errEndless = errors.New("no end of the row")

// rowEnd finds how many bytes the next row has, its line break included, and
// how many lines it spans. With errEndless it is the first line only.
func (r *csvReader) rowEnd() (end, newlines int, err error) {
	quoted, fresh, closed, firstLine := false, true, -1, 0
	for looked := 0; ; {
		buf, peek := r.in.Peek(min(max(4096, 2*looked), longest))
		for ; looked < len(buf); looked++ {
			switch c := buf[looked]; {
			case c == '"' && quoted:
				quoted, closed = false, looked // a doubled mark opens again at once
				continue
			case c == '"' && (fresh || closed >= 0 && looked == closed+1):
				quoted = true
			case c == '\n':
				newlines++
				if !quoted {
					return looked + 1, newlines, nil
				}
				if firstLine == 0 {
					firstLine = looked + 1
				}
			}
			fresh = !quoted && buf[looked] == r.comma
		}
		switch {
		case len(buf) == 0 && peek != nil:
			return 0, 0, peek
		case errors.Is(peek, io.EOF) && !quoted:
			return len(buf), newlines + 1, nil
		case errors.Is(peek, io.EOF) || len(buf) >= longest:
			if firstLine == 0 {
				return len(buf), 0, errEndless
			}
			return firstLine, 1, errEndless
		case peek != nil && !errors.Is(peek, bufio.ErrBufferFull):
			return 0, 0, peek
		}
	}
}

// skipLine throws away the rest of a line that is too long.
func (r *csvReader) skipLine() int {
	for {
		_, err := r.in.ReadSlice('\n')
		if !errors.Is(err, bufio.ErrBufferFull) {
			return 1
		}
	}
}

// split cuts a row into cells.
func (r *csvReader) split(raw []byte) {
	r.cells = r.cells[:0]
	raw = bytes.TrimSuffix(bytes.TrimSuffix(raw, []byte("\n")), []byte("\r"))
	for {
		var v []byte
		if len(raw) > 0 && raw[0] == '"' {
			v, raw = quotedCell(raw[1:], r.comma)
		} else if i := bytes.IndexByte(raw, r.comma); i >= 0 {
			v, raw = raw[:i], raw[i:]
		} else {
			v, raw = raw, nil
		}
		r.cells = append(r.cells, csvCell(v))
		if len(raw) == 0 {
			return
		}
		raw = raw[1:] // the comma
	}
}

// quotedCell reads up to the closing mark and on to the comma.
func quotedCell(raw []byte, comma byte) (v, rest []byte) {
	for {
		i := bytes.IndexByte(raw, '"')
		if i < 0 {
			return append(v, raw...), nil
		}
		v, raw = append(v, raw[:i]...), raw[i+1:]
		if len(raw) == 0 || raw[0] != '"' {
			break
		}
		v, raw = append(v, '"'), raw[1:]
	}
	i := bytes.IndexByte(raw, comma)
	if i < 0 {
		return append(v, raw...), nil
	}
	return append(v, raw[:i]...), raw[i:]
}

// csvCell takes off the mark with which guarded kept a cell from being read as
// a formula.
func csvCell(v []byte) cell {
	if len(v) > 1 && v[0] == '\'' && risky(v[1]) {
		v = v[1:]
	}
	if !utf8.Valid(v) || bytes.ContainsRune(v, utf8.RuneError) {
		return cell{text: string(bytes.ToValidUTF8(v, []byte("\uFFFD"))), kind: brokenCell}
	}
	return cell{text: string(v)}
}

// risky tells whether a spreadsheet may take a cell that starts so for a
// formula.
func risky(c byte) bool {
	return c == '=' || c == '+' || c == '-' || c == '@' || c == '\t' || c == '\r' || c == '\''
}
