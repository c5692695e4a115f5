"""Ops in Triton, where torch's own need too many launches on a GPU. Imported only where a tensor is on one."""
