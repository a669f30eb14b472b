package sealed_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"doorstep/domain/eventlog/sealed"
)

var (
	key   = bytes.Repeat([]byte{7}, sealed.KeySize)
	whose = sealed.Whose{Person: "A1", Purpose: "identity"}
	place = sealed.Place{Commit: "c-1", Stream: "dispute-1", Event: 0, Path: "parties/0/name"}
)

// TestTheFormNeverChanges: what was sealed once must open for ever.
func TestTheFormNeverChanges(t *testing.T) {
	for text, want := range map[string]string{
		"王芳": "sealed.1.A1.identity.Ooa301Tle0nbM6YeoS2D5fM1Q1Ho7Xhv8EzPMTNJy2W-zLPC2-IhFa2cfGRsxsG9",
		"":   "sealed.1.A1.identity.yniJPVkhmpDH0Hk4cBFcU8gmDR5UAGfOQIY8QCDCAeIL9AsAKyR7WKqyzcqTq4eh",
	} {
		got := sealed.Seal(key, whose, place, text)
		if got != want {
			t.Errorf("%q is sealed to %s, was %s", text, got, want)
		}
		if back, err := sealed.Open(key, want, place); err != nil || back != text {
			t.Errorf("%s opens to %q, %v", want, back, err)
		}
	}
}

// TestATextOpensAtItsPlaceWithItsKeyAlone changes one thing at a time.
func TestATextOpensAtItsPlaceWithItsKeyAlone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String().Draw(t, "text")
		form := sealed.Seal(key, whose, place, text)
		if form != sealed.Seal(key, whose, place, text) {
			t.Fatal("sealed twice, not the same")
		}
		if back, err := sealed.Open(key, form, place); err != nil || back != text {
			t.Fatalf("opens to %q, %v", back, err)
		}
		own := sealed.KeyOf(key, whose, place)
		if back, err := sealed.OpenOwn(own, form, place); err != nil || back != text {
			t.Fatalf("opens by its own key to %q, %v", back, err)
		}
		at := place
		switch rapid.IntRange(0, 6).Draw(t, "what") {
		case 0:
			at.Commit += "x"
		case 1:
			at.Stream += "x"
		case 2:
			at.Event++
		case 3:
			at.Path = "parties/1/name"
		case 4:
			form = strings.Replace(form, "A1", "A2", 1)
		case 5:
			form = strings.Replace(form, "identity", "contact", 1)
		case 6:
			i := rapid.IntRange(len("sealed.1.A1.identity."), len(form)-1).Draw(t, "letter")
			letter := byte('A')
			if form[i] == letter {
				letter = 'B'
			}
			form = form[:i] + string(letter) + form[i+1:]
		}
		if back, err := sealed.Open(key, form, at); !errors.Is(err, sealed.ErrSealed) {
			t.Fatalf("changed, it opens to %q, %v", back, err)
		}
		if back, err := sealed.OpenOwn(own, form, at); !errors.Is(err, sealed.ErrSealed) {
			t.Fatalf("changed, it opens by its own key to %q, %v", back, err)
		}
	})
}

// TestTextsAreFoundAndPutBackAsTheyWere: whatever stands around them.
func TestTextsAreFoundAndPutBackAsTheyWere(t *testing.T) {
	var w sealed.Wanted
	for _, path := range []string{"name", "list/*/name", "map/*"} {
		w.Want(path)
	}
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String()
		payload, err := json.Marshal(map[string]any{
			"name": text.Draw(t, "name"), "other": text.Draw(t, "other"), "n": 1.5, "nothing": nil, "deep": map[string]any{"name": text.Draw(t, "deep")},
			"list": []any{map[string]any{"name": text.Draw(t, "first")}, text.Draw(t, "bare"), map[string]any{"x": []any{1, "y"}, "name": text.Draw(t, "second")}},
			"map":  rapid.MapOf(text, text).Draw(t, "map"),
		})
		if err != nil {
			t.Fatal(err)
		}
		found := sealed.Texts(payload, &w)
		marks, back := make([]string, len(found)), make([]string, len(found))
		for i, f := range found {
			marks[i], back[i] = "mark", string(payload[f.Start:f.End])
		}
		marked, err := sealed.Splice(payload, found, marks)
		if err != nil {
			t.Fatal(err)
		}
		var v struct {
			Name string
			List []any
			Map  map[string]string
			Deep struct{ Name string }
		}
		var was struct{ Deep struct{ Name string } }
		if err := errors.Join(json.Unmarshal(marked, &v), json.Unmarshal(payload, &was)); err != nil {
			t.Fatal(err)
		}
		if v.Name != "mark" || v.List[0].(map[string]any)["name"] != "mark" || v.List[2].(map[string]any)["name"] != "mark" || v.Deep != was.Deep {
			t.Fatalf("%s", marked)
		}
		for k, text := range v.Map {
			if text != "mark" {
				t.Fatalf("%q of the map is %q", k, text)
			}
		}
		again, err := sealed.Splice(marked, sealed.Texts(marked, &w), back)
		if err != nil || !bytes.Equal(again, payload) {
			t.Fatalf("%s\n%s %v", payload, again, err)
		}
	})
}
