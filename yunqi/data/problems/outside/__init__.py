"""Questions that a tiny model cannot answer: templates by field, and the words that fill them."""
