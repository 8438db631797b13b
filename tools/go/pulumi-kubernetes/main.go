// Command pulumi-resource-kubernetes is the Kubernetes provider of Pulumi, built from its own module.
package main

import "github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/provider"

// version is the release whose resources, create semantics and SDK this build matches.
const version = "4.25.0"

func main() {
	schema := []byte(`{"name":"kubernetes","version":"` + version + `"}`)
	provider.Serve("kubernetes", version, schema, []byte("{}"))
}
