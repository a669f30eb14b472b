package memory_test

import (
	"testing"

	"doorstep/domain/eventlog"
	"doorstep/domain/eventlog/eventlogtest"
	"doorstep/domain/eventlog/memory"
)

func TestTheContract(t *testing.T) {
	eventlogtest.Run(t, func(*testing.T) eventlog.Log { return memory.New() })
}

func TestFilling(t *testing.T) {
	eventlogtest.RunFilled(t, func(*testing.T) eventlog.Filler { return memory.New() })
}
