//go:build faults

package jetstream

import (
	"testing"

	"doorstep/domain/eventlog"
	"doorstep/domain/eventlog/eventlogtest"
)

func TestTheContractWithNextToNoMemory(t *testing.T) {
	eventlogtest.Run(t, func(t *testing.T) eventlog.Log {
		l := opened(t, Options{})
		l.known = newKnown(2)
		return l
	})
}
