"""The words of the plot `flow`, in three languages.

What the hero does is a predicate, so that two of them share a sentence; what happens to the hero is a whole sentence.
`buys/bought/buy` is a verb in the present, in the past and with `I`. `{n}` is an amount, alone or with the thing beside
it; `{k}` holders hold `{m}` each.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from yunqi.data.problems.phrasing import listed
from yunqi.data.problems.problem import Language


@dataclass(frozen=True, kw_only=True, slots=True)
class Wording:
    have: tuple[str, ...]
    have_rows: tuple[str, ...]
    does: Mapping[str, tuple[str, ...]]
    happens: Mapping[str, tuple[str, ...]]
    links: tuple[str, ...]
    comma: str
    joint: str
    asks: tuple[str, ...]
    replies: tuple[str, str]
    # How the end is shared: what is done, what is asked, what is replied.
    shares: tuple[tuple[tuple[str, ...], tuple[str, ...], str], ...]


ENGLISH = Wording(
    have=listed(
        "{p} has/had/have {n}. | {p} has/had/have {n}. | {p} has/had/have {n}. | {p} has/had/have got {n}."
        "| {p} owns/owned/own {n}. | {p} starts/started/start with {n}. | at first {p} has/had/have {n}."
        "| there are/were {n} in {ps} bag. | {p} collected {n}. | {p} brought {n} to school. | {p} bought {n}."
        "| {p} has/had/have a collection of {n}. | {p} keeps/kept/keep {n} in a box. | {p} picked {n}. | {p} made {n}."
        "| in the morning {p} has/had/have {n}. | {p} has/had/have {n} on the table. | {p} got {n} for {their} birthday."
        "| there are/were {n} on {ps} desk. | {p} begins/began/begin the day with {n}. | {p} carries/carried/carry {n}."
        "| {p} found {n} in the garden. | {p} counts/counted/count {n}."
    ),
    have_rows=listed(
        "{p} has/had/have {k} {holders} with {m} {things} in each. | {p} buys/bought/buy {k} {holders} of {m} {things}."
        "| {p} packs/packed/pack {k} {holders} with {m} {things} each. | {p} has/had/have {k} {holders} of {m} {things} each."
        "| each {holder} holds/held {m} {things}. {p} has/had/have {k} {holders}. | {p} fills/filled/fill {k} {holders}"
        " with {m} {things} each. | there are/were {m} {things} in a {holder}, and {p} has/had/have {k} {holders}."
        "| {p} makes/made/make {m} {things} a day for {k} days. | {p} gets/got/get {m} {things} every day for {k} days."
    ),
    does={
        "get": listed(
            "buys/bought/buy {n} more | gets/got/get {n} more | finds/found/find {n} more | buys/bought/buy {n}"
            "| wins/won/win {n} | gets/got/get {n} from {q} | receives/received/receive {n} from {q}"
            "| finds/found/find {n} | adds/added/add {n} | picks/picked/pick {n} more | makes/made/make {n} more"
            "| collects/collected/collect another {n} | earns/earned/earn {n} more | takes/took/take {n} more from the shelf"
            "| puts/put/put {n} more with them | buys/bought/buy another {n} | borrows/borrowed/borrow {n} from {q}"
            "| discovers/discovered/discover {n} more at home | wins/won/win {n} more"
        ),
        "lose": listed(
            "gives/gave/give {n} to {q} | gives/gave/give {q} {n} | loses/lost/lose {n} | sells/sold/sell {n}"
            "| uses/used/use {n} | breaks/broke/break {n} of them | throws/threw/throw away {n} | sells/sold/sell {n} of them"
            "| puts/put/put {n} aside for {q} | uses/used/use up {n} of them | gives/gave/give away {n}"
            "| gives/gave/give away {n} of them | hands/handed/hand {n} to {q} | donates/donated/donate {n}"
            "| drops/dropped/drop {n} | trades/traded/trade {n} away | gives/gave/give {n} to {their} brother"
            "| gives/gave/give {their} sister {n} | lends/lent/lend {n} to {q} | sends/sent/send {n} to {their} friend"
            "| leaves/left/leave {n} at school | gives/gave/give {their} friends {n} | loses/lost/lose {n} of them"
        ),
        "eat": listed("eats/ate/eat {n} | eats/ate/eat {n} of them | eats/ate/eat {n} {things}"),
        "hold": listed(
            "buys/bought/buy {k} {holders} with {m} {things} each | gets/got/get {k} {holders} of {m} {things} each"
            "| buys/bought/buy {k} more {holders} of {m} | finds/found/find {k} {holders} with {m} {things} in each"
        ),
        "drop": listed(
            "gives/gave/give {m} {things} to each of {k} friends | sells/sold/sell {k} {holders} of {m} {things} each"
            "| gives/gave/give {k} friends {m} {things} each | loses/lost/lose {m} {things} a day for {k} days"
        ),
        "double": listed("doubles/doubled/double what {they} has/had/have"),
        "half": listed(
            "gives/gave/give half of them to {q} | loses/lost/lose half of them | sells/sold/sell half of them"
            "| gives/gave/give away half | uses/used/use half of them | gives/gave/give {q} half of {their} {things}"
        ),
    },
    happens={
        "get": listed(
            "{q} gives/gave {them} {n}. | then {q} gives/gave {them} {n} more. | {their} mother gives/gave {them} {n} more."
            "| {q} brings/brought {them} {n} more. | {their} brother gives/gave {them} {n}. | {q} gives/gave {p} {n} more."
            "| on Monday {they} gets/got/get {n} more. | for {their} birthday {they} gets/got/get {n} more."
            "| {p} finds/found/find {n} more. | {p} buys/bought/buy {n} more. | {their} aunt sends/sent {them} {n}."
            "| a friend gives/gave {them} {n} more. | the next day {they} finds/found/find {n}."
        ),
        "lose": listed(
            "{q} takes/took {n} of them. | on Sunday {they} gives/gave/give away {n}. | {n} get/got lost."
            "| {n} of them break/broke. | {q} buys/bought {n} of them. | {p} gives/gave/give {q} {n}. | {p} loses/lost/lose {n}."
            "| {n} of them are/were stolen. | {their} sister takes/took {n}. | {n} are/were thrown away. | {q} borrows/borrowed {n}."
        ),
        "eat": listed(
            "{q} eats/ate {n}. | {n} of them are/were eaten. | {p} eats/ate/eat {n} {things}. | {their} dog eats/ate {n}."
        ),
        "hold": listed(
            "{q} gives/gave {them} {k} {holders} with {m} {things} in each. | {q} brings/brought {k} {holders} of {m}."
        ),
        "double": listed("{q} doubles/doubled {their} {things}. | the next day {they} has/had/have twice as many."),
        "triple": listed("a week later {they} has/had/have 3 times as many."),
        "half": listed(
            "{q} takes/took half of them. | half of them get/got lost. | half of the {things} are/were sold."
        ),
    },
    links=listed("Then | After that, | Next, | Later | Afterwards | Today | Later on, | The next day"),
    comma=", ",
    joint=" and ",
    asks=listed(
        "How many {things} does/does/do {p} have now? | How many {things} does/does/do {p} have in the end?"
        "| How many {things} are left? | How many {things} does/does/do {they} have? | How many does/does/do {p} have now?"
        "| How many {things} remain? | How many {things} does/does/do {p} have left? | How many {things} are there now?"
        "| How many does/does/do {p} have left? | What is the number of {things} now? | How many does/does/do {they} have now?"
        "| How many {things} does/does/do {they} have now? | How many {things} are left in the end? | How many are left?"
        "| How many {things} does/does/do {they} have left? | So how many {things} does/does/do {p} have?"
        "| How many {things} are there in the end? | How many {things} did {p} have in the end? | How many now?"
    ),
    replies=("Now {p} has/has/have {n}.", "Now there are {n}."),
    shares=(
        (
            listed(
                "shares/shared/share them equally among {k} friends | divides/divided/divide them equally among {k} friends"
            ),
            listed(
                "How many {things} does each friend get? | How many does each friend get? | How many does each one get?"
            ),
            "Each gets {n}.",
        ),
        (
            listed(
                "puts/put/put them all equally into {k} {holders} | packs/packed/pack them evenly into {k} {holders}"
            ),
            listed("How many {things} are in each {holder}? | How many {things} does one {holder} hold?"),
            "There are {n} in each.",
        ),
        (
            listed(
                "divides/divided/divide them equally into {k} groups | splits/split/split them into {k} equal groups"
            ),
            listed("How many {things} are in each group? | How large is each group?"),
            "There are {n} in each.",
        ),
        (
            listed("packs/packed/pack them into {holders} of {k} | puts/put/put {k} of them in each {holder}"),
            listed("How many {holders} does/does/do {they} need? | How many {holders} are there?"),
            "There are {n}.",
        ),
    ),
)
GERMAN = Wording(
    have=listed(
        "{p} hat/hatte {n}. | {p} hat/hatte {n}. | {p} besitzt/besaß {n}. | am Anfang hat/hatte {p} {n}."
        "| {p} sammelt/sammelte {n}. | {p} kauft/kaufte {n}. | {p} findet/fand {n}. | {p} bekommt/bekam {n}."
        "| {p} hat/hatte zuerst {n}. | auf dem Tisch von {p} liegen/lagen {n}."
    ),
    have_rows=listed(
        "{p} hat/hatte {k} Kisten mit je {m} {dative}. | {p} kauft/kaufte {k} Tüten mit je {m} {dative}."
        "| in jeder von {k} Kisten sind/waren {m} {things}. | {p} füllt/füllte {k} Körbe mit je {m} {dative}."
    ),
    does={
        "get": listed(
            "kauft/kaufte {n} dazu | findet/fand noch {n} | bekommt/bekam {n} dazu | gewinnt/gewann {n}"
            "| bekommt/bekam {n} von {q} | holt/holte {n} dazu | sammelt/sammelte noch {n} | kauft/kaufte noch {n}"
            "| nimmt/nahm noch {n} dazu | leiht/lieh sich {n} von {q} | erhält/erhielt noch {n}"
        ),
        "lose": listed(
            "verliert/verlor {n} | verkauft/verkaufte {n} | verschenkt/verschenkte {n} | gibt/gab {q} {n}"
            "| verbraucht/verbrauchte {n} | schenkt/schenkte {q} {n} | wirft/warf {n} weg | gibt/gab {n} weg"
            "| verkauft/verkaufte {n} davon | gibt/gab {n} davon an {q} | verleiht/verlieh {n} | tauscht/tauschte {n} weg"
        ),
        "eat": listed("isst/aß {n} | isst/aß {n} davon"),
        "hold": listed("kauft/kaufte {k} Tüten mit je {m} {dative} | bekommt/bekam {k} Kisten mit je {m} {dative}"),
        "drop": listed("gibt/gab {k} Freunden je {m} {things} | verkauft/verkaufte {k} Tüten mit je {m} {dative}"),
        "half": listed(
            "verschenkt/verschenkte die Hälfte | verliert/verlor die Hälfte | gibt/gab {q} die Hälfte davon"
        ),
    },
    happens={
        "get": listed(
            "{q} gibt/gab {them} {n}. | {q} schenkt/schenkte {them} {n}. | dann bringt/brachte {q} {them} noch {n}."
            "| {their} Bruder gibt/gab {them} {n}."
        ),
        "lose": listed("{q} nimmt/nahm {n} davon. | {n} gehen/gingen verloren. | {n} davon gehen/gingen kaputt."),
        "double": listed("am nächsten Tag hat/hatte {they} doppelt so viele. | dann verdoppelt/verdoppelte {q} alles."),
        "triple": listed("eine Woche später hat/hatte {they} 3-mal so viele."),
        "half": listed("{q} nimmt/nahm die Hälfte davon."),
    },
    links=listed("Dann | Danach | Später | Heute | Am Abend"),
    comma=", ",
    joint=" und ",
    asks=listed(
        "Wie viele {things} hat {p} jetzt? | Wie viele {things} hat {p} am Ende? | Wie viele {things} sind übrig?"
        "| Wie viele {things} hat {they} noch? | Wie viele hat {p} jetzt? | Wie viele {things} bleiben {p}?"
        "| Wie viele {things} sind es jetzt? | Wie viele {things} hat {they} nun? | Wie viele bleiben übrig?"
    ),
    replies=("Jetzt hat {p} {n}.", "Jetzt sind es {n}."),
    shares=(
        (
            listed(
                "teilt/teilte sie gerecht unter {k} Freunden auf | verteilt/verteilte sie gleichmäßig an {k} Freunde"
            ),
            listed("Wie viele {things} bekommt jeder? | Wie viele bekommt jeder? | Wie viele erhält jeder Freund?"),
            "Jeder bekommt {n}.",
        ),
        (
            listed("legt/legte sie gleichmäßig in {k} Kisten | packt/packte sie gleichmäßig in {k} Kisten"),
            listed("Wie viele {things} sind in jeder Kiste? | Wie viele sind in jeder Kiste?"),
            "In jeder sind {n}.",
        ),
    ),
)
CHINESE = Wording(
    have=listed(
        "{p}有{n}。 | {p}有{n}。 | {p}原来有{n}。 | {p}一开始有{n}。 | {p}买了{n}。 | {p}家里有{n}。 | {p}手里有{n}。"
    ),
    have_rows=listed(
        "{p}有{k}盒{thing}，每盒{m}{c}。 | {p}买了{k}袋{thing}，每袋有{m}{c}。 | 每盒有{m}{c}{thing}，{p}有{k}盒。"
    ),
    does={
        "get": listed(
            "又买了{n} | 又得到{n} | 捡到{n} | 又拿了{n} | 赢了{n} | 从{q}那里得到{n} | 又找到{n} | 再买{n} | 又带来{n} | 又做了{n}"
        ),
        "lose": listed(
            "给了{q}{n} | 丢了{n} | 用了{n} | 卖了{n} | 送给{q}{n} | 弄坏了{n} | 借给{q}{n} | 送出{n} | 用掉{n}"
        ),
        "eat": listed("吃了{n} | 吃掉{n}"),
        "hold": listed("又买了{k}盒，每盒{m}{c} | 又得到{k}袋，每袋{m}{c}"),
        "drop": listed("给了{k}个朋友每人{m}{c} | 卖了{k}盒，每盒{m}{c}"),
        "half": listed("送出了一半 | 给了{q}一半 | 用了一半 | 卖了一半"),
    },
    happens={
        "get": listed("{q}给了{they}{n}。 | {q}又送给{they}{n}。 | 妈妈又给{they}{n}。 | 哥哥给了{they}{n}。"),
        "lose": listed("{q}拿走了{n}。 | 坏了{n}。 | {q}借走了{n}。"),
        "double": listed("第二天数量变成了原来的2倍。"),
        "triple": listed("一周后数量变成了原来的3倍。"),
        "half": listed("{q}拿走了一半。"),
    },
    links=listed("然后 | 后来 | 接着"),
    comma="，",
    joint="，",
    asks=listed(
        "{p}现在有几{c}{thing}？ | 现在有多少{c}{thing}？ | {p}还剩多少{c}？ | 还剩几{c}{thing}？ | {p}现在有多少{c}{thing}？"
        "| 最后有多少{c}？ | {p}一共有多少{c}{thing}？ | 现在有几{c}？ | {they}现在有多少{c}？"
    ),
    replies=("现在{p}有{n}{c}。", "现在有{n}{c}。"),
    shares=(
        (
            listed("平均分给{k}个朋友 | 把{thing}平均分给{k}个人"),
            listed("每人有几{c}？ | 每人得到多少{c}？ | 每人分到几{c}？"),
            "每人{n}{c}。",
        ),
        (
            listed("平均放进{k}个盒子 | 把{thing}平均装进{k}个盒子"),
            listed("每盒有几{c}？ | 每个盒子有多少{c}{thing}？"),
            "每盒{n}{c}。",
        ),
    ),
)
WORDINGS: Mapping[Language, Wording] = {"en": ENGLISH, "de": GERMAN, "zh": CHINESE}
