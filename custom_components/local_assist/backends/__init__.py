"""Language models, each behind the same protocol."""
