// Modules that carry Helm charts. No package of them is built, so nothing here imports them, and `go mod tidy` must not
// be run: it would drop the requirements. go.sum holds the modules themselves.
module strata.dev/tools/charts

go 1.26

require (
	github.com/NVIDIA/gpu-operator v0.0.0-20250917190837-d73a0086a6ba
	github.com/cert-manager/cert-manager v1.21.2
	github.com/NVIDIA/k8s-device-plugin v0.19.0
	github.com/envoyproxy/gateway v1.9.1
	github.com/external-secrets/external-secrets v1.3.2
	github.com/kedacore/keda/v2 v2.20.2
	github.com/prometheus-operator/prometheus-operator v0.85.0
	sigs.k8s.io/metrics-server v0.9.0
	sigs.k8s.io/node-feature-discovery v0.19.0
	sigs.k8s.io/dra-driver-nvidia-gpu v0.5.0
	sigs.k8s.io/aws-load-balancer-controller v0.0.0-20260423195125-93ff3b5fdaad
	sigs.k8s.io/lws v0.9.0
	sigs.k8s.io/jobset v0.12.0
	sigs.k8s.io/kueue v0.19.2
	sigs.k8s.io/gateway-api-inference-extension v1.5.0
)
