"""Clients of the Wyoming speech servers."""
