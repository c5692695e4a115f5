"""Training: packed data -> loss -> checkpoint -> a model in the official layout."""
