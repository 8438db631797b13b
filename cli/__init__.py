"""The command line: thin, calls the rooms below it and prints."""
