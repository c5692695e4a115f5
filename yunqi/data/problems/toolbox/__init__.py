"""What tools, their results and records to extract are made of: values, words, parameters and their grammar."""
