"""The HTTP face: OpenAI's and Anthropic's dialects over one internal request. Any `EngineClient` serves it; no torch."""
