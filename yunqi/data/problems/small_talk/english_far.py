"""English small talk in words that training never meets."""

from __future__ import annotations

FAR = {
    "identity": (
        "With whom do I have the pleasure?",
        "State your name and model.",
        "Might I learn what you call yourself?",
    ),
    "ability": ("What is your range of talents?", "Walk me through your features.", "Where do your strengths lie?"),
    "loading": ("Which line in the terminal brings up actual Qwen3 weights?", "How would one upgrade from nano?"),
    "greeting": ("Salutations!", "Ahoy, little model!", "A very good morning to you"),
    "feeling": ("In good spirits?", "How fares it with you?"),
    "thanks": ("I am grateful.", "You have my gratitude."),
    "goodbye": ("I shall take my leave.", "Until we meet again!"),
    "praise": ("Splendid!", "What a marvel you are."),
    "complaint": ("This result disappoints me.", "Your figures do not add up."),
    "okay": ("As you wish", "Affirmative"),
}
