//go:build faults

package wire

// flips is how many bits `make faults` turns.
const flips = 500
