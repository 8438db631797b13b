"""Findings that are accepted; each is argued, and a test fails when one no longer occurs."""

KUBE_SCORE = {
    "container-image-pull-policy": (
        "tags are fixed, so a node may start a server from its own copy while the registry is away; asking the "
        "registry at each start makes it a dependency of every restart"
    ),
}
CHECKOV = {
    "CKV_K8S_15": "as above: IfNotPresent with fixed tags",
    "CKV_K8S_43": "digests are the user's to give, by sources.images.digests: a mirror's differ from the publisher's",
}
