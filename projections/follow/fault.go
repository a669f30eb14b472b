package follow

import (
	"fmt"
	"runtime"
	"strings"

	"doorstep/domain/eventlog"
)

// Fault is why a view stands still: which record it cannot take in. It tells
// nothing of what the record holds.
type Fault struct {
	View     string
	Position eventlog.Position
	Record   eventlog.Hash // zero where the log itself cannot be read on
	Kind     string        // of the event that cannot be read, else of the record's first
	Version  int           // of it
	Err      error
}

// Error names the view, the record and the reason.
func (f *Fault) Error() string {
	if f.Kind == "" {
		return fmt.Sprintf("view %s behind position %s: %v", f.View, f.Position, f.Err)
	}
	return fmt.Sprintf("view %s at position %s (%s v%d): %v", f.View, f.Position, f.Kind, f.Version, f.Err)
}

// Unwrap gives the reason.
func (f *Fault) Unwrap() error { return f.Err }

// Unread is why a record's events cannot be read, and the first of them that
// cannot.
type Unread struct {
	Kind    string
	Version int
	Err     error // codec.ErrUnknownForm or codec.ErrUnreadable
}

// faultAt is the fault of a view that cannot take the record in.
func faultAt(view string, r Record, err error) *Fault {
	f := &Fault{View: view, Position: r.Position, Record: r.Head.Hash, Err: err}
	if r.Unread != nil {
		f.Kind, f.Version = r.Unread.Kind, r.Unread.Version
	} else if len(r.Commit.Events) > 0 {
		f.Kind, f.Version = r.Commit.Events[0].Kind, r.Commit.Events[0].Version
	}
	return f
}

// panicked tells of a view's panic without its value, which may hold anything,
// unless the runtime itself speaks; and where it happened.
func panicked(value any) error {
	what := fmt.Sprintf("a %T", value)
	if e, of := value.(runtime.Error); of {
		what = e.Error()
	}
	frames, behind := make([]uintptr, 32), false
	calls := runtime.CallersFrames(frames[:runtime.Callers(2, frames)])
	for frame, more := calls.Next(); more; frame, more = calls.Next() {
		if inRuntime := strings.HasPrefix(frame.Function, "runtime."); behind && !inRuntime {
			return fmt.Errorf("panic: %s in %s, line %d", what, frame.Function, frame.Line)
		} else if inRuntime {
			behind = true
		}
	}
	return fmt.Errorf("panic: %s", what)
}
