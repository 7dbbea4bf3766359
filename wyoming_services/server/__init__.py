"""The network side of the speech servers: listening, connections, worker threads, discovery."""
