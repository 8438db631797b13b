"""Services of a cluster: what its workloads use and Kubernetes does not bring, one component each."""
