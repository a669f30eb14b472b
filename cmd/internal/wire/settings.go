package wire

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"

	"github.com/BurntSushi/toml"

	"doorstep/domain/eventlog"
	"doorstep/domain/eventlog/jetstream"
	"doorstep/projections/viewfile"
)

// settingsName is the file of the court's folder that says where the rest of
// the court is. It may hold a password, and so is for its owner alone.
const settingsName = "doorstep.toml"

// personsSealed is the settings' word for a record whose personal texts are sealed.
const personsSealed = "sealed"

// ErrSettings is given for settings that cannot be read.
var ErrSettings = errors.New("the folder's " + settingsName + " cannot be read")

// settings are what the folder remembers.
type settings struct {
	Log     string `toml:"log"`     // address of the log; empty: Embedded
	Keys    string `toml:"keys"`    // folder of the keys; empty: keys in the folder itself
	Persons string `toml:"persons"` // "sealed" where personal texts are; empty: they are not

	text []byte // as a person may have written it
}

// readSettings reads them; a folder without any has none. What is unknown is
// refused: it may be a word of importance, mistyped. Errors: ErrSettings.
func readSettings(data string) (settings, error) {
	var s settings
	text, err := os.ReadFile(filepath.Join(data, settingsName))
	if errors.Is(err, fs.ErrNotExist) {
		return s, nil
	}
	if err != nil {
		return s, err
	}
	meta, err := toml.Decode(string(text), &s)
	if err != nil { // the error may quote a line, and a line a password
		return s, fmt.Errorf("%w: it is not TOML", ErrSettings)
	}
	if unknown := meta.Undecoded(); len(unknown) > 0 {
		return s, fmt.Errorf("%w: it may say log, keys and persons; %q is none of them", ErrSettings, unknown[0])
	}
	if s.Persons != "" && s.Persons != personsSealed {
		return s, fmt.Errorf("%w: persons may be %q only", ErrSettings, personsSealed)
	}
	s.text = text
	return s, nil
}

// remember writes down what the court was opened with, so that it need not be
// said again.
func (s settings) remember(c Config) error {
	text := s.text
	if c.Log != s.Log && (c.Log != Embedded || s.Log != "") {
		text = set(text, "log", c.Log)
	}
	if c.Keys != s.Keys {
		abs, err := filepath.Abs(c.Keys)
		if err != nil {
			return err
		}
		if abs != s.Keys {
			text = set(text, "keys", abs)
		}
	}
	if c.SealPersons && s.Persons == "" {
		text = set(text, "persons", personsSealed)
	}
	if bytes.Equal(text, s.text) {
		return nil
	}
	return viewfile.Replace(filepath.Join(c.Data, settingsName), text)
}

// set puts a line in the place of the one with that name, or behind all others.
func set(text []byte, name, value string) []byte {
	line := []byte(name + " = " + strconv.Quote(value))
	at := regexp.MustCompile(`(?m)^[ \t]*` + name + `[ \t]*=.*$`).FindIndex(text)
	if at != nil {
		return bytes.Join([][]byte{text[:at[0]], line, text[at[1]:]}, nil)
	}
	if len(text) > 0 && !bytes.HasSuffix(text, []byte("\n")) {
		text = append(text, '\n')
	}
	return append(append(text, line...), '\n')
}

// pinName is the file that says which record the folder is for where its log is
// in a server.
const pinName = "genesis.json"

// pinned is the genesis of the record the folder is for; nil for a folder that
// is for none yet. Errors: ErrOtherLog where it is for two.
func pinned(data string) (*eventlog.Genesis, error) {
	var found *eventlog.Genesis
	if jetstream.Exists(data) {
		g, err := jetstream.ReadGenesis(data)
		if err != nil {
			return nil, err
		}
		found = &g
	}
	b, err := os.ReadFile(filepath.Join(data, pinName))
	if errors.Is(err, fs.ErrNotExist) {
		return found, nil
	}
	if err != nil {
		return nil, err
	}
	g, err := eventlog.ReadGenesis(b)
	if err != nil {
		return nil, fmt.Errorf("%w: its %s cannot be read", ErrOtherLog, pinName)
	}
	if found != nil && found.ID != g.ID {
		return nil, fmt.Errorf("%w: %s says %s, and the record in it is %s", ErrOtherLog, pinName, g.ID, found.ID)
	}
	return &g, nil
}

// pin makes sure that the folder is for the record g, from now on. The public
// keys that lay beside the record in the folder are taken along. Errors:
// ErrOtherLog.
func pin(data string, g eventlog.Genesis) error {
	found, err := pinned(data)
	if err != nil {
		return err
	}
	if found != nil && found.ID != g.ID {
		return fmt.Errorf("%w: it is for %s, and the log holds %s", ErrOtherLog, found.ID, g.ID)
	}
	public, err := readIfThere(verifiersFile(data))
	if err != nil {
		return err
	}
	if apart := filepath.Join(data, "verifiers"); public != "" && apart != verifiersFile(data) {
		if err := viewfile.Replace(apart, []byte(public)); err != nil {
			return err
		}
	}
	if _, err := os.Stat(filepath.Join(data, pinName)); err == nil {
		return nil
	}
	return viewfile.Replace(filepath.Join(data, pinName), g.Written())
}
