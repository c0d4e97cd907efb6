"""A world that one seed decides: the log's real code under a simulated machine."""
