"""Parts of `tools/make_true_size_models.py`."""
