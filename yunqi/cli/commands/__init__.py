"""One module per command; each defines `command`. Modules import what is slow (torch, the engine) inside it."""
