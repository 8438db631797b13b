// cert-manager's controller, webhook and injector, each behind its name as the first argument.
//
// Their packages are upstream's. Upstream's own mains are modules beside the library that no proxy serves under the
// path that they declare, so the little that they add is written here again: flags, the election of a leader, health.
// The path of this module lies below the library's, because Go opens its `internal` packages to nobody else.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/pflag"
	ctrl "sigs.k8s.io/controller-runtime"

	"github.com/cert-manager/cert-manager/internal/webhook"
	logf "github.com/cert-manager/cert-manager/pkg/logs"
	"github.com/cert-manager/cert-manager/pkg/webhook/options"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	logf.InitLogs()
	ctrl.SetLogger(logf.Log)
	roles := map[string]func(context.Context, *pflag.FlagSet, []string) error{
		"controller": runController,
		"webhook":    runWebhook,
		"cainjector": runInjector,
	}
	run, known := roles[append(os.Args, "", "")[1]]
	if !known {
		fmt.Fprintln(os.Stderr, "give controller, webhook or cainjector")
		os.Exit(2)
	}
	flags := pflag.NewFlagSet(os.Args[1], pflag.ContinueOnError)
	err := run(logf.NewContext(ctx, logf.Log, os.Args[1]), flags, os.Args[2:])
	if err != nil && !errors.Is(err, context.Canceled) {
		logf.Log.Error(err, "ended", "role", os.Args[1])
		os.Exit(1)
	}
}

func runWebhook(ctx context.Context, flags *pflag.FlagSet, arguments []string) error {
	chosen, err := options.NewWebhookConfiguration()
	if err != nil {
		return err
	}
	options.AddConfigFlags(flags, chosen)
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	if err := logf.ValidateAndApply(&chosen.Logging); err != nil {
		return err
	}
	server, err := webhook.NewCertManagerWebhookServer(logf.FromContext(ctx), *chosen)
	if err != nil {
		return err
	}
	return server.Run(ctx)
}
