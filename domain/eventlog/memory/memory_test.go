package memory_test

import (
	"testing"

	"doorstep/domain/eventlog"
	"doorstep/domain/eventlog/eventlogtest"
	"doorstep/domain/eventlog/memory"
)

func TestTheContract(t *testing.T) {
	eventlogtest.Engine{
		Name: "memory",
		Open: func(*testing.T) eventlog.Log { return memory.New() },
		Fill: func(*testing.T) eventlog.Filler { return memory.New() },
	}.Prove(t)
}
