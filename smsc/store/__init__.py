"""Where messages wait: one batch, one fsync, then the acknowledgement."""
