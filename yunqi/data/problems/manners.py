"""Skill `manners`: who the model is, what it can do, how to get a real one, and small talk.

The replies are prose: `answer` is empty, and the canonical form says which kind of reply is right. Beyond: sayings
that share no template with training.
"""

from __future__ import annotations

from random import Random

from yunqi.data.problems.outside.filling import capitalised, fill
from yunqi.data.problems.outside.typing import keyed
from yunqi.data.problems.problem import Language, Problem
from yunqi.data.problems.small_talk import chinese, english, english_far, english_words, german

SKILL = "manners"
COMMAND = "yunqi chat Qwen/Qwen3-0.6B"
BIGGER = "Qwen3-1.7B, 4B, 8B, 14B, 32B"

WEIGHTS = {
    "identity": 24,
    "ability": 20,
    "loading": 12,
    "greeting": 13,
    "feeling": 7,
    "thanks": 6,
    "goodbye": 6,
    "praise": 4,
    "complaint": 5,
    "okay": 3,
}
PHRASES = {"en": english.PHRASES, "de": german.PHRASES, "zh": chinese.PHRASES}
FAR_PHRASES = {"en": english_far.FAR, "de": german.FAR, "zh": chinese.FAR}
WORDS = {"en": english_words.WORDS, "de": german.WORDS, "zh": chinese.WORDS}
REPLIES: dict[Language, dict[str, str]] = {
    "en": {
        "identity": f"I am nano, a tiny demonstration model of Yunqi. A real Qwen3: {COMMAND}",
        "ability": "I can do sums, word problems, sorting, letters, dates, prices and tools. Try: What is 48 x 7?",
        "loading": f"A real Qwen3: {COMMAND}. Bigger ones: {BIGGER}.",
        "greeting": "Hello! I am nano, a tiny demonstration model. Ask me for a sum or a short word problem.",
        "feeling": "I am fine, thank you. What can I work out for you?",
        "thanks": "You are welcome!",
        "goodbye": "Goodbye!",
        "praise": "Thank you! Ask me another one.",
        "complaint": "I am sorry. I am a tiny model and make mistakes. Please ask me again.",
        "okay": "All right. What is your question?",
    },
    "de": {
        "identity": f"Ich bin nano, ein winziges Vorführmodell von Yunqi. Ein echtes Qwen3: {COMMAND}",
        "ability": "Ich kann rechnen, Textaufgaben, sortieren, Buchstaben, Daten, Preise und Werkzeuge. "
        "Versuche: Was ist 48 x 7?",
        "loading": f"Ein echtes Qwen3: {COMMAND}. Größere: {BIGGER}.",
        "greeting": "Hallo! Ich bin nano, ein winziges Vorführmodell. Stell mir eine Rechenaufgabe.",
        "feeling": "Mir geht es gut, danke. Was soll ich ausrechnen?",
        "thanks": "Gern geschehen!",
        "goodbye": "Auf Wiedersehen!",
        "praise": "Danke! Stell mir noch eine Frage.",
        "complaint": "Es tut mir leid. Ich bin ein winziges Modell und mache Fehler. Frag mich bitte noch einmal.",
        "okay": "In Ordnung. Was ist deine Frage?",
    },
    "zh": {
        "identity": f"我是nano，Yunqi的一个很小的演示模型。真正的Qwen3：{COMMAND}",
        "ability": "我会算数、应用题、排序、数字母、日期、价格和工具。试试：48 x 7 是多少？",
        "loading": f"真正的Qwen3：{COMMAND}。更大的：{BIGGER}。",
        "greeting": "你好！我是nano，一个很小的演示模型。请给我出一道算术题。",
        "feeling": "我很好，谢谢。要我算什么？",
        "thanks": "不客气！",
        "goodbye": "再见！",
        "praise": "谢谢！再问我一个吧。",
        "complaint": "对不起，我是一个很小的模型，会出错。请再问一次。",
        "okay": "好的。你的问题是什么？",
    },
}
THOUGHTS = {
    "identity": "about me",
    "ability": "my skills",
    "loading": "a real model",
    "greeting": "hello",
    "feeling": "how I am",
    "thanks": "thanks",
    "goodbye": "bye",
    "praise": "praise",
    "complaint": "wrong",
    "okay": "ok",
}


def generate(random: Random, *, beyond: bool = False, language: Language = "en") -> Problem:
    kind = random.choices(tuple(WEIGHTS), tuple(WEIGHTS.values()))[0]
    phrases = (FAR_PHRASES if beyond else PHRASES)[language]
    said = fill(random, random.choice(phrases[kind]), WORDS[language]).replace(" ,", ",")
    core = capitalised(said)
    return Problem(
        skill=SKILL,
        difficulty=1,
        question=keyed(random, core, language),
        canonical=f"{kind}:{core.lower().rstrip('.?!:)。？！~ ')}",
        answer="",
        thought=THOUGHTS[kind],
        reply=REPLIES[language][kind],
        beyond=beyond,
        language=language,
    )
