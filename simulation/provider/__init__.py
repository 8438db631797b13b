"""The framework of simulated cloud providers: tables and rules in, a Pulumi provider plugin out.

It refuses what the real cloud refuses, without an account, and knows no cloud by name.
"""
