"""The last turns: how long each stage took, what was found for it, done and said."""
