"""Devices of nodes: what stands in for kubelet's device manager, for device plugins and for feature discovery.

The same process stands in for controllers of operators whose pods only say that they run.

A simulated machine has hardware; its node shows a device resource only while a pod that advertises it runs there.
"""
