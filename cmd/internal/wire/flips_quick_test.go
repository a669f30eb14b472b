//go:build !faults

package wire

// flips is how many bits the ordinary test turns.
const flips = 40
