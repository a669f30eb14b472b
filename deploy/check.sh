#!/usr/bin/env bash
# Checks each file that describes a machine with that machine's own tool. What
# a Go test can check better (the board, the names of metrics, the runbooks) is
# in cmd/internal/wire/deploy_test.go.
set -euo pipefail
cd "$(dirname "$0")"

promtool check config prometheus/prometheus.yml >/dev/null
promtool check rules --lint=all --lint-fatal prometheus/rules.yml >/dev/null
promtool test rules prometheus/rules_test.yml >/dev/null

# The unit names the installed binary; here something that exists stands in.
scratch=$(mktemp -d); trap 'rm -rf "$scratch"' EXIT
sed 's#/usr/bin/doorstep#/bin/true#' systemd/doorstep.service >"$scratch/doorstep.service"
said=$(SYSTEMD_LOG_LEVEL=warning systemd-analyze verify --man=no "$scratch/doorstep.service" 2>&1) || { echo "$said"; exit 1; }
[ -z "$said" ] || { echo "systemd-analyze verify: $said"; exit 1; }
systemd-analyze security --offline=yes --threshold=20 "$scratch/doorstep.service" >"$scratch/security" 2>&1 || { tail -n 40 "$scratch/security"; exit 1; }
echo 'deploy: all files pass their tools'
