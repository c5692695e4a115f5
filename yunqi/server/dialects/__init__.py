"""One folder per dialect: wire types, what they ask as a `ChatRequest`, and encoders of the same ordered events."""
