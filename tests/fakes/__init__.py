"""Stand-ins for what a test machine cannot run."""
