"""Which things and places of the house a sentence is about."""
