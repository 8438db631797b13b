//go:build tools

// Package tools pins what this module builds.
package tools

import (
	_ "github.com/envoyproxy/gateway/cmd/envoy-gateway"
)
