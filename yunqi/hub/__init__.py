"""Model names to local folders. Checkpoints are used where they lie, never copied; nothing here opens a connection."""
