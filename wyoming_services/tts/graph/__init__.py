"""Voices as ONNX graphs: cut before the vocoder once, then decoded in windows."""
