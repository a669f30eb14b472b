package main

import (
	"net/http"
	"time"

	"github.com/spf13/cobra"
)

// healthcheck asks a running server whether it is well, for containers that
// have no other tool to ask with.
func (d *door) healthcheck() *cobra.Command {
	var url string
	cmd := &cobra.Command{
		Use:   "healthcheck",
		Short: d.say("检查本机服务是否正常（供容器使用）", "ask the server on this machine whether it is well (for containers)"),
		Args:  d.args(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			client := http.Client{Timeout: 5 * time.Second}
			req, err := http.NewRequestWithContext(cmd.Context(), http.MethodGet, url, nil)
			if err != nil {
				return failWith(codeUsage, d.say("地址写法不对", "the address is not well formed"))
			}
			answer, err := client.Do(req)
			if err != nil {
				return failWith(codeUnavailable, d.say("服务没有应答", "the server does not answer"))
			}
			answer.Body.Close()
			if answer.StatusCode != http.StatusOK {
				return failWith(codeUnavailable, d.say("服务已应答，但不正常；请看日志和 /metrics", "the server answers but is not well; see its log and /metrics"))
			}
			d.tell("正常", "well")
			return nil
		},
	}
	cmd.Flags().StringVar(&url, "url", "http://127.0.0.1:8080/healthz", d.say("健康检查地址", "address of the health check"))
	return cmd
}
