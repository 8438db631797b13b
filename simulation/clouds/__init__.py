"""Simulated clouds: provider plugins that refuse what the real cloud refuses, without an account.

The framework in this folder knows no cloud; each cloud is a folder of tables and rules.
"""
