"""What the house can look up: the files of a folder, found again passage by passage."""
