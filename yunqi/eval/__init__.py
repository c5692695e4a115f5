"""Evaluation: tasks, verifiers written apart from the generators, intervals and baselines."""
