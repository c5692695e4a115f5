"""Small talk, and declining what lies outside.

A question outside is declined by naming the command that starts a bigger model. Small talk is answered in kind: with a
sign of what was meant, in the language of the question, and without declining.
"""

from __future__ import annotations

import re

from yunqi.data.problems.problem import Language, Problem

_COMMAND = re.compile(r"\byunqi\s+chat\b", re.IGNORECASE)
_UNABLE = re.compile(
    r"cannot|can ?not|can[’']?t|unable|not able|not know|don[’']t know|beyond|outside|too (?:hard|big|much|difficult)"
    r"|\bnicht\b|außerhalb|\bzu (?:schwer|groß)|不会|不能|无法|不知道|回答不了|超出|太难",
    re.IGNORECASE,
)
# Who tells what it is, what it can or how to load more names the command too: only its inability would be declining.
_MAY_NAME_THE_COMMAND = ("identity", "ability", "loading")
_SIGNS: dict[str, dict[Language, str]] = {
    "ability": {
        "en": r"\badd|\bsums?\b|multipl|calculat|arithmetic|numbers|word problem|sort|letters|weekday|price|countdown",
        "de": r"rechn|zahlen|aufgaben|addier|sortier|buchstaben|wochentag|preise",
        "zh": "计算|算|加|乘|数|排序|字母|星期|价格",
    },
    "greeting": {
        "en": r"\b(?:hello|hi|hey|welcome|greetings|howdy|good (?:morning|afternoon|evening|day)|nice to)\b",
        "de": r"\b(?:hallo|guten (?:tag|morgen|abend)|moin|servus|grüß|willkommen|hi|hey)",
        "zh": "你好|您好|嗨|哈喽|早上好|下午好|晚上好|早|欢迎",
    },
    "thanks": {
        "en": r"\b(?:welcome|pleasure|glad|no problem|not at all|any ?time|happy|don't mention)\b",
        "de": r"\b(?:gern|bitte|kein problem|keine ursache|freut)",
        "zh": "不客气|不用谢|不谢|没关系|很高兴|别客气",
    },
    "goodbye": {
        "en": r"\b(?:good ?bye|bye|see you|take care|farewell|good night|until|so long|later|have a)\b",
        "de": r"\b(?:tschüss|tschüs|wiedersehen|bis (?:bald|dann|später|zum)|mach'?s gut|ciao|gute nacht)",
        "zh": "再见|拜拜|回见|下次见|晚安|回头见",
    },
    "feeling": {
        "en": r"\b(?:fine|well|good|great|ready|happy|okay|ok|thanks|thank you)\b",
        "de": r"\b(?:gut|prima|bestens|danke|super)\b",
        "zh": "好|不错|开心|谢谢",
    },
    "praise": {"en": r"\b(?:thanks?|glad|happy|kind)\b", "de": r"\b(?:danke|freut|nett)", "zh": "谢谢|高兴|开心|过奖"},
    "complaint": {
        "en": r"\b(?:sorry|apologi[sz]e|mistakes?)\b",
        "de": r"\b(?:leid|entschuldig|fehler)",
        "zh": "抱歉|对不起|不好意思|错",
    },
    "okay": {
        "en": r"\b(?:all right|alright|ok|okay|good|great|fine|ask|question|ready)\b",
        "de": r"\b(?:ordnung|gut|okay|ok|frag|frage|bereit)\b",
        "zh": "好|问题|问我|可以",
    },
}
_NAMES = {"identity": ("nano", "yunqi", "qwen3"), "loading": (r"\byunqi\b", "qwen3")}
_SCRIPTS: dict[Language, str] = {"en": "[A-Za-z]", "de": "[A-Za-zäöüß]", "zh": "[\u4e00-\u9fff]"}


def declined(text: str) -> bool:
    """Whether a text points to a bigger model instead of answering."""
    return _COMMAND.search(text) is not None


def declining(problem: Problem, text: str) -> bool:
    """`decline:<question>`."""
    return declined(text) and _holds(_SCRIPTS[problem.language], text)


def manners(problem: Problem, text: str) -> bool:
    """`identity:<question>`, `ability:`, `greeting:` and so on."""
    kind = problem.canonical.partition(":")[0]
    if kind == "decline":
        return declining(problem, text)
    declines = declined(text) and (kind not in _MAY_NAME_THE_COMMAND or _UNABLE.search(text) is not None)
    signs = _NAMES[kind] if kind in _NAMES else (_SIGNS[kind][problem.language],)
    return not declines and all(_holds(sign, text) for sign in (*signs, _SCRIPTS[problem.language]))


def _holds(sign: str, text: str) -> bool:
    return re.search(sign, text, re.IGNORECASE) is not None
