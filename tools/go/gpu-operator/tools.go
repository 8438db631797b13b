//go:build tools

// Package tools pins what this module builds.
package tools

import (
	_ "github.com/NVIDIA/gpu-operator/cmd/gpu-operator"
)
