"""The plots of word problems. `words` picks one; each plot returns a `Story` and knows nothing of the others."""
