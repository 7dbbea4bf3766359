"""The demo house: a Home Assistant configuration, and how to make a running house of it."""
