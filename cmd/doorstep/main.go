// Command doorstep (家门口) is the case system of a court's judge workstations:
// one binary that serves the pages, imports the court's spreadsheets, prints
// the statistics and checks the record. One file is one command.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() { os.Exit(run()) }

// run is main with its exit code as a value, so that the tests of the command
// line run the very same program.
func run() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	d := &door{in: os.Stdin, out: os.Stdout, err: os.Stderr, env: os.Getenv}
	return d.run(ctx, os.Args[1:])
}
