"""Starts the demo's programs, sets Local Assist up as a person would, and speaks to the house."""
