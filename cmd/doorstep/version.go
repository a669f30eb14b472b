package main

import (
	"fmt"
	"runtime"

	"github.com/spf13/cobra"

	"doorstep/cmd/internal/wire"
)

func (d *door) version() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: d.say("显示版本", "print the version"),
		Args:  d.args(cobra.NoArgs),
		RunE: func(*cobra.Command, []string) error {
			if d.json {
				return d.print(map[string]string{"version": wire.Version, "go": runtime.Version(), "platform": runtime.GOOS + "/" + runtime.GOARCH})
			}
			_, err := fmt.Fprintf(d.out, "doorstep %s (%s, %s/%s)\n", wire.Version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
			return err
		},
	}
}
