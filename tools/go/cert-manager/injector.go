package main

import (
	"context"

	"github.com/spf13/pflag"
	corev1 "k8s.io/api/core/v1"
	definitions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/tools/leaderelection/resourcelock"
	registrations "k8s.io/kube-aggregator/pkg/apis/apiregistration/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/metrics/server"

	config "github.com/cert-manager/cert-manager/internal/apis/config/cainjector"
	configscheme "github.com/cert-manager/cert-manager/internal/apis/config/cainjector/scheme"
	versioned "github.com/cert-manager/cert-manager/pkg/apis/config/cainjector/v1alpha1"
	certificates "github.com/cert-manager/cert-manager/pkg/client/clientset/versioned/scheme"
	"github.com/cert-manager/cert-manager/pkg/controller/cainjector"
	logf "github.com/cert-manager/cert-manager/pkg/logs"
	"github.com/cert-manager/cert-manager/pkg/util"
)

func injectorDefaults() (*config.CAInjectorConfiguration, error) {
	known, _, err := configscheme.NewSchemeAndCodecs()
	if err != nil {
		return nil, err
	}
	written, chosen := &versioned.CAInjectorConfiguration{}, &config.CAInjectorConfiguration{}
	known.Default(written)
	return chosen, known.Convert(written, chosen, nil)
}

func runInjector(ctx context.Context, flags *pflag.FlagSet, arguments []string) error {
	chosen, err := injectorDefaults()
	if err != nil {
		return err
	}
	flags.StringVar(&chosen.LeaderElectionConfig.Namespace, "leader-election-namespace",
		chosen.LeaderElectionConfig.Namespace, "namespace of the leader's lease")
	flags.StringVar(&chosen.MetricsListenAddress, "metrics-listen-address", chosen.MetricsListenAddress, "of metrics")
	logf.AddFlags(&chosen.Logging, flags)
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	if err := logf.ValidateAndApply(&chosen.Logging); err != nil {
		return err
	}
	manager, err := injectorManager(chosen)
	if err != nil {
		return err
	}
	if err := cainjector.RegisterAllInjectors(ctx, manager, cainjector.SetupOptions{
		EnableCertificatesDataSource: chosen.EnableDataSourceConfig.Certificates,
		EnabledReconcilersFor: map[string]bool{
			cainjector.MutatingWebhookConfigurationName:   true,
			cainjector.ValidatingWebhookConfigurationName: true,
			cainjector.APIServiceName:                     true,
			cainjector.CustomResourceDefinitionName:       true,
		},
	}); err != nil {
		return err
	}
	return manager.Start(ctx)
}

func injectorManager(chosen *config.CAInjectorConfiguration) (ctrl.Manager, error) {
	kinds := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{
		scheme.AddToScheme, certificates.AddToScheme, definitions.AddToScheme, registrations.AddToScheme,
	} {
		if err := add(kinds); err != nil {
			return nil, err
		}
	}
	election := chosen.LeaderElectionConfig
	return ctrl.NewManager(util.RestConfigWithUserAgent(ctrl.GetConfigOrDie(), "cainjector"), ctrl.Options{
		Scheme: kinds,
		Cache:  cache.Options{ReaderFailOnMissingInformer: true},
		// Secrets are read one by one: their metadata alone is watched.
		Client:                        client.Options{Cache: &client.CacheOptions{DisableFor: []client.Object{&corev1.Secret{}}}},
		LeaderElection:                election.Enabled,
		LeaderElectionNamespace:       election.Namespace,
		LeaderElectionID:              "cert-manager-cainjector-leader-election",
		LeaderElectionReleaseOnCancel: true,
		LeaderElectionResourceLock:    resourcelock.LeasesResourceLock,
		Metrics:                       server.Options{BindAddress: chosen.MetricsListenAddress},
	})
}
