package sheets

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

func reading(content []byte, comma byte) *csvReader {
	count := &counter{in: bytes.NewReader(content)}
	return &csvReader{in: bufio.NewReaderSize(count, longest), file: io.NopCloser(nil), count: count, comma: comma, line: 1}
}

// all reads every row as text; an unreadable one is shown as such.
func all(t testing.TB, content string) []string {
	t.Helper()
	var rows []string
	r := reading([]byte(content), ',')
	for {
		line, cells, err := r.next()
		var bad unreadable
		switch {
		case errors.Is(err, io.EOF):
			return rows
		case errors.As(err, &bad):
			rows = append(rows, strings.TrimRight(fmt.Sprintf("%d:!%s %s", line, bad.why.Code, texts(cells)), " "))
			continue
		case err != nil:
			t.Fatal(err)
		}
		rows = append(rows, fmt.Sprintf("%d:%s", line, texts(cells)))
	}
}

func texts(cells []cell) string {
	list := make([]string, len(cells))
	for i, c := range cells {
		if list[i] = c.text; len(c.text) > 100 {
			list[i] = "long"
		}
	}
	return strings.Join(list, "|")
}

func TestCSVIsReadAsSpreadsheetsWriteIt(t *testing.T) {
	for _, c := range []struct {
		content string
		rows    []string
	}{
		{"", nil},
		{"a,b\nc,d", []string{"1:a|b", "2:c|d"}},
		{"a,b\r\n\r\n,\r\n", []string{"1:a|b", "2:", "3:|"}},
		{"\"a,b\",c\n", []string{"1:a,b|c"}},
		{"\"a\nb\",c\nd\n", []string{"1:a\nb|c", "3:d"}},
		{"\"\",\"\"\"\",\"a\"\"b\"\n", []string{`1:|"|a"b`}},
		{"a\"b,c\"\"d,\"e\"f\n", []string{`1:a"b|c""d|ef`}},
		{"a,\"b\nc\nd,e\n", []string{"1:!open-quote a|b", "2:c", "3:d|e"}},
		{"a\n\"b", []string{"1:a", "2:!open-quote b"}},
		{"a," + strings.Repeat("x", longest) + "\nb\n", []string{"1:!open-quote a|long", "2:b"}},
		{"a,\"" + strings.Repeat("x", longest) + "\"\nb\n", []string{"1:!open-quote a|long", "2:b"}},
		{"a,\"b\nc\n" + strings.Repeat("d\n", longest), nil},
	} {
		got := all(t, c.content)
		if c.rows == nil && c.content != "" {
			if len(got) != longest+2 || got[0] != "1:!open-quote a|b" || got[1] != "2:c" {
				t.Errorf("an open quotation mark cost more than its line: %d rows, %.60q", len(got), got)
			}
			continue
		}
		if !slices.Equal(got, c.rows) {
			t.Errorf("%.40q: %.200q", c.content, got)
		}
	}
}

// What encoding/csv reads without complaint is read as it reads it.
func FuzzCSVAgreesWithTheStandardLibrary(f *testing.F) {
	for _, s := range []string{"a,b\n", "\"a\"\"b\",\n", "\"a\nb\",c", "a\r\nb\r\n", "''=1", "\"a,\nb", ",,,\n\n\"\"", "a\"\"b,\"c\"\n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if !utf8.ValidString(s) || strings.Contains(s, "\uFFFD") || strings.Contains(strings.ReplaceAll(s, "\r\n", ""), "\r") {
			return
		}
		if strings.Contains(s, "'") { // the apostrophe of guarded cells
			return
		}
		std := csv.NewReader(strings.NewReader(s))
		std.FieldsPerRecord = -1
		records, err := std.ReadAll()
		if err != nil {
			_ = all(t, s) // must end, and not panic
			return
		}
		var got [][]string
		r := reading([]byte(s), ',')
		for {
			_, cells, err := r.next()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("%q: %v", s, err)
			}
			var texts []string
			for _, c := range cells {
				texts = append(texts, strings.ReplaceAll(c.text, "\r\n", "\n"))
			}
			if len(texts) == 1 && texts[0] == "" && !(len(got) < len(records) && len(records[len(got)]) == 1 && records[len(got)][0] == "") {
				continue // encoding/csv passes over empty lines
			}
			got = append(got, texts)
		}
		if !slices.EqualFunc(got, records, slices.Equal[[]string]) {
			t.Errorf("%q: %q, the standard library: %q", s, got, records)
		}
	})
}

// A cell that is given back survives the way there and back, and never looks
// like a formula.
func FuzzAGuardedCellComesBack(f *testing.F) {
	for _, s := range []string{"", "=1+1", "+86", "-5.00", "@x", "'", "''=", "a,\"b\"", " a ", "\tx", "a\nb", "-", "+", "'-5"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if !utf8.ValidString(s) || strings.Contains(s, "\uFFFD") || len(s) > 1000 {
			return
		}
		written := guarded(s)
		_, cells, err := reading([]byte(written+",x\n"), ',').next()
		if err != nil || len(cells) != 2 || cells[0].text != s {
			t.Fatalf("%q was written %q and read %+v, %v", s, written, cells, err)
		}
		if shown := strings.TrimPrefix(written, `"`); shown != "" && strings.ContainsAny(shown[:1], "=@\t\r") {
			t.Errorf("%q may be taken for a formula: %q", s, written)
		}
	})
}

// What encoding/xml reads, the scanner reads as the same tags and texts.
func FuzzTheScannerAgreesWithTheStandardLibrary(f *testing.F) {
	for _, s := range []string{`<a b="c>d"><e/>x&lt;y&#65;<![CDATA[<z>]]></a>`, `<?xml version="1.0"?><!-- > --><p:a q:b='1'>t</p:a>`, `<a>x<!-- y -->z</a>`, `<a
b = "c"
/>`, `<a b='"' c="'"/>`} {
		f.Add(s)
	}
	f.Add("<a>&amp;lt;<!-- x --><![CDATA[&lt;]]>&amp;</a>")
	f.Add("<!-- -->? <!-->> --><t:a q:b=' '>") // a comment that begins like an end
	f.Fuzz(func(t *testing.T, s string) {
		if strings.ContainsAny(s, "\r\x00") || strings.Contains(s, "<!") && !strings.Contains(s, "<!-- ") && !strings.Contains(s, "<![CDATA[") || strings.Contains(s, "<?xml") {
			return
		}
		var want, got []string
		std, text := xml.NewDecoder(strings.NewReader(s)), ""
		for {
			token, err := std.RawToken()
			if errors.Is(err, io.EOF) {
				break
			}
			switch v := token.(type) {
			case xml.StartElement:
				if strings.Contains(v.Name.Local, ":") {
					return // <a:>, of which the namespaces of XML know nothing
				}
				want = append(want, text+"<"+v.Name.Local)
				for _, a := range v.Attr {
					if a.Name.Space == "" && a.Name.Local == "b" {
						want = append(want, "b="+a.Value)
						break
					}
				}
				text = ""
			case xml.EndElement:
				if strings.Contains(v.Name.Local, ":") {
					return
				}
				want, text = append(want, text+"</"+v.Name.Local), ""
			case xml.CharData:
				text += string(v)
			}
			if err != nil || token == nil {
				return // what is no XML may be read as anything, as long as it ends
			}
			if _, doctype := token.(xml.Directive); doctype {
				return
			}
		}
		sc := &scanner{in: bufio.NewReader(strings.NewReader(s)), keep: true}
		for {
			err := sc.tag()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("%q: %v", s, err)
			}
			if sc.end {
				got = append(got, string(sc.text)+"</"+string(sc.name))
				continue
			}
			got = append(got, string(sc.text)+"<"+string(sc.name))
			if b := sc.attr("b"); b != nil {
				got = append(got, "b="+string(b))
			}
			if sc.empty {
				got = append(got, "</"+string(sc.name))
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q: %q, the standard library: %q", s, got, want)
		}
	})
}

func FuzzTheXMLOfAWorksheet(f *testing.F) {
	f.Add([]byte(`<sheetData><row r="1"><c r="A1" t="s"><v>0</v></c></row></sheetData>`))
	f.Add([]byte(`<x:sheetData><x:row><x:c t="inlineStr"><x:is><x:t>a&lt;</x:t></x:is><x:f/></x:c></x:row>`))
	f.Add([]byte(`<?xml?><!-- - --><sheetData><row r="3"><c s="0"><v>44320</v></c><c t="d"><v>2021-03-01T00:00:00</v></c><![CDATA[x]]></row>`))
	f.Add([]byte("<row><c><v>\xe3</v></c><c t='e'><v>\xe3</v></c><c t='d'><v>2021-03-0\xe3\x81</v></c></row>"))
	f.Fuzz(func(t *testing.T, b []byte) {
		x := &xlsxRows{book: &workbook{days: []bool{true}}, count: &counter{}, merged: []merge{{0, 1, 2, 3}}, xml: scanner{in: bufio.NewReader(bytes.NewReader(b))}}
		last := 0
		for {
			line, cells, err := x.next()
			if err != nil {
				return
			}
			if line <= last {
				t.Fatalf("line %d after %d", line, last)
			}
			last = line
			for _, c := range cells {
				if !utf8.ValidString(c.text) {
					t.Fatalf("%q is no text", c.text)
				}
			}
		}
	})
}
