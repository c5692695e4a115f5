"""What passes between rooms, as plain frozen data. Nothing here imports torch, and nothing here does any work."""
