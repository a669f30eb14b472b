package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"doorstep/cmd/internal/wire"
)

// door is the command line as one person meets it: where it reads and writes,
// and in which language it speaks. Standard output is for data, standard error
// for everything said to a person.
type door struct {
	in   io.Reader
	out  io.Writer
	err  io.Writer
	env  func(string) string
	lang string
	json bool
}

// run carries out one command line and returns its exit code.
func (d *door) run(ctx context.Context, args []string) int {
	d.lang = d.language(args)
	root := d.root()
	root.SetArgs(args)
	root.SetIn(d.in)
	root.SetOut(d.out)
	root.SetErr(d.err)
	err := root.ExecuteContext(ctx)
	if err != nil && ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		err = failWith(codeInterrupted, d.say("已中断。已经确认的都已保存；再次运行即可接着做。", "Interrupted. What was acknowledged is kept; run it again to go on."))
	}
	if err == nil {
		return codeOK
	}
	code, text := d.explain(err)
	if text != "" {
		fmt.Fprintln(d.err, d.say("错误：", "Error: ")+text)
	}
	return code
}

func (d *door) root() *cobra.Command {
	root := &cobra.Command{
		Use:           "doorstep",
		Short:         d.say("家门口：法院诉前调解工作站的办案系统", "Doorstep: the case system of a court's mediation workstations"),
		Version:       wire.Version,
		SilenceUsage:  true,
		SilenceErrors: true,
		Args:          d.args(cobra.NoArgs),
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	flags := root.PersistentFlags()
	flags.StringVar(&d.lang, "lang", d.lang, d.say("语言：zh 或 en", "language: zh or en"))
	flags.BoolVar(&d.json, "json", false, d.say("以 JSON 输出数据", "print data as JSON"))
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return failWith(codeUsage, err.Error()) })
	root.AddCommand(d.serve(), d.signIn(), d.demo(), d.importing(), d.stats(), d.deadline(), d.verify(), d.views(), d.checkpoint(), d.proof(), d.person(), d.logs(), d.backup(), d.restore(), d.copies(), d.healthcheck(), d.version())
	return root
}

// args turns what cobra says of the number of arguments into a usage error.
func (d *door) args(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if err := check(cmd, args); err != nil {
			return failWith(codeUsage, fmt.Sprintf("%v\n%s", err, strings.TrimSpace(cmd.UsageString())))
		}
		return nil
	}
}

// language is asked for before the commands are made, since their help speaks
// it: --lang, or else DOORSTEP_LANG, LC_ALL, LC_MESSAGES, LANG.
func (d *door) language(args []string) string {
	for i, a := range args {
		if v, ok := strings.CutPrefix(a, "--lang="); ok {
			return language(v)
		}
		if a == "--lang" && i+1 < len(args) {
			return language(args[i+1])
		}
	}
	for _, name := range []string{"DOORSTEP_LANG", "LC_ALL", "LC_MESSAGES", "LANG"} {
		if v := d.env(name); v != "" {
			return language(v)
		}
	}
	return "zh"
}

func language(v string) string {
	if strings.HasPrefix(strings.ToLower(v), "zh") {
		return "zh"
	}
	return "en"
}

// say picks the sentence of the person's language.
func (d *door) say(zh, en string) string {
	if d.lang == "en" {
		return en
	}
	return zh
}

// tell writes a message for the person, not for a program.
func (d *door) tell(zh, en string, values ...any) {
	fmt.Fprintf(d.err, d.say(zh, en)+"\n", values...)
}

// print writes data as JSON.
func (d *door) print(v any) error {
	enc := json.NewEncoder(d.out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}
