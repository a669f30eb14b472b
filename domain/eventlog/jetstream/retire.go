package jetstream

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// ErrRetired is given for a log that went on in another place.
var ErrRetired = errors.New("the record was moved and goes on elsewhere")

// retired is the file that says so.
func (p place) retired() string { return filepath.Join(p.home(), "retired") }

// Retire marks the folder's log as moved, so that nobody records anything in it
// by mistake: Open refuses it from now on and repeats the note, until the file
// eventlog/retired is taken away. Nobody may have the log open. Errors:
// ErrNoLog, ErrHeld, ErrRetired where it is so marked.
func Retire(dir, note string) (err error) {
	if _, _, err := (place{dir: dir}).readGenesis(); err != nil {
		return err
	}
	p, err := take(dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.release()) }()
	if err := p.inUse(); err != nil {
		return err
	}
	return errors.Join(writeNew(p.retired(), []byte(note+"\n")), syncDir(p.home()))
}

// inUse is ErrRetired for a log that is not.
func (p place) inUse() error {
	note, err := os.ReadFile(p.retired())
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return fmt.Errorf("%w: %s (%s)", ErrRetired, strings.TrimSpace(string(note)), p.retired())
}
