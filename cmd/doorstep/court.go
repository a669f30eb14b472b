package main

import (
	"context"
	"log/slog"
	"time"

	"github.com/spf13/cobra"

	"doorstep/cmd/internal/wire"
)

// courtFlags say which court a command works for: the flags that all commands
// share which open one.
type courtFlags struct {
	data, log, keys string
	seal            bool
}

func (f *courtFlags) flags(d *door, cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.data, "data", "court", d.say("法院数据目录", "the court's folder"))
	cmd.Flags().StringVar(&f.log, "log", "", d.say("记录所在：embedded（在目录里）、nats://…、tls://… 或 esdb://…；说一次，目录就记住（也可用环境变量 DOORSTEP_LOG，密码不留在命令行）",
		"where the record is: embedded (in the folder), nats://…, tls://… or esdb://…; said once, the folder remembers it (DOORSTEP_LOG says it without a password on the command line)"))
	cmd.Flags().StringVar(&f.keys, "keys", "", d.say("签名私钥和最新检查点的目录，可在另一块盘上；说一次，目录就记住；不填则为数据目录里的 keys",
		"folder of the signing key and the newest checkpoint, perhaps on another disk; said once, it is remembered; empty: keys in the court's folder"))
}

// making are the flags of the commands that may make the record.
func (f *courtFlags) making(d *door, cmd *cobra.Command) {
	cmd.Flags().BoolVar(&f.seal, "seal-persons", false, d.say("从第一条记录起，按人加密当事人信息，以便依法删除；只在新建时有效，目录就记住；密钥库在 keys/persons，须另行备份",
		"seal personal data per person, so that it can be deleted by law; only when the record is made, then remembered; the persons' keys, in keys/persons, need a backup of their own"))
}

// config is what the flags say; the rest is the command's.
func (f *courtFlags) config(d *door, logger *slog.Logger) wire.Config {
	log := f.log
	if log == "" {
		log = d.env("DOORSTEP_LOG")
	}
	return wire.Config{Data: f.data, Log: log, Keys: f.keys, SealPersons: f.seal, Now: time.Now, Logger: logger}
}

// open opens the court for a command that asks.
func (d *door) open(ctx context.Context, f courtFlags, views bool) (*wire.Court, error) {
	c := f.config(d, d.quiet())
	c.Views = views
	return wire.Open(ctx, c)
}

// quiet writes to standard error only what a person should know of.
func (d *door) quiet() *slog.Logger {
	return slog.New(slog.NewTextHandler(d.err, &slog.HandlerOptions{Level: slog.LevelWarn}))
}
