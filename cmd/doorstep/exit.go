package main

import (
	"errors"
	"fmt"
	"os"

	"doorstep/domain/eventlog"
)

// The exit codes; scripts rely on them.
const (
	codeOK          = 0
	codeFailure     = 1
	codeUsage       = 2
	codeConfig      = 3
	codeNotFound    = 4
	codeConflict    = 5
	codeForbidden   = 6
	codeUnavailable = 7
	codePartial     = 8   // an import with rejected rows or conflicts
	codeInterrupted = 130 // by the person
)

// exitError is an error with the exit code that it ends the program with. Its
// text is for the person, in the person's language.
type exitError struct {
	code int
	text string
}

func (e *exitError) Error() string { return e.text }

func failWith(code int, text string) error { return &exitError{code, text} }

// explain is the exit code of an error and what to tell the person about it.
func (d *door) explain(err error) (int, string) {
	var exit *exitError
	if errors.As(err, &exit) {
		return exit.code, exit.text
	}
	if text, refused := d.sayRefusal(err); refused {
		return codeUsage, text
	}
	switch {
	case errors.Is(err, os.ErrPermission):
		return codeForbidden, d.say("没有权限：", "permission denied: ") + err.Error()
	case errors.Is(err, os.ErrNotExist):
		return codeNotFound, d.say("找不到：", "not found: ") + err.Error()
	case errors.Is(err, eventlog.ErrUnavailable), errors.Is(err, eventlog.ErrUnknown):
		return codeUnavailable, d.say("日志暂时不能写入，请稍后再试：", "the log cannot take anything now, try again later: ") + err.Error()
	case errors.Is(err, eventlog.ErrCorrupt):
		return codeFailure, d.say("日志损坏，已停止以免损失扩大；请看 docs/runbooks：", "the log is damaged; stopped before it gets worse, see docs/runbooks: ") + err.Error()
	}
	return codeFailure, fmt.Sprint(err)
}
