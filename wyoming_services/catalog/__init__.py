"""Speech models on disk and on the hub: what is here, what it speaks, and getting what is not."""
