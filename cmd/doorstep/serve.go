package main

import (
	"errors"
	"io"
	"log/slog"
	"time"

	"github.com/spf13/cobra"

	"doorstep/cmd/internal/wire"
)

// serving are the flags that serve and demo share.
type serving struct {
	courtFlags
	listen, metrics string
	scrub           time.Duration
}

func (s *serving) flags(d *door, cmd *cobra.Command) {
	cmd.Flags().StringVar(&s.listen, "listen", "127.0.0.1:8080", d.say("页面地址，只能是本机回环地址", "address of the pages, on loopback only"))
	cmd.Flags().DurationVar(&s.scrub, "scrub", 7*24*time.Hour, d.say("每隔多久慢慢重读并核对全部记录；负数为不做", "how often the whole record is slowly read again and compared; below 0: never"))
	cmd.Flags().StringVar(&s.metrics, "metrics", "", d.say("/metrics 的单独地址；不填则与页面同址", "an address of its own for /metrics; empty: beside the pages"))
}

// serve opens the court's record to the people who work on it.
func (d *door) serve() *cobra.Command {
	var s serving
	var code, name string
	var second wire.SecondCopy
	var to recipientFlags
	cmd := &cobra.Command{
		Use:   "serve",
		Short: d.say("提供办案页面", "serve the pages"),
		Long: d.say("提供办案页面。目前还没有账号，所以只在本机回环地址上提供，用启动时显示的一次性链接登录。",
			"Serve the pages. There are no accounts yet, so they are served on this machine's loopback only; sign in with the one-time link shown at the start."),
		Args: d.args(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			logger := d.logger()
			var err error
			if second.To, err = to.recipients(); err != nil {
				return err
			}
			c := s.config(d, logger)
			c.Create, c.CourtCode, c.Views = true, code, true
			court, err := wire.Open(cmd.Context(), c)
			if err != nil {
				return err
			}
			defer court.Close()
			if court.Remote != nil {
				return failWith(codeUnavailable, d.say("已有服务正在使用这个数据目录", "a server is using this folder already"))
			}
			return d.sayServing(court.Serve(cmd.Context(), wire.Serving{
				Listen: s.listen, Metrics: s.metrics, CourtName: name, Scrub: s.scrub, Second: second, Logger: logger,
				Ready: func(_, signIn string) {
					d.tell("正在提供页面（仅限本机）。用此链接登录，30 分钟内有效，只能用一次：\n  %s\n需要新链接时运行 doorstep sign-in --data %s",
						"Serving, on this machine only. Sign in with this link, good once within 30 minutes:\n  %s\nFor another, run doorstep sign-in --data %s", signIn, s.data)
				},
			}))
		},
	}
	s.courtFlags.flags(d, cmd)
	s.courtFlags.making(d, cmd)
	s.flags(d, cmd)
	cmd.Flags().StringVar(&second.Dir, "second-copy", "", d.say("第二副本的目录，在另一块盘上，必须已经存在", "folder of a second copy, on another disk; it must be there"))
	to.flags(d, cmd, "copy-")
	cmd.Flags().StringVar(&code, "court-code", "", d.say("法院代字，写入新建的数据目录，如 冀0108", "the court's code, written into a new folder, e.g. 冀0108"))
	cmd.Flags().StringVar(&name, "court-name", d.say("人民法院", "People's Court"), d.say("页面上显示的法院名称", "the court's name as the pages show it"))
	return cmd
}

// signIn asks the running server for another sign-in link.
func (d *door) signIn() *cobra.Command {
	var f courtFlags
	cmd := &cobra.Command{
		Use:   "sign-in",
		Short: d.say("向正在运行的服务取一个一次性登录链接", "get a one-time sign-in link from the running server"),
		Args:  d.args(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			court, err := d.open(cmd.Context(), f, false)
			if err != nil {
				return err
			}
			defer court.Close()
			if court.Remote == nil {
				return failWith(codeUnavailable, d.say("没有服务正在使用这个数据目录；先运行 doorstep serve", "no server is using this folder; run doorstep serve first"))
			}
			link, err := court.SignIn(cmd.Context())
			if err != nil {
				return err
			}
			if d.json {
				return d.print(map[string]string{"link": link})
			}
			_, err = io.WriteString(d.out, link+"\n")
			return err
		},
	}
	f.flags(d, cmd)
	return cmd
}

// sayServing says in the person's language why serving ended.
func (d *door) sayServing(err error) error {
	if errors.Is(err, wire.ErrNotLoopback) {
		return failWith(codeConfig, d.say("--listen 和 --metrics 只能是本机回环地址，写作 127.0.0.1:8080：目前还没有账号，不能让别的机器访问",
			"--listen and --metrics take a loopback address only, such as 127.0.0.1:8080: there are no accounts yet, so other machines must not get in"))
	}
	return err
}

// logger writes what an operator must know to standard error, as JSON.
func (d *door) logger() *slog.Logger {
	return slog.New(slog.NewJSONHandler(d.err, &slog.HandlerOptions{Level: slog.LevelInfo}))
}
