// Command doorstep-verify checks a file that a court gave away: with doorstep
// proof, whether what it tells of a dispute was recorded as it stands there; with
// doorstep checkpoint --since, whether the record went on from an earlier one. It needs the file and the court's public key, nothing else: no server,
// no network, and no code of Doorstep's. What it computes it computes with the
// standard library alone, so that it can be read in one sitting.
//
// Exit codes: 0 proven, 1 not proven, 2 wrong use or a file that cannot be read.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
)

const (
	codeProven    = 0
	codeNotProven = 1
	codeUsage     = 2
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// run is main with its exit code as a value.
func run(args []string, out, errs io.Writer) int {
	flags := flag.NewFlagSet("doorstep-verify", flag.ContinueOnError)
	flags.SetOutput(errs)
	keyFile := flags.String("key", "", "文件：法院公钥 / file with the court's public key, from doorstep checkpoint --key")
	flags.Usage = func() {
		fmt.Fprintln(errs, "用法 / usage: doorstep-verify --key COURT.key FILE.json")
		flags.PrintDefaults()
	}
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return codeProven
		}
		return codeUsage
	}
	if *keyFile == "" || flags.NArg() != 1 {
		flags.Usage()
		return codeUsage
	}
	keys, err := os.ReadFile(*keyFile)
	if err == nil {
		var file []byte
		if file, err = os.ReadFile(flags.Arg(0)); err == nil {
			return judge(file, string(keys), out, errs)
		}
	}
	fmt.Fprintln(errs, "读不了 / cannot be read:", err)
	return codeUsage
}

// judge says what the file tells, and whether it is proven. Nothing of a file
// that proves nothing is shown.
func judge(file []byte, keys string, out, errs io.Writer) int {
	if older, newer, err := checkGrowth(file, keys); !errors.Is(err, errForm) {
		if err != nil {
			fmt.Fprintln(errs, "未证实 / NOT PROVEN:", err)
			return codeNotProven
		}
		fmt.Fprintf(out, "已证实 / PROVEN: %s, %d → %d 次登记 / commits\n", newer.origin, older.size, newer.size)
		return codeProven
	}
	found, err := check(file, keys)
	if err != nil {
		fmt.Fprintln(errs, "未证实 / NOT PROVEN:", err)
		return codeNotProven
	}
	fmt.Fprintf(out, "案件 / case: %s\n", found.proof.Case)
	fmt.Fprintf(out, "记录 / record: %s\n检查点 / checkpoint: %d commits, root %s\n", found.signed.origin, found.signed.size, found.signed.rootText)
	for _, c := range found.commits {
		for _, e := range c.Events {
			fmt.Fprintf(out, "%-25s  登记 / recorded %s  %-12s %2d  %s\n", e.Happened, c.Recorded, c.kind(), c.Version, e.Kind)
		}
		for _, o := range c.texts {
			fmt.Fprintf(out, "    %s: %s\n", o.Path, o.plain())
		}
	}
	fmt.Fprintf(out, "已证实 / PROVEN: %d 次登记 / commits\n", len(found.commits))
	return codeProven
}
