"""The native core as a backend of the ops: packed weights, and steps recorded once and replayed without Python."""
