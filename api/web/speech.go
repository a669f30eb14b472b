package web

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/BurntSushi/toml"
	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"

	"doorstep/domain/calendar"
	"doorstep/domain/decide"
)

//go:embed locale/*.toml
var localeFiles embed.FS

// languages are those of the pages, the first by default.
var languages = []string{"zh-CN", "en"}

// catalog holds every text of the pages in every language.
type catalog struct {
	speeches map[string]*speech
}

// speech is the texts of one language.
type speech struct {
	Lang      string // as in lang=""
	localizer *i18n.Localizer
}

// loadCatalog reads all of locale/: NAME.LANGUAGE.toml.
func loadCatalog() (*catalog, error) {
	bundle := i18n.NewBundle(language.MustParse(languages[0]))
	bundle.RegisterUnmarshalFunc("toml", toml.Unmarshal)
	paths, err := fs.Glob(localeFiles, "locale/*.toml")
	if err != nil {
		return nil, err
	}
	for _, path := range paths {
		if _, err := bundle.LoadMessageFileFS(localeFiles, path); err != nil {
			return nil, fmt.Errorf("catalog %s: %w", path, err)
		}
	}
	c := &catalog{speeches: map[string]*speech{}}
	for _, lang := range languages {
		c.speeches[lang] = &speech{lang, i18n.NewLocalizer(bundle, lang)}
	}
	return c, nil
}

const langCookie = "doorstep-lang"

// speechFor is the language the visitor chose, or the first.
func (c *catalog) speechFor(r *http.Request) *speech {
	if cookie, err := r.Cookie(langCookie); err == nil {
		if s, ok := c.speeches[cookie.Value]; ok {
			return s
		}
	}
	return c.speeches[languages[0]]
}

// say gives the text of the key. Pairs are names and values for the text; the
// name "count" also chooses between singular and plural. A text that is missing
// is shown as its key in ⟦⟧, for which the tests look on every page.
func (s *speech) say(key string, pairs ...any) string {
	config := i18n.LocalizeConfig{MessageID: key}
	if len(pairs) > 0 {
		data := make(map[string]any, len(pairs)/2)
		for i := 0; i+1 < len(pairs); i += 2 {
			data[pairs[i].(string)] = pairs[i+1]
		}
		config.TemplateData, config.PluralCount = data, data["count"]
	}
	text, tag, err := s.localizer.LocalizeWithTag(&config)
	if err != nil || tag.String() != s.Lang {
		return "⟦" + key + "⟧"
	}
	return text
}

// english tells whether this is the English speech.
func (s *speech) english() bool { return s.Lang == "en" }

// refusal gives a rule's sentence.
func (s *speech) refusal(no *decide.Refusal) string { return no.In(strings.SplitN(s.Lang, "-", 2)[0]) }

// say gives a text to a template in the visitor's language.
func say(ctx context.Context, key string, pairs ...any) string {
	return here(ctx).speech.say(key, pairs...)
}

// dash stands for what there is none of.
const dash = "—"

// num writes a whole number; from ten thousand on in groups of three.
func num(n int) string {
	s := strconv.Itoa(n)
	if n < 10000 {
		return s
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// orDash writes a figure that may not exist.
func orDash(figure *string, unit string) string {
	if figure == nil {
		return dash
	}
	return *figure + unit
}

// day writes a day as tables do.
func day(d calendar.Date) string {
	if d.IsZero() {
		return dash
	}
	return d.String()
}

// longDay writes a day as a sentence does.
func longDay(ctx context.Context, d calendar.Date) string {
	if d.IsZero() {
		return dash
	}
	if here(ctx).speech.english() {
		return d.Time().Format("2 January 2006")
	}
	return fmt.Sprintf("%d年%d月%d日", d.Year(), int(d.Month()), d.Day())
}

// moment writes a moment to the minute, or the day where no more is known.
func moment(m calendar.Moment) string {
	if !m.Timed() {
		return day(m.Date)
	}
	return m.Time().Format("2006-01-02 15:04")
}

// instant writes an instant to the minute in the court's zone.
func instant(t time.Time) string { return t.In(calendar.Shanghai).Format("2006-01-02 15:04") }
