"""How people ask for prices in the three languages: things, lines of a bill, openings and questions.

`{n}` is a count, `{x}` the thing, `{xs}` several of it, `{m}` an amount of money and `{items}` the lines of a bill.
"""

from __future__ import annotations

from collections.abc import Mapping

from yunqi.data.problems.phrasing import listed
from yunqi.data.problems.problem import Language

# One and several; Chinese: the thing and its measure word.
THINGS: Mapping[Language, tuple[tuple[str, ...], ...]] = {
    "en": tuple(
        tuple(pair.split("/"))
        for pair in listed(
            "pen/pens | book/books | apple/apples | cup/cups | ticket/tickets | cake/cakes | sandwich/sandwiches"
            "| bottle/bottles | notebook/notebooks | egg/eggs | ball/balls | card/cards | lemon/lemons | pear/pears"
            "| coffee/coffees | tea/teas | cookie/cookies | pencil/pencils | bag/bags | toy/toys | stamp/stamps"
            "| orange/oranges | muffin/muffins | burger/burgers | pizza/pizzas | banana/bananas | juice/juices"
            "| key/keys | rose/roses | mug/mugs | hat/hats | sock/socks | drink/drinks | magazine/magazines"
        )
    ),
    "de": tuple(
        tuple(pair.split("/"))
        for pair in listed(
            "Apfel/Äpfel | Stift/Stifte | Buch/Bücher | Ball/Bälle | Karte/Karten | Tasse/Tassen | Heft/Hefte"
            "| Kuchen/Kuchen | Flasche/Flaschen | Birne/Birnen | Brötchen/Brötchen | Ei/Eier | Blume/Blumen"
            "| Zitrone/Zitronen | Saft/Säfte | Pizza/Pizzen"
        )
    ),
    "zh": tuple(
        tuple(pair.split("/"))
        for pair in listed(
            "苹果/个 | 铅笔/支 | 本子/个 | 书/本 | 球/个 | 杯子/个 | 面包/个 | 鸡蛋/个 | 梨/个 | 票/张 | 花/朵"
            "| 水/瓶 | 蛋糕/块 | 包子/个"
        )
    ),
}
LINES: Mapping[Language, tuple[str, ...]] = {
    "en": listed(
        "{n} {xs} at {m} each | {n} {xs} at {m} each | {n} {xs} for {m} each | {n} {xs} at {m}"
        "| {n} {xs} that cost {m} each | {n} {xs} ({m} each) | {n} {xs} at {m} apiece"
    ),
    "de": listed("{n} {xs} zu je {m} | {n} {xs} für je {m} | {n} {xs} je {m} | {n} {xs} ({m} pro Stück)"),
    "zh": listed("{n}{c}{x}(每{c}{m}) | {n}{c}{m}一{c}的{x}"),
}
SINGLE_LINES: Mapping[Language, tuple[str, ...]] = {
    "en": listed("{a} {x} for {m} | one {x} at {m} | {a} {x} at {m} | 1 {x} for {m}"),
    "de": listed("1 {x} für {m} | 1 {x} zu {m}"),
    "zh": listed("1{c}{x}({m}) | 1{c}{m}的{x}"),
}
AND: Mapping[Language, tuple[str, str]] = {"en": (", ", " and "), "de": (", ", " und "), "zh": ("，", "和")}
TOTALS: Mapping[Language, tuple[str, ...]] = {
    "en": listed(
        "{b} {items}. {t} | {b} {items}. {t} | {b} {items}. {t} | {b} {items}, {u} | What do {items} cost?"
        "| How much is {items}? | {items}: {t} | {items}. {t} | {items}, {u} | What is the price of {items}?"
        "| What is the total for {items}? | Total for {items}? | How much do I pay for {items}?"
        "| If {v} {items}, {u} | Add up {items}. | What would {items} cost? | Can you add this up: {items}?"
        "| The bill says {items}. {t}"
    ),
    "de": listed(
        "{b} {items}. {t} | {b} {items}. {t} | {b} {items}. {t} | Was kosten {items}? | Was kosten {items} zusammen?"
        "| {items}. {t} | {items}: {t} | Wie viel kosten {items}? | Wie teuer sind {items}?"
    ),
    "zh": listed("{b}{items}。{t} | {b}{items}。{t} | {b}{items}，{t} | {items}，{t} | 买{items}要多少钱？"),
}
OPENINGS: Mapping[Language, tuple[str, ...]] = {
    "en": listed(
        "I buy | I bought | I want | We need | Tom buys | Mia bought | I take | We order | Anna gets | She buys"
        "| He buys | Sam orders | You buy | In my cart are | My friend buys | I'd like | We bought | Ben pays for"
    ),
    "de": listed("Ich kaufe | Tom kauft | Anna kauft | Wir kaufen | Mia nimmt | Ich nehme | Wir brauchen | Er kauft"),
    "zh": listed("我买了 | 小明买了 | 小红买 | 妈妈买了 | 我要 | 我想买 | 他买了 | 她买了"),
}
TOTAL_QUESTIONS: Mapping[Language, tuple[str, ...]] = {
    "en": listed(
        "How much is that? | How much is that in total? | What is the total? | What does it cost? | Total?"
        "| How much does it cost altogether? | What is the total price? | How much is everything? | How much is it all?"
        "| What's the total? | How much in all? | What does that come to? | How much money is that? | What is the bill?"
    ),
    "de": listed(
        "Was kostet das? | Was kostet alles zusammen? | Wie viel kostet das? | Wie viel macht das? | Was macht das?"
        "| Wie hoch ist der Preis? | Wie viel ist das zusammen? | Was kostet das insgesamt?"
    ),
    "zh": listed(
        "一共多少钱？ | 一共要多少钱？ | 总共多少钱？ | 多少钱？ | 一共花了多少钱？ | 要付多少钱？ | 共需多少钱？"
    ),
}
CONTINUED_QUESTIONS = listed(
    "how much is it? | what is the total? | what do I pay? | how much is that? | how much in total? | total?"
)
SINGLE_PRICES: Mapping[Language, tuple[str, ...]] = {
    "en": listed(
        "One {x} costs {m}. How much are {n} {xs}? | {A} {x} costs {m}. What do {n} cost? | {n} {xs} cost {m} each. {t}"
        "| If one {x} costs {m}, how much do {n} {xs} cost? | {A} {x} is {m}. How much for {n}?"
        "| What do {n} {xs} cost if one costs {m}? | Each {x} costs {m}. I buy {n}. {t}"
        "| {xs} are {m} each. I want {n}. {t}"
        "| How much do {n} {xs} cost at {m} each? | The price of {a} {x} is {m}. What is the price of {n} {xs}?"
        "| At {m} a {x}, what do {n} {xs} cost? | I need {n} {xs}. One is {m}. {t}"
    ),
    "de": listed(
        "1 {x} kostet {m}. Was kosten {n} {xs}? | 1 {x} kostet {m}. Wie viel kosten {n}? | {n} {xs} kosten je {m}. {t}"
        "| Was kosten {n} {xs}, wenn 1 {x} {m} kostet?"
    ),
    "zh": listed(
        "一{c}{x}{m}，买{n}{c}要多少钱？ | 每{c}{x}{m}，{n}{c}多少钱？ | {x}{m}一{c}，{n}{c}一共多少钱？"
        "| 1{c}{x}卖{m}，{n}{c}要多少钱？"
    ),
}
PAID: Mapping[Language, tuple[str, ...]] = {
    "en": listed(
        "I pay with {m}. | I pay with a {m} note. | I pay with a {m} bill. | I give {m}. | I hand over {m}."
        "| They pay with {m}. | The cashier gets {m}. | I have {m}."
    ),
    "de": listed("Ich zahle mit {m}. | Bezahlt wird mit {m}. | Die Kasse bekommt {m}. | Ich gebe {m}."),
    "zh": listed("付了{m}。 | 给了{m}。 | 付{m}。 | 付给店员{m}。"),
}
CHANGE_QUESTIONS: Mapping[Language, tuple[str, ...]] = {
    "en": listed(
        "How much change do I get? | What is the change? | How much change is that? | What is my change? | Change?"
        "| How much do I get back? | How much money is left? | How much comes back? | What change is due?"
    ),
    "de": listed(
        "Wie viel Geld kommt zurück? | Wie viel bekomme ich zurück? | Wie viel bleibt übrig?"
        "| Wie hoch ist das Rückgeld?"
    ),
    "zh": listed("找回多少钱？ | 应找多少钱？ | 还剩多少钱？ | 要找多少钱？"),
}
CHANGES: Mapping[Language, tuple[str, ...]] = {
    "en": listed(
        "{b} {items}. {p} {q} | {b} {items}. {p} {q} | {items}. {p} {q} | I have {m} and buy {items}. {q}"
        "| What change do I get from {m} for {items}? | How much is left of {m} after {items}?"
        "| I pay {m} for {items}. {q} | What is the change from {m} if I buy {items}?"
        "| {items}, paid with {m}. {q}"
    ),
    "de": listed("{b} {items}. {p} {q} | {items}. {p} {q} | Ich habe {m} und kaufe {items}. {q}"),
    "zh": listed("{b}{items}。{p}{q} | 我有{m}，买了{items}。{q} | {b}{items}，{p}{q}"),
}
EACH: Mapping[Language, tuple[str, ...]] = {
    "en": listed(
        "{n} {xs} cost {m}. How much is one {x}? | {n} {xs} cost {m}. What does one cost? | "
        "{n} {xs} are {m}. How much is one?"
        "| A pack of {n} {xs} costs {m}. What is the price of one {x}? | I paid {m} for {n} {xs}. How much was each?"
        "| {n} friends share a bill of {m}. How much does each pay? | Split {m} between {n} people."
        "| {m} split {n} ways?"
        "| What does one {x} cost if {n} cost {m}? | Divide {m} equally among {n} people. How much does each get?"
        "| We are {n} and the bill is {m}. What does each of us pay? | Price of one {x} if {n} {xs} cost {m}?"
        "| {n} {xs} for {m}: how much is a single {x}? | {n} kids share {m} equally. How much does each one get?"
    ),
    "de": listed(
        "{n} {xs} kosten {m}. Was kostet 1 {x}? | {n} {xs} kosten {m}. Wie viel kostet 1 {x}?"
        "| {n} Freunde teilen sich {m}. Wie viel zahlt jeder? | {m} für {n} {xs}: Was kostet 1 {x}?"
        "| Teile {m} durch {n} Leute. Wie viel bekommt jeder?"
    ),
    "zh": listed(
        "{n}{c}{x}{m}，一{c}多少钱？ | 买{n}{c}{x}花了{m}，每{c}多少钱？ | {n}个人平分{m}，每人多少钱？"
        "| {n}{c}{x}一共{m}，每{c}{x}多少钱？"
    ),
}
