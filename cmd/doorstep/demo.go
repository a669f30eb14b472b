package main

import (
	"context"
	"errors"
	"net"
	"os"
	"os/exec"
	"runtime"

	"github.com/spf13/cobra"

	"doorstep/cmd/internal/democourt"
	"doorstep/cmd/internal/wire"
)

// demo opens the demo court: a synthetic year of a district court, in which one
// may play every role.
func (d *door) demo() *cobra.Command {
	var s serving
	var open bool
	cmd := &cobra.Command{
		Use:   "demo",
		Short: d.say("打开演示法院（合成数据，一键切换角色）", "open the demo court (synthetic data, one-click roles)"),
		Long: d.say("打开演示法院：某区法院 2021 年的合成数据。演示时钟总是 2021 年 12 月 31 日。数据留在目录里，删除目录即可重来。",
			"Open the demo court: a district court's synthetic year 2021. Its clock always shows 31 December 2021. What you do is kept in the folder; remove the folder to start over."),
		Args: d.args(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if !cmd.Flags().Changed("listen") {
				s.listen = freeAddress(s.listen)
			}
			return d.sayServing(d.runDemo(cmd.Context(), s, open))
		},
	}
	cmd.Flags().StringVar(&s.data, "data", "demo-court", d.say("演示数据目录", "the demo court's folder"))
	s.flags(d, cmd)
	cmd.Flags().BoolVar(&open, "open", false, d.say("在浏览器中打开", "open it in the browser"))
	return cmd
}

func (d *door) runDemo(ctx context.Context, s serving, open bool) error {
	quiet := d.quiet()
	court, err := wire.Open(ctx, wire.Config{Data: s.data, Log: wire.Embedded, Create: true, CourtCode: democourt.Record, Views: true, Now: democourt.Now, Logger: quiet})
	if err != nil {
		return err
	}
	defer court.Close()
	switch {
	case court.Remote != nil:
		return failWith(codeUnavailable, d.say("这个演示目录已经打开；先关掉它，或者用 --data 另选目录", "this demo folder is open already; close it first, or choose another with --data"))
	case court.Genesis.Court != democourt.Record:
		return failWith(codeConflict, d.say("这个目录里是一个真实法院的数据，不能用演示模式打开；请用 doorstep serve", "this folder holds a real court's record, which demo mode must not open; use doorstep serve"))
	}
	book, err := democourt.BookOfDay()
	if err != nil {
		return err
	}
	defer book.Close()
	report, err := d.runImport(ctx, court, book)
	if report != nil {
		defer report.Close()
	}
	if err != nil {
		return err
	}
	if report.Tally.Rejected > 0 || report.Tally.Conflicts > 0 {
		return failWith(codeConflict, d.say("这个演示目录与本程序的演示数据不合；请另选目录，或者删去它重来", "this demo folder does not fit this program's demo data; choose another folder, or remove it to start over"))
	}
	return court.Serve(ctx, wire.Serving{
		Listen: s.listen, Metrics: s.metrics, CourtName: democourt.Name, Demo: true, Scrub: s.scrub, Logger: quiet,
		Ready: func(url, _ string) {
			d.tell("演示法院已打开：%s  （按 Ctrl+C 结束；数据在 %s）", "The demo court is open: %s  (Ctrl+C ends it; its record is in %s)", url, s.data)
			if open {
				browse(ctx, url)
			}
		},
	})
}

// freeAddress is the address, or one with a free port where it is taken.
func freeAddress(address string) string {
	l, err := net.Listen("tcp", address)
	if err == nil {
		l.Close()
		return address
	}
	return "127.0.0.1:0"
}

// browse opens the address in a browser where there is one to be seen.
func browse(ctx context.Context, url string) {
	opener := map[string]string{"darwin": "open", "windows": "explorer"}[runtime.GOOS]
	if opener == "" {
		opener = "xdg-open"
		if os.Getenv("DISPLAY") == "" && os.Getenv("WAYLAND_DISPLAY") == "" {
			return
		}
	}
	if err := exec.CommandContext(ctx, opener, url).Start(); err != nil && !errors.Is(err, exec.ErrNotFound) {
		return // the address stands on the screen
	}
}
