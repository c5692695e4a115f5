"""The HTTP face: OpenAI's and Anthropic's dialects over one internal request and any `EngineClient`. No torch."""
