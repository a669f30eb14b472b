package cluster_test

import (
	"testing"

	"doorstep/domain/eventlog"
	"doorstep/domain/eventlog/eventlogtest"
)

func TestTheContract(t *testing.T) {
	eventlogtest.Run(t, func(t *testing.T) eventlog.Log {
		log, _ := place(t)(t)
		return log
	})
}

func TestTheContractOfKeeping(t *testing.T) {
	eventlogtest.RunKept(t, func(t *testing.T) eventlogtest.Open { return place(t) })
}

func TestTheContractOfFilling(t *testing.T) {
	eventlogtest.RunFilled(t, func(t *testing.T) eventlog.Filler {
		log, _ := place(t)(t)
		return log.(eventlog.Filler)
	})
}
