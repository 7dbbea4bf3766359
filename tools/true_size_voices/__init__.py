"""Piper voices of true shape with random weights: see tools/make_true_size_voices.py."""
