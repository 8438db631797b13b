"""Real nodes in the place of simulated ones.

A live node is a kubelet, containerd, kube-proxy and an enforcer of network policies in a network namespace and a mount
namespace of their own. Its pods truly run: probes are sent, volumes mounted, policies enforced, requests answered.

``cluster`` brings the live nodes of a control plane up and takes them down, ``requirements`` says where that works, and
``record`` which pools are live.
"""
