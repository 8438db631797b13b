package main

import (
	"context"
	"net"
	"os"
	"time"

	"github.com/spf13/pflag"
	"golang.org/x/sync/errgroup"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/client-go/tools/leaderelection"
	"k8s.io/client-go/tools/leaderelection/resourcelock"
	logsapi "k8s.io/component-base/logs/api/v1"

	"github.com/cert-manager/cert-manager/pkg/apis/certmanager"
	"github.com/cert-manager/cert-manager/pkg/controller"
	"github.com/cert-manager/cert-manager/pkg/healthz"
	logf "github.com/cert-manager/cert-manager/pkg/logs"

	// Each of these makes its controllers known. Those for Venafi are left out, as no proxy serves their client, and those
	// for Kubernetes' own requests and for Gateways, which are off upstream unless somebody asks for them.
	_ "github.com/cert-manager/cert-manager/pkg/controller/acmechallenges"
	_ "github.com/cert-manager/cert-manager/pkg/controller/acmeorders"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificate-shim/ingresses"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificaterequests/acme"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificaterequests/approver"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificaterequests/ca"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificaterequests/selfsigned"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificaterequests/vault"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificates/issuing"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificates/keymanager"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificates/metrics"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificates/readiness"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificates/requestmanager"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificates/revisionmanager"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificates/trigger"
	_ "github.com/cert-manager/cert-manager/pkg/controller/clusterissuers"
	_ "github.com/cert-manager/cert-manager/pkg/controller/issuers"
	_ "github.com/cert-manager/cert-manager/pkg/issuer/acme"
	_ "github.com/cert-manager/cert-manager/pkg/issuer/ca"
	_ "github.com/cert-manager/cert-manager/pkg/issuer/selfsigned"
	_ "github.com/cert-manager/cert-manager/pkg/issuer/vault"
)

// Upstream's defaults (internal/apis/config/controller/v1alpha1/defaults.go) of what it has flags for.
const (
	healthAddress  = "0.0.0.0:9403"
	metricsAddress = "0.0.0.0:9402"
	workers        = 5
	healthPatience = 20 * time.Second
	leaseTime      = 60 * time.Second
	renewTime      = 40 * time.Second
	retryTime      = 15 * time.Second
)

// What the chart says.
type chosen struct {
	secrets, election, solver string
	challenges                int
}

func runController(ctx context.Context, flags *pflag.FlagSet, arguments []string) error {
	said, logging := chosen{}, logsapi.NewLoggingConfiguration()
	flags.StringVar(&said.secrets, "cluster-resource-namespace", "kube-system", "where Secrets of ClusterIssuers are")
	flags.StringVar(&said.election, "leader-election-namespace", "kube-system", "namespace of the leader's lease")
	flags.StringVar(&said.solver, "acme-http01-solver-image", "", "of pods that answer to authorities")
	flags.IntVar(&said.challenges, "max-concurrent-challenges", 60, "at once")
	logf.AddFlags(logging, flags)
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	if err := logf.ValidateAndApply(logging); err != nil {
		return err
	}
	factory, err := controller.NewContextFactory(ctx, said.options())
	if err != nil {
		return err
	}
	work, err := factory.Build()
	if err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	if err := answer(ctx, group, work); err != nil {
		return err
	}
	group.Go(func() error { return said.lead(ctx, factory, work) })
	return group.Wait()
}

// answer serves health and metrics, leader or not.
func answer(ctx context.Context, group *errgroup.Group, work *controller.Context) error {
	health, err := net.Listen("tcp", healthAddress)
	if err != nil {
		return err
	}
	metrics, err := net.Listen("tcp", metricsAddress)
	if err != nil {
		return err
	}
	group.Go(func() error { return healthz.NewServer(healthPatience).Start(ctx, health) })
	server := work.Metrics.NewServer(metrics)
	group.Go(func() error { return server.Serve(metrics) })
	group.Go(func() error { <-ctx.Done(); return server.Close() })
	return nil
}

// lead runs every controller once this one leads, and ends when it no longer does.
func (said chosen) lead(ctx context.Context, factory *controller.ContextFactory, work *controller.Context) error {
	host, err := os.Hostname()
	if err != nil {
		return err
	}
	lock, err := resourcelock.New(resourcelock.LeasesResourceLock, said.election, "cert-manager-controller",
		work.Client.CoreV1(), work.Client.CoordinationV1(),
		resourcelock.ResourceLockConfig{Identity: host, EventRecorder: work.Recorder})
	if err != nil {
		return err
	}
	result := make(chan error, 1)
	leaderelection.RunOrDie(ctx, leaderelection.LeaderElectionConfig{
		Lock: lock, ReleaseOnCancel: true,
		LeaseDuration: leaseTime, RenewDeadline: renewTime, RetryPeriod: retryTime,
		Callbacks: leaderelection.LeaderCallbacks{
			OnStartedLeading: func(ctx context.Context) { result <- control(ctx, factory, work) },
			OnStoppedLeading: func() {},
		},
	})
	select {
	case err := <-result:
		return err
	default:
		return ctx.Err()
	}
}

func control(ctx context.Context, factory *controller.ContextFactory, work *controller.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	for _, construct := range controller.Known() {
		made, err := construct(factory)
		if err != nil {
			return err
		}
		group.Go(func() error { return made.Run(workers, ctx) })
	}
	work.SharedInformerFactory.Start(ctx.Done())
	work.KubeSharedInformerFactory.Start(ctx.Done())
	work.HTTP01ResourceMetadataInformersFactory.Start(ctx.Done())
	return group.Wait()
}

func (said chosen) options() controller.ContextOptions {
	return controller.ContextOptions{
		KubernetesAPIQPS:   20,
		KubernetesAPIBurst: 50,
		IssuerOptions: controller.IssuerOptions{
			ClusterResourceNamespace:        said.secrets,
			ClusterIssuerAmbientCredentials: true,
		},
		ACMEOptions: controller.ACMEOptions{
			HTTP01SolverImage:                 said.solver,
			HTTP01SolverResourceRequestCPU:    resource.MustParse("10m"),
			HTTP01SolverResourceRequestMemory: resource.MustParse("64Mi"),
			HTTP01SolverResourceLimitsCPU:     resource.MustParse("100m"),
			HTTP01SolverResourceLimitsMemory:  resource.MustParse("64Mi"),
			ACMEHTTP01SolverRunAsNonRoot:      true,
			DNS01CheckAuthoritative:           true,
			DNS01CheckRetryPeriod:             10 * time.Second,
		},
		IngressShimOptions: controller.IngressShimOptions{
			DefaultIssuerKind:                 "Issuer",
			DefaultIssuerGroup:                certmanager.GroupName,
			DefaultAutoCertificateAnnotations: []string{"kubernetes.io/tls-acme"},
		},
		CertificateOptions: controller.CertificateOptions{
			CopiedAnnotationPrefixes:                 []string{"*", "-kubectl.kubernetes.io/", "-fluxcd.io/", "-argocd.argoproj.io/"},
			CertificateRequestMinimumBackoffDuration: time.Hour,
			CertificateRequestMaximumBackoffDuration: 32 * time.Hour,
		},
		SchedulerOptions: controller.SchedulerOptions{MaxConcurrentChallenges: said.challenges},
	}
}
