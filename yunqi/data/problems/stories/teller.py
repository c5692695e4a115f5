"""Tells the events of the plot `flow` in one language: whose things they are, in which tense, joined or apart."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random

from yunqi.data.problems.phrasing import listed
from yunqi.data.problems.problem import Language
from yunqi.data.problems.stories.flow_chinese import CHINESE
from yunqi.data.problems.stories.flow_english import ENGLISH
from yunqi.data.problems.stories.flow_german import GERMAN
from yunqi.data.problems.stories.story import EDIBLE, HOLDERS, ROLES, THINGS, counted, people
from yunqi.data.problems.stories.wording import Wording

WORDINGS: Mapping[Language, Wording] = {"en": ENGLISH, "de": GERMAN, "zh": CHINESE}
FIRST_PERSON_SHARE = 0.12
ROLE_SHARE = 0.15
PAST_SHARE = 0.4
IN_ONE_SHARE, IF_SHARE = 0.3, 0.3
JOINED_SHARE = 0.4
LINKED_SHARE = 0.2
_FORMS = re.compile(r"[^\s/]+(?:/[^\s/.,?]+)+")

MALE_WORDS = {"they": "he", "their": "his", "them": "him"}
FEMALE_WORDS = {"they": "she", "their": "her", "them": "her"}
PRONOUNS = {"boy": MALE_WORDS, "man": MALE_WORDS, "girl": FEMALE_WORDS, "woman": FEMALE_WORDS}

# One, several, several after "mit", and whether it is eaten.
GERMAN_THINGS = tuple(
    tuple(words.split("/"))
    for words in listed(
        "Apfel/Äpfel/Äpfeln/e | Birne/Birnen/Birnen/e | Keks/Kekse/Keksen/e | Nuss/Nüsse/Nüssen/e | Ei/Eier/Eiern/e"
        "| Karte/Karten/Karten/ | Buch/Bücher/Büchern/ | Ball/Bälle/Bällen/ | Stift/Stifte/Stiften/"
        "| Münze/Münzen/Münzen/ | Blume/Blumen/Blumen/ | Stein/Steine/Steinen/ | Murmel/Murmeln/Murmeln/"
        "| Bonbon/Bonbons/Bonbons/e | Orange/Orangen/Orangen/e | Sticker/Sticker/Stickern/"
    )
)
# The thing, its measure word, and whether it is eaten.
CHINESE_THINGS = tuple(
    tuple(words.split("/"))
    for words in listed(
        "苹果/个/e | 梨/个/e | 鸡蛋/个/e | 糖/颗/e | 饼干/块/e | 书/本/ | 铅笔/支/ | 卡片/张/ | 球/个/ "
        "| 花/朵/ | 杯子/个/ | 气球/个/"
        "| 邮票/张/ | 硬币/枚/ | 橘子/个/e | 石头/块/"
    )
)
CHINESE_NAMES = tuple(
    tuple(words.split("/"))
    for words in listed(
        "小明/他 | 小红/她 | 小华/他 | 小丽/她 | 小刚/他 | 小芳/她 | 小军/他 | 小强/他 | 小美/她 | 李明/他 "
        "| 王芳/她 | 丽丽/她"
    )
)


@dataclass(frozen=True, slots=True)
class Event:
    """What happens and its numbers: an amount, or a count of holders and what each holds."""

    kind: str
    numbers: tuple[int, ...]


class Teller:
    """One telling: its people, thing and tense are drawn at once."""

    def __init__(self, random: Random, language: Language) -> None:
        self.random, self.wording = random, WORDINGS[language]
        self.language: Language = language
        self.form = int(random.random() < PAST_SHARE)
        self.fixed, self.later, self.thing, self.edible = _cast(random, language)
        self.first_person = self.fixed["p"] == "I"

    def tell(self, start: Event, events: Sequence[Event], total: int) -> tuple[tuple[str, ...], str, str]:
        """The sentences, the question and the reply."""
        share = self.random.choice(self.wording.shares)
        sentences = [self._sentence(self._opening(start))]
        self.fixed = {**self.fixed, **self.later}
        sentences = self._in_one(sentences + self._events(events, share[0]))
        shared = bool(events) and events[-1].kind == "share"
        ask = self.random.choice(share[1] if shared else self.wording.asks)
        personal = "{p}" in ask or "{they}" in ask
        said = share[2] if shared else self.wording.replies[0 if personal else 1]
        reply = self._filled(said, {"n": total}, present=True)
        if self.first_person and not shared and personal:
            reply = f"Now you have {total}."
        question = self._capital(self._filled(ask, {}, present=True))
        one = len(sentences) == 1 and ". " not in sentences[0]
        if one and self.language == "en" and self.random.random() < IF_SHARE:
            asked = self._inner(question.removeprefix("So "))
            sentences, question = [], f"If {self._inner(sentences[0][:-1])}, {asked}"
        return tuple(sentences), question, self._capital(reply)

    def _in_one(self, sentences: list[str]) -> list[str]:
        """Now and then what the hero has and what the hero does with it, if both begin with the hero, as one sentence:
        Tom has 3 apples and eats 5."""
        if len(sentences) < 2 or self.random.random() >= IN_ONE_SHARE:
            return sentences
        first, second, *others = sentences
        border = "" if self.language == "zh" else " "
        heroes = [self._capital(self.fixed[name]) + border for name in ("p", "they")]
        subject = next((hero for hero in heroes if second.startswith(hero)), None)
        if subject is None or not first.startswith(tuple(heroes)):
            return sentences
        joint = "，" if self.language == "zh" else self.wording.joint
        return [first[:-1] + joint + second[len(subject) :], *others]

    def _inner(self, sentence: str) -> str:
        """A sentence within another: only a name or I keeps its large letter."""
        names = (self.fixed["p"], self.fixed["q"], "I ")
        return sentence if sentence.startswith(names) else sentence[:1].lower() + sentence[1:]

    def _opening(self, start: Event) -> str:
        if start.kind == "rows":
            return self._filled(self.random.choice(self.wording.have_rows), _row(start))
        return self._filled(self.random.choice(self.wording.have), {"n": self._counted(start.numbers[0])})

    def _events(self, events: Sequence[Event], share: Sequence[str]) -> list[str]:
        """One sentence an event, or one for two or three things the hero does."""
        sentences: list[str] = []
        open_: list[str] = []
        for event in events:
            predicate = self._predicate(event, share)
            if predicate is None or (open_ and self.random.random() >= JOINED_SHARE) or len(open_) == 3:
                sentences += self._close(open_)
            if predicate is None:
                sentences.append(self._sentence(self._phrase(self.wording.happens[event.kind], event)))
            else:
                open_.append(predicate)
        return sentences + self._close(open_)

    def _predicate(self, event: Event, share: Sequence[str]) -> str | None:
        """What the hero does, unless it happens to the hero."""
        if event.kind == "share":
            return self._phrase(share, event)
        does, happens = self.wording.does.get(event.kind, ()), self.wording.happens.get(event.kind, ())
        if not does or self.random.random() * (len(does) + len(happens)) >= len(does):
            return None
        return self._phrase(self._edible(does, event), event)

    def _edible(self, texts: Sequence[str], event: Event) -> Sequence[str]:
        eats = event.kind == "lose" and self.edible and self.random.random() < 0.35
        return self.wording.does["eat"] if eats else texts

    def _close(self, predicates: list[str]) -> list[str]:
        """The predicates as one sentence, now and then tied to the one before."""
        if not predicates:
            return []
        body = predicates[-1]
        if len(predicates) > 1:
            body = self.wording.comma.join(predicates[:-1]) + self.wording.joint + predicates[-1]
        subject = self.fixed["they"] if self.random.random() < 0.85 else self.fixed["p"]
        predicates.clear()
        link = self.random.choice(self.wording.links) if self.random.random() < LINKED_SHARE else ""
        if self.language == "zh":
            return [f"{link}{subject if self.random.random() < 0.7 else ''}{body}。"]
        if link and self.language == "de":
            verb, _, rest = body.partition(" ")
            return [f"{link} {verb} {subject} {rest}."]
        return [self._sentence(f"{link} {subject} {body}.".strip())]

    def _phrase(self, texts: Sequence[str], event: Event) -> str:
        template = self.random.choice(texts)
        if event.kind in ("hold", "drop"):
            return self._filled(template, _row(event))
        if event.kind == "share":
            return self._filled(template, {"k": event.numbers[0]})
        if not event.numbers:
            return self._filled(template, {})
        number = event.numbers[0]
        bare = " of them" in template or "{things}" in template or " davon" in template or self.random.random() < 0.6
        return self._filled(template, {"n": self._bare(number) if bare else self._counted(number)})

    def _bare(self, number: int) -> str:
        return f"{number}{self.thing[1]}" if self.language == "zh" else str(number)

    def _counted(self, number: int) -> str:
        if self.language == "zh":
            return f"{number}{self.thing[1]}{self.thing[0]}"
        return counted(number, (self.thing[0], self.thing[1]))

    def _filled(self, template: str, values: Mapping[str, object], *, present: bool = False) -> str:
        text = template.format(**{**self.fixed, **values})
        return _FORMS.sub(lambda found: self._verb(found[0].split("/"), present=present), text)

    def _verb(self, forms: list[str], *, present: bool) -> str:
        past = self.form == 1 and not present
        return forms[1] if past else forms[2] if self.first_person and len(forms) > 2 else forms[0]

    def _sentence(self, text: str) -> str:
        return text if self.language == "zh" else self._capital(text)

    def _capital(self, text: str) -> str:
        return re.sub(r"(?:^|(?<=\. ))[a-zäöü]", lambda found: found[0].upper(), text)


def _row(event: Event) -> dict[str, object]:
    return {"k": event.numbers[0], "m": event.numbers[1]}


def _cast(random: Random, language: Language) -> tuple[dict[str, str], dict[str, str], tuple[str, ...], bool]:
    """The words of hero, other and thing; what the hero is called from the second sentence on; the thing."""
    if language == "zh":
        (hero, they), (other, _) = random.sample(CHINESE_NAMES, 2)
        thing = random.choice(CHINESE_THINGS)
        return {"p": hero, "they": they, "q": other, "thing": thing[0], "c": thing[1]}, {}, thing, thing[2] == "e"
    hero, other = people(random, 2)
    if language == "de":
        thing = random.choice(GERMAN_THINGS)
        female = hero.they == "she"
        words = (
            {"they": "sie", "them": "ihr", "their": "ihr"} if female else {"they": "er", "them": "ihm", "their": "sein"}
        )
        return (
            {"p": hero.name, "q": other.name, "things": thing[1], "dative": thing[2], **words},
            {},
            thing,
            thing[3] == "e",
        )
    thing, holder = random.choice(THINGS), random.choice(HOLDERS)
    words = {"p": hero.name, "ps": f"{hero.name}'s", "they": hero.they, "their": hero.their, "them": hero.them}
    later: dict[str, str] = {}
    kind = random.random()
    if kind < FIRST_PERSON_SHARE:
        words = {"p": "I", "ps": "my", "they": "I", "their": "my", "them": "me"}
    elif kind < FIRST_PERSON_SHARE + ROLE_SHARE:
        role, *things = random.choice(ROLES)
        thing = _role_thing(random.choice(things))
        words |= PRONOUNS.get(role, {}) | {"p": f"a {role}", "ps": f"the {role}'s"}
        later = {"p": f"the {role}"}
    fixed = {**words, "q": other.name, "things": thing[1], "holder": holder[0], "holders": holder[1]}
    return fixed, later, thing, thing[1] in EDIBLE


def _role_thing(plural: str) -> tuple[str, str]:
    """The number before a thing is never one where a role has it, so that its plural will do."""
    return (plural, plural)
