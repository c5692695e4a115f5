"""How people ask about weekdays and dates: names, forms and frames in each language, one row per kind of question.

Rows with a number are for that many days or months, told by a name: tomorrow, next month, in a week.
"""

from __future__ import annotations

from yunqi.data.problems.phrasing import listed

WEEKDAYS = {
    "en": listed("Monday | Tuesday | Wednesday | Thursday | Friday | Saturday | Sunday"),
    "de": listed("Montag | Dienstag | Mittwoch | Donnerstag | Freitag | Samstag | Sonntag"),
    "zh": listed("星期一 | 星期二 | 星期三 | 星期四 | 星期五 | 星期六 | 星期日"),
}
MONTHS = {
    "en": listed(
        "January | February | March | April | May | June | July | August | September | October | November | December"
    ),
    "de": listed(
        "Januar | Februar | März | April | Mai | Juni | Juli | August | September | Oktober | November | Dezember"
    ),
    "zh": tuple(f"{month}月" for month in range(1, 13)),
}
DATE_FORMS = {
    "en": listed("{d} {m} | {d} {m} | {m} {d} | {m} {d} | {d} of {m} | the {o} of {m} | {m} {o}"),
    "de": ("{d}. {m}",),
    "zh": ("{m}{d}日", "{m}{d}日", "{m}{d}号"),
}
ANSWER_DATE = {"en": "{d} {m}", "de": "{d}. {m}", "zh": "{m}{d}日"}
DAYS = {"en": ("1 day", "{n} days"), "de": ("1 Tag", "{n} Tage"), "zh": ("1天", "{n}天")}
MONTHS_TOLD = {"en": ("1 month", "{n} months"), "de": ("1 Monat", "{n} Monate"), "zh": ("1个月", "{n}个月")}

FRAMES = {
    ("en", "weekday+"): listed(
        "What day is it {n} after {w}? | What day is {n} after {w}? | What day comes {n} after {w}? | "
        "Which day is {n} after {w}? | What weekday is {n} after {w}? | Which weekday comes {n} after {w}? | "
        "What day of the week is {n} after {w}? | Today is {w}. What day is it in {n}? | "
        "Today is {w}. What day will it be in {n}? | If today is {w}, what day is it in {n}? | "
        "If today is {w}, what day will it be in {n}? | It is {w}. Which day is it in {n}? | "
        "It's {w} today. What day is it {n} from now? | {n} after {w} is what day? | {n} from {w} is which day? | "
        "What day is {n} from {w}? | Starting on {w}, what day is it {n} later? | {w} plus {n}? | "
        "My trip starts on {w} and lasts {n}. On which day does it end? | Today is {w}. Which day is {n} from today? | "
        "It is {w}. The party is in {n}. What day is the party? | {n} after {w}? | "
        "Tell me the day {n} after {w}. | Can you tell me what day it is {n} after {w}? | "
        "Suppose it is {w}. What weekday is it after {n}?"
    ),
    ("en", "weekday-"): listed(
        "What day was it {n} before {w}? | What day is {n} before {w}? | What day comes {n} before {w}? | "
        "Which day is {n} before {w}? | What weekday is {n} before {w}? | What day of the week was {n} before {w}? | "
        "Today is {w}. What day was it {n} ago? | Today is {w}. Which day was {n} ago? | "
        "If today is {w}, what day was it {n} ago? | It is {w}. What day was it {n} earlier? | "
        "It's {w} today. What weekday was it {n} ago? | {n} before {w} is what day? | {w} minus {n}? | "
        "I arrived {n} ago and today is {w}. On which day did I arrive? | {n} before {w}? | "
        "Today is {w}. It rained {n} ago. What day was that? | Tell me the day {n} before {w}. | "
        "If it is {w} now, which day was it {n} ago?"
    ),
    ("en", "weekday+1"): listed(
        "What day comes after {w}? | Which day comes after {w}? | Which day follows {w}? | What day is after {w}? | "
        "Today is {w}. What day is tomorrow? | If today is {w}, what is tomorrow? | What is the day after {w}? | "
        "It is {w}. What day is it tomorrow? | Which day comes next after {w}?"
    ),
    ("en", "weekday-1"): listed(
        "What day comes before {w}? | Which day comes before {w}? | What day is before {w}? | "
        "What is the day before {w}? | "
        "Today is {w}. What day was yesterday? | If today is {w}, what was yesterday?"
    ),
    ("en", "weekday+2"): listed(
        "Today is {w}. What day is the day after tomorrow? | If today is {w}, what day is the day after tomorrow? | "
        "It is {w}. Which day is the day after tomorrow? | What day comes two days after {w}?"
    ),
    ("en", "weekday-2"): listed(
        "Today is {w}. What day was the day before yesterday? | What day comes two days before {w}? | "
        "If today is {w}, what day was the day before yesterday?"
    ),
    ("en", "weekday+7"): listed(
        "Today is {w}. What day is it in a week? | What day is a week after {w}? | What day is one week from {w}? | "
        "If today is {w}, what day is it in one week? | What day is it 1 week after {w}?"
    ),
    ("en", "weekday-7"): listed(
        "Today is {w}. What day was it a week ago? | What day is one week before {w}? | It is {w}. What was a week ago?"
    ),
    ("en", "weekday+14"): listed(
        "Today is {w}. What day is it in two weeks? | What day is two weeks after {w}? | "
        "What day is 2 weeks from {w}? | If today is {w}, what day is it in 2 weeks?"
    ),
    ("en", "weekday-14"): listed("Today is {w}. What day was it two weeks ago? | What day was 2 weeks before {w}?"),
    ("en", "date+"): listed(
        "What date is {n} after {x}? | What is the date {n} after {x}? | Which date is {n} after {x}? | "
        "What date comes {n} after {x}? | What date is it {n} after {x}? | Today is {x}. What date is it in {n}? | "
        "Today is {x}. What will the date be in {n}? | If today is {x}, what is the date in {n}? | "
        "{n} after {x} is what date? | {n} after {x}? | {n} from {x} is which date? | What date is {n} from {x}? | "
        "It is {x}. What date is it {n} from now? | {x} plus {n}? | "
        "A trip starts on {x} and ends {n} later. On which date? | "
        "The shop opens {n} after {x}. What date is that? | Which day is {n} after {x}? | "
        "Add {n} to {x}. | What is {x} plus {n}? | Tell me the date {n} after {x}. | "
        "My birthday is {n} after {x}. When is it?"
    ),
    ("en", "date-"): listed(
        "What date is {n} before {x}? | What is the date {n} before {x}? | Which date is {n} before {x}? | "
        "What date was {n} before {x}? | Today is {x}. What date was it {n} ago? | "
        "If today is {x}, what was the date {n} ago? | {n} before {x} is what date? | {n} before {x}? | "
        "It is {x}. What was the date {n} ago? | {x} minus {n}? | What was the date {n} earlier than {x}? | "
        "I have to start {n} before {x}. When is that? | Go back {n} from {x}. | "
        "Today is {x}. I bought it {n} ago. On which date? | Tell me the date {n} before {x}."
    ),
    ("en", "between"): listed(
        "How many days are there between {x} and {y}? | How many days are between {x} and {y}? | "
        "How many days is it from {x} to {y}? | How many days from {x} to {y}? | Days between {x} and {y}? | "
        "How many days lie between {x} and {y}? | How long is it from {x} to {y} in days? | "
        "Today is {x}. How many days until {y}? | It is {x}. How many days are left until {y}? | "
        "How many days until {y} if today is {x}? | How many days after {x} is {y}? | "
        "How many days before {y} is {x}? | "
        "Count the days from {x} to {y}. | What is the number of days from {x} to {y}? | "
        "From {x} to {y}, how many days? | "
        "A trip goes from {x} to {y}. How many days later does it end?"
    ),
    ("en", "month+"): listed(
        "Which month is {n} after {m}? | What month is {n} after {m}? | What month comes {n} after {m}? | "
        "It is {m}. Which month is it in {n}? | If it is {m} now, what month is it in {n}? | {n} after {m}? | "
        "What month is {n} from {m}? | It is {m}. What month will it be in {n}? | {m} plus {n}?"
    ),
    ("en", "month-"): listed(
        "Which month is {n} before {m}? | What month is {n} before {m}? | What month comes {n} before {m}? | "
        "It is {m}. Which month was it {n} ago? | If it is {m} now, what month was it {n} ago? | {n} before {m}?"
    ),
    ("en", "month+1"): listed(
        "Which month comes after {m}? | What month comes after {m}? | Which month follows {m}? | "
        "What is the month after {m}? | It is {m}. What is next month?"
    ),
    ("en", "month-1"): listed(
        "Which month comes before {m}? | What month comes before {m}? | What is the month before {m}? | "
        "It is {m}. What was last month?"
    ),
    ("de", "weekday+"): listed(
        "Welcher Tag ist {n} nach {w}? | Welcher Wochentag ist {n} nach {w}? | Welcher Tag kommt {n} nach {w}? | "
        "Heute ist {w}. Welcher Tag ist es {n} später? | Es ist {w}. Welcher Wochentag ist es {n} später? | "
        "{n} nach {w} ist welcher Tag? | Wenn heute {w} ist, welcher Tag ist {n} danach?"
    ),
    ("de", "weekday-"): listed(
        "Welcher Tag war {n} vor {w}? | Welcher Wochentag ist {n} vor {w}? | Welcher Tag liegt {n} vor {w}? | "
        "Heute ist {w}. Welcher Tag war es {n} früher? | {n} vor {w} ist welcher Tag?"
    ),
    ("de", "weekday+1"): listed("Welcher Tag kommt nach {w}? | Heute ist {w}. Was ist morgen?"),
    ("de", "weekday-1"): listed("Welcher Tag kommt vor {w}? | Heute ist {w}. Was war gestern?"),
    ("de", "weekday+2"): listed("Heute ist {w}. Welcher Tag ist übermorgen? | Welcher Tag ist zwei Tage nach {w}?"),
    ("de", "weekday-2"): listed("Heute ist {w}. Welcher Tag war vorgestern? | Welcher Tag ist zwei Tage vor {w}?"),
    ("de", "weekday+7"): listed("Heute ist {w}. Welcher Tag ist in einer Woche? | Was ist eine Woche nach {w}?"),
    ("de", "weekday-7"): listed("Heute ist {w}. Welcher Tag war vor einer Woche? | Was ist eine Woche vor {w}?"),
    ("de", "weekday+14"): listed("Heute ist {w}. Welcher Tag ist in zwei Wochen? | Was ist zwei Wochen nach {w}?"),
    ("de", "weekday-14"): listed("Heute ist {w}. Welcher Tag war vor zwei Wochen? | Was ist zwei Wochen vor {w}?"),
    ("de", "date+"): listed(
        "Welches Datum ist {n} nach dem {x}? | Welcher Tag ist {n} nach dem {x}? | Was ist {n} nach dem {x}? | "
        "Heute ist der {x}. Welches Datum ist {n} später? | {n} nach dem {x} ist welches Datum? | "
        "Es ist der {x}. Welcher Tag ist es {n} später?"
    ),
    ("de", "date-"): listed(
        "Welches Datum ist {n} vor dem {x}? | Welcher Tag ist {n} vor dem {x}? | Was ist {n} vor dem {x}? | "
        "Heute ist der {x}. Welches Datum war {n} früher? | {n} vor dem {x} ist welches Datum?"
    ),
    ("de", "between"): listed(
        "Wie viele Tage liegen zwischen dem {x} und dem {y}? | Wie viele Tage sind es vom {x} bis zum {y}? | "
        "Heute ist der {x}. Wie viele Tage sind es bis zum {y}? | Wie viele Tage vom {x} bis zum {y}? | "
        "Zähle die Tage vom {x} bis zum {y}."
    ),
    ("de", "month+"): listed("Welcher Monat ist {n} nach {m}? | Es ist {m}. Welcher Monat ist {n} später?"),
    ("de", "month-"): listed("Welcher Monat ist {n} vor {m}? | Es ist {m}. Welcher Monat war {n} früher?"),
    ("de", "month+1"): listed("Welcher Monat kommt nach {m}? | Welcher Monat folgt auf {m}?"),
    ("de", "month-1"): listed("Welcher Monat kommt vor {m}? | Welcher Monat ist vor {m}?"),
    ("zh", "weekday+"): listed(
        "{w}之后{n}是星期几？ | {w}过{n}是星期几？ | 今天是{w}，{n}后是星期几？ | 如果今天{w}，再过{n}是星期几？ | "
        "{w}的{n}后是星期几？ | 今天{w}，{n}以后星期几？"
    ),
    ("zh", "weekday-"): listed(
        "{w}之前{n}是星期几？ | {w}的{n}前是星期几？ | 今天是{w}，{n}前是星期几？ | 如果今天{w}，{n}以前是星期几？"
    ),
    ("zh", "weekday+1"): listed("{w}的后一天是星期几？ | 今天是{w}，明天是星期几？"),
    ("zh", "weekday-1"): listed("{w}的前一天是星期几？ | 今天是{w}，昨天是星期几？"),
    ("zh", "weekday+2"): listed("今天是{w}，后天是星期几？ | {w}的后天是星期几？"),
    ("zh", "weekday-2"): listed("今天是{w}，前天是星期几？ | {w}的前天是星期几？"),
    ("zh", "weekday+7"): listed("今天是{w}，一周后是星期几？ | {w}过一个星期是星期几？"),
    ("zh", "weekday-7"): listed("今天是{w}，一周前是星期几？ | {w}的一个星期前是星期几？"),
    ("zh", "weekday+14"): listed("今天是{w}，两周后是星期几？ | {w}过两个星期是星期几？"),
    ("zh", "weekday-14"): listed("今天是{w}，两周前是星期几？ | {w}的两个星期前是星期几？"),
    ("zh", "date+"): listed(
        "{x}之后{n}是几月几日？ | {x}过{n}是哪一天？ | 今天是{x}，{n}后是几月几日？ | {x}的{n}后是几号？ | "
        "如果今天是{x}，再过{n}是几月几日？"
    ),
    ("zh", "date-"): listed(
        "{x}之前{n}是几月几日？ | {x}的{n}前是哪一天？ | 今天是{x}，{n}前是几月几日？ | {x}的{n}前是几号？"
    ),
    ("zh", "between"): listed(
        "{x}到{y}有多少天？ | 从{x}到{y}有几天？ | 今天是{x}，到{y}还有几天？ | {x}和{y}相差多少天？ | "
        "{x}离{y}还有多少天？"
    ),
    ("zh", "month+"): listed("{m}之后{n}是几月？ | 现在是{m}，{n}后是几月？ | {m}过{n}是几月？"),
    ("zh", "month-"): listed("{m}之前{n}是几月？ | 现在是{m}，{n}前是几月？"),
    ("zh", "month+1"): listed("{m}的下一个月是几月？ | 现在是{m}，下个月是几月？"),
    ("zh", "month-1"): listed("{m}的上一个月是几月？ | 现在是{m}，上个月是几月？"),
}
