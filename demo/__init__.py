"""The demo: a real house to talk to, through real Home Assistant and real speech servers."""
