"""Messages <-> token ids, without torch: tokenizer, chat renderers, stream machine, stop strings, sampling defaults."""
