"""Verbs and nouns that name tools. Verbs stand in groups of the same meaning; each room of nouns has its own verbs."""

from __future__ import annotations

from dataclasses import dataclass

from yunqi.data.problems.phrasing import listed

Group = tuple[str, ...]


def _groups(text: str) -> tuple[Group, ...]:
    return tuple(tuple(group.split("=")) for group in listed(text))


GENERAL = _groups(
    "create=make | add | delete=remove | find=look up | get=fetch | show=display | update=change | send | "
    "check=verify | open | close | save=store | copy=duplicate | share | rename | move | review=inspect | count | "
    "list | search | set"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Field:
    """Nouns that go together and the verbs that only they take."""

    verbs: tuple[Group, ...]
    nouns: tuple[str, ...]


FIELDS = (
    Field(
        verbs=_groups("book=reserve | cancel | confirm | rate | extend | recommend"),
        nouns=listed(
            "table | room | hotel | flight | seat | ticket | taxi | train | tour | bus | cabin | boat | car | trip | "
            "restaurant | museum | cruise | parking spot | tent | van | villa | ferry"
        ),
    ),
    Field(
        verbs=_groups("write | read | sign | translate | archive | download | upload | scan | edit | attach | print"),
        nouns=listed(
            "invoice | letter | report | file | note | email | form | contract | page | photo | article | message | "
            "document | poem | map | receipt | folder | comment | recipe | list | card | video"
        ),
    ),
    Field(
        verbs=_groups(
            "start | stop | reset | test | repair=fix | install | connect | clean | charge | replace | turn on"
        ),
        nouns=listed(
            "lamp | heater | door | radio | alarm | camera | robot | printer | engine | server | pump | oven | light | "
            "window | phone | sensor | battery | screen | motor | timer | speaker | drone | machine"
        ),
    ),
    Field(
        verbs=_groups("order=buy | sell | ship=deliver | return | pack | track | wrap | weigh"),
        nouns=listed(
            "pizza | shirt | book | parcel | cake | bike | chair | coat | sofa | gift | box | toy | watch | ring | "
            "hat | plant | burger | salad | coffee | guitar | product | item"
        ),
    ),
    Field(
        verbs=_groups("invite | call | hire | greet | train | pay | assign | promote | register | block | thank"),
        nouns=listed(
            "player | customer | student | patient | team | guest | driver | teacher | doctor | friend | worker | "
            "member | user | manager | singer | nurse | client | visitor | group | pilot"
        ),
    ),
    Field(
        verbs=_groups("plan=schedule | join | postpone | announce | host | begin"),
        nouns=listed(
            "meeting | party | concert | lesson | game | exam | race | show | dinner | event | class | wedding | "
            "interview | match | picnic | course | festival | appointment | reminder | task"
        ),
    ),
    Field(
        verbs=_groups("post | publish | merge | compute=calculate | convert | compare | reduce | approve | measure"),
        nouns=listed(
            "account | score | price | loan | budget | payment | discount | tax | project | password | order | rule | "
            "stock | rate | bill | salary | fee | address | balance | route | distance | area | vote | value"
        ),
    ),
)
# Verbs that people leave out: "I need a table for four."
WANTED = frozenset({"book", "reserve", "order", "buy", "get", "find", "create", "make"})
