"""The command line: calls the packages below it and prints what they return."""
