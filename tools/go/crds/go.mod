// Modules that carry the CRDs of operators. No package of them is built, so nothing here imports them, and
// `go mod tidy` must not be run: it would drop the requirements. go.sum holds the modules themselves.
module strata.dev/tools/crds

go 1.26

require (
	github.com/kedacore/keda/v2 v2.20.2
	github.com/prometheus-operator/prometheus-operator v0.85.0
	k8s.io/autoscaler/cluster-autoscaler/apis v0.0.0-20240830133931-adfbe7e45277
	sigs.k8s.io/jobset v0.11.1
)
