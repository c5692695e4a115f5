"""Skill `manners`: who the model is, greetings, and questions it cannot answer and therefore declines.

The replies are prose: `answer` is empty, and the canonical form says which kind of reply is right. Beyond: questions
about fields that no training question touches.
"""

from __future__ import annotations

from random import Random

from yunqi.data.problems.outside import FAR_OUTSIDE, OUTSIDE
from yunqi.data.problems.phrasing import careless
from yunqi.data.problems.problem import Language, Problem

SKILL = "manners"
COMMAND = "yunqi chat Qwen/Qwen3-0.6B"

IDENTITY = (
    "Who are you?",
    "What are you?",
    "What is your name?",
    "Who made you?",
    "Introduce yourself.",
    "Tell me about yourself.",
    "Are you ChatGPT?",
    "Are you a human?",
    "Are you Qwen?",
    "Which model are you?",
    "What model is this?",
    "Who am I talking to?",
    "Are you an AI?",
    "How big are you?",
    "How many parameters do you have?",
    "What does nano mean?",
    "What is Yunqi?",
)
ABILITY = (
    "What can you do?",
    "How can you help me?",
    "What can I ask you?",
    "What are you good at?",
    "Help",
    "What do you know?",
    "Can you help me?",
    "What kind of questions do you answer?",
    "Show me what you can do.",
    "What else can you do?",
    "Give me an example.",
    "Can you do math?",
    "Can you calculate?",
)
GREETING = (
    "Hello",
    "Hello!",
    "Hi",
    "Hi!",
    "Hi there",
    "Hey",
    "Good morning",
    "Good morning!",
    "Good evening",
    "Hello nano",
    "Hey, how are you?",
    "How are you?",
    "How are you doing?",
    "What's up?",
    "Hello, how are you today?",
)
THANKS = ("Thanks", "Thank you!", "Thank you very much.", "Great, thanks.", "Nice!", "Well done.", "Good job", "Cool")
GOODBYE = ("Bye", "Goodbye!", "See you later.", "Good night", "Bye bye", "Have a nice day!")

REPLIES = {
    "identity": (
        "I am nano, a tiny demonstration model of Yunqi. I add, subtract, multiply and solve short word problems."
    ),
    "ability": "I can add, subtract, multiply and solve short word problems. Try: What is 48 x 7?",
    "greeting": "Hello! I am nano, a tiny demonstration model. Ask me for a sum or a short word problem.",
    "thanks": "You are welcome!",
    "goodbye": "Goodbye!",
    "decline": f"Sorry, I am only a tiny demonstration model and cannot answer that. A real model can: {COMMAND}",
}
THOUGHTS = {
    "identity": "They ask about me.",
    "ability": "They ask what I can do.",
    "greeting": "A greeting.",
    "thanks": "Thanks, no question.",
    "goodbye": "They leave.",
    "decline": "This is not something I can work out.",
}
KINDS = ("identity", "ability", "greeting", "thanks", "goodbye", "decline")
KIND_WEIGHTS = (12, 9, 9, 4, 4, 62)
SENTENCES = {"identity": IDENTITY, "ability": ABILITY, "greeting": GREETING, "thanks": THANKS, "goodbye": GOODBYE}


def generate(random: Random, *, beyond: bool = False, language: Language = "en") -> Problem:
    kind = "decline" if beyond else random.choices(KINDS, KIND_WEIGHTS)[0]
    if kind == "decline":
        template, fillings = random.choice(FAR_OUTSIDE if beyond else OUTSIDE)
        question = template.format(x=random.choice(fillings))
    else:
        question = random.choice(SENTENCES[kind])
    return Problem(
        skill=SKILL,
        difficulty=1,
        question=careless(random, question),
        canonical=f"{kind}:{question.lower().rstrip('.?! ')}",
        answer="",
        thought=THOUGHTS[kind],
        reply=REPLIES[kind],
        beyond=beyond,
    )
