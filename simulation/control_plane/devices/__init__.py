"""Devices of nodes: what stands in for kubelet's device manager, for device plugins and for feature discovery.

A simulated machine has hardware; its node shows a device resource only while a pod that advertises it runs there.
"""
