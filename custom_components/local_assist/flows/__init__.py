"""The steps of setting a house up and of changing it."""
