"""The English words of the plot `flow`; see `wording`."""

from __future__ import annotations

from yunqi.data.problems.phrasing import listed
from yunqi.data.problems.stories.wording import Wording

ENGLISH = Wording(
    have=listed(
        "{p} has/had/have {n}. | {p} has/had/have {n}. | {p} has/had/have {n}. | {p} has/had/have got {n}."
        "| {p} owns/owned/own {n}. | {p} starts/started/start with {n}. | at first {p} has/had/have {n}."
        "| there are/were {n} in {ps} bag. | {p} collected {n}. | {p} brought {n} to school. | {p} bought {n}."
        "| {p} has/had/have a collection of {n}. | {p} keeps/kept/keep {n} in a box. | {p} picked {n}. | {p} made {n}."
        "| in the morning {p} has/had/have {n}. | {p} has/had/have {n} on the table. "
        "| {p} got {n} for {their} birthday."
        "| there are/were {n} on {ps} desk. | {p} begins/began/begin the day with {n}. | {p} carries/carried/carry {n}."
        "| {p} found {n} in the garden. | {p} counts/counted/count {n}."
    ),
    have_rows=listed(
        "{p} has/had/have {k} {holders} with {m} {things} in each. | {p} buys/bought/buy {k} {holders} of {m} {things}."
        "| {p} packs/packed/pack {k} {holders} with {m} {things} each. "
        "| {p} has/had/have {k} {holders} of {m} {things} each."
        "| each {holder} holds/held {m} {things}. {p} has/had/have {k} {holders}. | {p} fills/filled/fill {k} {holders}"
        " with {m} {things} each. | there are/were {m} {things} in a {holder}, and {p} has/had/have {k} {holders}."
        "| {p} makes/made/make {m} {things} a day for {k} days. | {p} gets/got/get {m} {things} every day for {k} days."
    ),
    does={
        "get": listed(
            "buys/bought/buy {n} more | gets/got/get {n} more | finds/found/find {n} more | buys/bought/buy {n}"
            "| wins/won/win {n} | gets/got/get {n} from {q} | receives/received/receive {n} from {q}"
            "| finds/found/find {n} | adds/added/add {n} | picks/picked/pick {n} more | makes/made/make {n} more"
            "| collects/collected/collect another {n} | earns/earned/earn {n} more "
            "| takes/took/take {n} more from the shelf"
            "| puts/put/put {n} more with them | buys/bought/buy another {n} | borrows/borrowed/borrow {n} from {q}"
            "| discovers/discovered/discover {n} more at home | wins/won/win {n} more"
        ),
        "lose": listed(
            "gives/gave/give {n} to {q} | gives/gave/give {q} {n} | loses/lost/lose {n} | sells/sold/sell {n}"
            "| uses/used/use {n} | breaks/broke/break {n} of them | throws/threw/throw away {n} "
            "| sells/sold/sell {n} of them"
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
            "{q} gives/gave {them} {n}. | then {q} gives/gave {them} {n} more. "
            "| {their} mother gives/gave {them} {n} more."
            "| {q} brings/brought {them} {n} more. | {their} brother gives/gave {them} {n}. "
            "| {q} gives/gave {p} {n} more."
            "| on Monday {they} gets/got/get {n} more. | for {their} birthday {they} gets/got/get {n} more."
            "| {p} finds/found/find {n} more. | {p} buys/bought/buy {n} more. | {their} aunt sends/sent {them} {n}."
            "| a friend gives/gave {them} {n} more. | the next day {they} finds/found/find {n}."
        ),
        "lose": listed(
            "{q} takes/took {n} of them. | on Sunday {they} gives/gave/give away {n}. | {n} get/got lost."
            "| {n} of them break/broke. | {q} buys/bought {n} of them. | {p} gives/gave/give {q} {n}. "
            "| {p} loses/lost/lose {n}."
            "| {n} of them are/were stolen. | {their} sister takes/took {n}. | {n} are/were thrown away. "
            "| {q} borrows/borrowed {n}."
        ),
        "eat": listed(
            "{q} eats/ate {n}. | {n} of them are/were eaten. | {p} eats/ate/eat {n} {things}. "
            "| {their} dog eats/ate {n}."
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
        "| How many {things} are left? | How many {things} does/does/do {they} have? "
        "| How many does/does/do {p} have now?"
        "| How many {things} remain? | How many {things} does/does/do {p} have left? | How many {things} are there now?"
        "| How many does/does/do {p} have left? | What is the number of {things} now? "
        "| How many does/does/do {they} have now?"
        "| How many {things} does/does/do {they} have now? | How many {things} are left in the end? "
        "| How many are left?"
        "| How many {things} does/does/do {they} have left? | So how many {things} does/does/do {p} have?"
        "| How many {things} are there in the end? | How many {things} did {p} have in the end? | How many now?"
    ),
    replies=("Now {p} has/has/have {n}.", "Now there are {n}."),
    shares=(
        (
            listed(
                "shares/shared/share them equally among {k} friends "
                "| divides/divided/divide them equally among {k} friends"
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
