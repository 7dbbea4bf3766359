"""The command line: flags and environment variables become configurations; errors, exit codes."""
