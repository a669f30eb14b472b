package jetstream

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"doorstep/domain/eventlog"
)

// ErrHalfRestored is given for a folder in which a restore was cut short.
var ErrHalfRestored = errors.New("a restore was cut short here")

// rebuilt is the name of a log being restored. Nothing but Rebuild opens it.
const rebuilt = "restore.new"

// keysName is the folder that Rebuild's fill may make in the log's and that gets
// its place beside it.
const keysName = "keys"

// Rebuild makes a log in the folder as Create does, but one that holds what
// fill fills it with. The log gets its place when fill is content and all of it
// is durable; until then nothing else opens it, and after any error, or a kill,
// Rebuild can be started over. fill gets the folder that will be the log's; the
// files that it puts there are made durable with it. Those of a folder keys there
// get their place in one beside the log, unless that has them already: whoever
// restores may have put keys there that survived. Errors: fill's; ErrExists,
// ErrForeign, ErrHeld.
func Rebuild(dir string, g eventlog.Genesis, o Options, fill func(l *Log, home string) error) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	p := place{dir: dir, name: rebuilt}
	o.Beside = append([]string{rebuilt, keysName}, o.Beside...)
	if err := p.vacant(o.Beside); err != nil { // before a lock file is left in a folder not ours
		return err
	}
	held, err := take(dir)
	if err != nil {
		return err
	}
	p.lock = held.lock
	err = os.RemoveAll(p.home()) // left by a Rebuild that was cut short; never opened
	if err == nil {
		err = p.rebuild(g, o, fill)
	}
	if err != nil {
		err = errors.Join(err, os.RemoveAll(p.home()))
	}
	return errors.Join(err, held.release())
}

func (p place) rebuild(g eventlog.Genesis, o Options, fill func(l *Log, home string) error) error {
	if err := p.create(g, o); err != nil {
		return err
	}
	unlocked := p
	unlocked.lock = nil // which outlives the log
	l, err := openAt(unlocked, o)
	if err != nil {
		return err
	}
	err = fill(l, p.home())
	if err := errors.Join(err, l.Close()); err != nil {
		return err
	}
	if err := syncTree(p.home()); err != nil {
		return err
	}
	if err := moveFiles(filepath.Join(p.home(), keysName), filepath.Join(p.dir, keysName)); err != nil {
		return err
	}
	return errors.Join(os.Rename(p.home(), place{dir: p.dir}.home()), syncDir(p.dir))
}

// moveFiles moves the files of a folder, where it is, into another; those that
// are there stay.
func moveFiles(from, to string) error {
	entries, err := os.ReadDir(from)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := os.MkdirAll(to, 0o700); err != nil {
		return err
	}
	for _, e := range entries {
		if _, err := os.Lstat(filepath.Join(to, e.Name())); errors.Is(err, fs.ErrNotExist) {
			err = os.Rename(filepath.Join(from, e.Name()), filepath.Join(to, e.Name()))
		} else if err == nil {
			err = os.Remove(filepath.Join(from, e.Name()))
		}
		if err != nil {
			return err
		}
	}
	return errors.Join(os.Remove(from), syncDir(to))
}
