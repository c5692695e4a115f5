"""Model names to local folders. Checkpoints are used where they lie, never copied; only `pull` opens a connection."""
