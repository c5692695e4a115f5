"""Problems, splits, conversations and packing: everything that becomes training tokens. Torch-free."""
