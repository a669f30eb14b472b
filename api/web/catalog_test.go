package web

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/BurntSushi/toml"
)

// texts reads every text of a language: by key, and by plural form below it.
func texts(t *testing.T, lang string) map[string]string {
	t.Helper()
	all := map[string]string{}
	paths, err := fs.Glob(localeFiles, "locale/*."+lang+".toml")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no catalog of %s: %v", lang, err)
	}
	for _, path := range paths {
		b, err := fs.ReadFile(localeFiles, path)
		if err != nil {
			t.Fatal(err)
		}
		var tree map[string]any
		if err := toml.Unmarshal(b, &tree); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		flatten(t, path, "", tree, all)
	}
	return all
}

func flatten(t *testing.T, path, prefix string, tree map[string]any, into map[string]string) {
	for name, v := range tree {
		key := strings.TrimPrefix(prefix+"."+name, ".")
		switch v := v.(type) {
		case string:
			if _, twice := into[key]; twice {
				t.Errorf("%s: %s stands in two files", path, key)
			}
			into[key] = v
		case map[string]any:
			flatten(t, path, key, v, into)
		default:
			t.Errorf("%s: %s is no text", path, key)
		}
	}
}

var (
	plural    = regexp.MustCompile(`\.(zero|one|two|few|many|other)$`)
	variables = regexp.MustCompile(`\{\{\.(\w+)\}\}`)
)

func TestBothCatalogsHaveTheSameKeysAndVariables(t *testing.T) {
	chinese, english := texts(t, "zh-CN"), texts(t, "en")
	keys := func(all map[string]string) map[string][]string {
		out := map[string][]string{}
		for key, text := range all {
			var names []string
			for _, m := range variables.FindAllStringSubmatch(text, -1) {
				names = append(names, m[1])
			}
			slices.Sort(names)
			key = plural.ReplaceAllString(key, "")
			out[key] = slices.Compact(names)
		}
		return out
	}
	zh, en := keys(chinese), keys(english)
	for key, names := range zh {
		if _, ok := en[key]; !ok {
			t.Errorf("%s has no English", key)
		} else if !slices.Equal(names, en[key]) {
			t.Errorf("%s speaks of %v in Chinese and of %v in English", key, names, en[key])
		}
	}
	for key := range en {
		if _, ok := zh[key]; !ok {
			t.Errorf("%s has no Chinese", key)
		}
	}
	for key, text := range english {
		if strings.ContainsAny(text, "，。；：（）？！") {
			t.Errorf("%s: Chinese punctuation in English: %s", key, text)
		}
		if strings.HasSuffix(key, ".other") && strings.Contains(text, "{{.count}}") && english[strings.TrimSuffix(key, "other")+"one"] == "" {
			t.Errorf("%s has no singular", key)
		}
	}
	for key, text := range chinese {
		if regexp.MustCompile(`\p{Han}[,;:?!()]`).MatchString(text) {
			t.Errorf("%s: half-width punctuation in Chinese: %s", key, text)
		}
	}
}

var uncommented = regexp.MustCompile(`(?m)^//.*$`)

var said = regexp.MustCompile(`say\((?:ctx, )?"([a-z0-9_.-]+)"[,)]`)

func TestEveryTextThatIsSaidStandsInTheCatalogs(t *testing.T) {
	known := texts(t, "zh-CN")
	has := func(key string) bool {
		_, plain := known[key]
		_, plural := known[key+".other"]
		return plain || plural
	}
	sources, _ := filepath.Glob("*.*")
	found := 0
	for _, path := range sources {
		if strings.HasSuffix(path, "_templ.go") || strings.HasSuffix(path, "_test.go") {
			continue
		}
		b, err := os.ReadFile(path)
		if err != nil {
			continue // a folder
		}
		for _, m := range said.FindAllStringSubmatch(uncommented.ReplaceAllString(string(b), ""), -1) {
			found++
			if !has(m[1]) {
				t.Errorf("%s says %s, which no catalog has", path, m[1])
			}
		}
	}
	if found < 100 {
		t.Errorf("only %d texts found", found)
	}
}

func TestAMissingTextIsSeen(t *testing.T) {
	c, err := loadCatalog()
	if err != nil {
		t.Fatal(err)
	}
	for _, lang := range languages {
		if got := c.speeches[lang].say("no.such.text"); got != "⟦no.such.text⟧" {
			t.Errorf("%s: %q", lang, got)
		}
	}
	if got := c.speeches["en"].say("deadline.left", "count", 1); got != "1 working day left" {
		t.Errorf("the singular is %q", got)
	}
	if got := c.speeches["en"].say("deadline.left", "count", 2); got != "2 working days left" {
		t.Errorf("the plural is %q", got)
	}
}
