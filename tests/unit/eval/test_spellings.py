"""Verifiers take any reasonable spelling of a right answer, and no wrong answer."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yunqi.data.problems.problem import Language, Problem
from yunqi.eval.verifiers import declined, verify
from yunqi.protocol.messages import ToolCall

RIGHT: list[tuple[str, str, Language, str]] = [
    ("sums", "4837+956", "en", "The answer is 5,793."),
    ("sums", "4837+956", "de", "Die Antwort ist 5.793."),
    ("sums", "4837+956", "zh", "答案是5793。"),
    ("sums", "956-4837", "en", "It's −3881"),
    ("sums", "956-4837", "en", "minus 3881"),
    ("sums", "12-17", "en", "12 - 17 = -5"),
    ("quotients", "85/7", "en", "12 R 1"),
    ("quotients", "85/7", "en", "12 remainder 1"),
    ("quotients", "85/7", "de", "12 Rest 1"),
    ("quotients", "85/7", "zh", "答案是12余1。"),
    ("quotients", "85/7", "en", "12r1"),
    ("quotients", "85/5", "en", "17"),
    ("quotients", "85/5", "en", "17 remainder 0"),
    ("quotients", "85/7", "en", "12 with a remainder of 1."),
    ("quotients", "85/2", "en", "42.5"),
    ("quotients", "85/7", "zh", "12余数是1"),
    ("chains", "(2+3)*4", "en", "20"),
    ("follow_ups", "((12+7)*3)-5", "en", "52"),
    ("prices", "total:3*125;$", "en", "$3.75"),
    ("prices", "total:3*125;$", "en", "3.75 dollars"),
    ("prices", "total:3*125;€", "de", "3,75 €"),
    ("prices", "total:3*125;$", "en", "3 dollars and 75 cents"),
    ("prices", "total:3*125;€", "de", "3 Euro 75"),
    ("prices", "total:3*125;元", "zh", "3.75元"),
    ("prices", "total:3*125;元", "zh", "3元7角5分"),
    ("prices", "total:3*125;$", "en", "375 cents"),
    ("prices", "total:3*125;$", "en", "3.75"),
    ("prices", "change:1000:3*125;£", "en", "You get £6.25 back."),
    ("prices", "each:750/3;$", "en", "$2.50 each"),
    ("prices", "total:3*30000;$", "en", "$900.00"),
    ("prices", "total:3*30000000;$", "en", "$900,000"),
    ("prices", "total:3*125;$", "zh", "答案是3.75美元。"),
    ("prices", "total:2*25;$", "en", "50¢"),
    ("prices", "total:2*25;£", "en", "50p"),
    ("prices", "total:2*25;$", "en", "$0.50."),
    ("prices", "total:3*125;$", "en", "3 pens cost $3.75"),
    ("units", "3 km>m", "en", "3000 m"),
    ("units", "3 km>m", "en", "3 km is 3,000 meters."),
    ("units", "250 cm>m", "en", "2.5"),
    ("units", "250 cm>m", "de", "2,5 Meter"),
    ("units", "2 h 15 min>min", "de", "135 Minuten"),
    ("units", "135 min>h min", "en", "2 h 15 min"),
    ("units", "135 min>h min", "en", "The answer is 2 hours and 15 minutes."),
    ("units", "135 min>h min", "zh", "2小时15分钟"),
    ("units", "135 min>h min", "en", "135 min is 2 h 15 min."),
    ("units", "120 min>h min", "en", "2 h"),
    ("comparing", "max:345,354,12", "en", "354"),
    ("comparing", "min:345,354,12", "en", "The answer is 12."),
    ("sorting", "asc:5,2,9", "en", "2, 5, 9"),
    ("sorting", "asc:5,2,9", "en", "2,5,9"),
    ("sorting", "asc:5,2,9", "en", "2 < 5 < 9"),
    ("sorting", "desc:5,2,9", "en", "9, 5 and 2."),
    ("sorting", "asc:1234,5", "en", "5, 1,234"),
    ("sorting", "asc:354,345", "en", "345,354"),
    ("sorting", "asc:5,2,9", "zh", "答案是2、5、9。"),
    ("sorting", "asc:5,2,9", "en", "5, 2, 9 sorted is 2, 5, 9"),
    ("letters", "count:r:strawberry", "en", "3"),
    ("letters", "count:r:strawberry", "en", "There are three."),
    ("letters", "length:banana", "en", "six"),
    ("letters", "first:banana", "en", "It's b."),
    ("letters", "last:banana", "zh", "答案是a。"),
    ("letters", "last:banana", "en", 'The answer is "a".'),
    ("letters", "reverse:cat", "en", "tac"),
    ("letters", "reverse:cat", "en", "t-a-c"),
    ("letters", "reverse:cat", "en", "The answer is T A C."),
    ("letters", "count:r:strawberry", "de", "drei"),
    ("dates", "weekday:Monday+10", "en", "Thursday"),
    ("dates", "weekday:Monday+10", "de", "Donnerstag"),
    ("dates", "weekday:Monday+10", "zh", "答案是星期四。"),
    ("dates", "weekday:Monday+10", "zh", "周四"),
    ("dates", "weekday:Tuesday-5", "en", "Thursday."),
    ("dates", "date:25 March+10", "en", "4 April"),
    ("dates", "date:25 March+10", "en", "April 4th"),
    ("dates", "date:25 March+10", "de", "4. April"),
    ("dates", "date:25 March+10", "zh", "4月4日"),
    ("dates", "date:3 May-7", "en", "26 April"),
    ("dates", "date:3 May-7", "en", "the 26th of April"),
    ("dates", "date:3 January-7", "de", "27. Dezember"),
    ("dates", "date:3 January-7", "zh", "12月27日"),
    ("dates", "date:25 January+10", "zh", "2月4日"),
    ("dates", "between:3 March,17 March", "en", "14 days"),
    ("countdown", "3,7,25>46", "en", "25 + 7 x 3"),
    ("countdown", "3,7,25>46", "en", "25+7*3 = 46"),
    ("countdown", "3,7,25>46", "en", "25+7×3=46."),
    ("countdown", "3,7,25>46", "en", "(25)+(7*3)"),
    ("countdown", "3,7,25>46", "en", "Use 3, 7, 25: 25 + 7*3"),
    ("countdown", "3,7,25>46", "zh", "答案是25+7*3。"),
    ("results", "say:18|sunny", "en", "It is 18 degrees and sunny."),
    ("extraction", 'json:{"a": 1, "b": "x"}', "en", '```json\n{"b":"x","a":1}\n```'),
    ("manners", "greeting:", "en", "Hello! I am nano."),
    ("manners", "identity:who are you", "en", "I am nano, a tiny model of Yunqi. Run yunqi chat Qwen3-0.6B"),
    ("declining", "decline:x", "en", "Try yunqi chat Qwen3-0.6B."),
    ("words", "flow:12,+7,*2", "en", "She has 38 apples."),
    ("manners", "greeting:", "zh", "你好!"),
    ("manners", "thanks:", "de", "Gern geschehen."),
    ("manners", "feeling:", "en", "Very well, thanks!"),
    ("manners", "goodbye:", "en", "Goodbye!"),
    ("manners", "ability:", "en", "I can add and sort numbers."),
    ("extraction", 'json:{"a": 1}', "en", 'Here it is: {"a": 1.0}.'),
    ("results", "say:18.5", "de", "Es sind 18,5 Grad."),
    ("units", "2500 g>kg", "en", "2.5 kg"),
    ("units", "5 ft 3 in>in", "en", "63 inches"),
    ("comparing", "less:478,474", "en", "No, 478 is greater than 474."),
    ("comparing", "less:474,478", "de", "Ja."),
    ("comparing", "equal:96,51", "zh", "不是，96大于51。"),
    ("letters", "spell:message", "en", "m-e-s-s-a-g-e"),
    ("letters", "spell:message", "en", "It is M E S S A G E."),
    ("dates", "month:August-5", "en", "It is March."),
    ("dates", "month:February+12", "zh", "2月"),
    ("dates", "between:26 December,13 February", "de", "Die Antwort ist 49."),
    ("manners", "praise:", "zh", "谢谢!"),
    ("manners", "loading:", "en", "Run yunqi chat Qwen/Qwen3-0.6B."),
]
WRONG: list[tuple[str, str, Language, str]] = [
    ("sums", "12-5", "en", "12-5"),
    ("quotients", "85/7", "en", "12"),
    ("quotients", "85/5", "en", "12 remainder 17"),
    ("quotients", "85/7", "en", "12, remainder 2"),
    ("prices", "total:3*125;$", "en", "€3.75"),
    ("prices", "total:3*125;$", "en", "375"),
    ("prices", "total:3*125;$", "en", "-$3.75"),
    ("units", "3 km>m", "en", "3000 km"),
    ("units", "135 min>h min", "en", "1 h 75 min"),
    ("units", "135 min>h min", "en", "2 h"),
    ("units", "135 min>h min", "en", "135 min"),
    ("sorting", "asc:5,2,9", "en", "1, 2, 5, 9"),
    ("sorting", "asc:5,2,9", "en", "2, 5, 9, 9"),
    ("sorting", "asc:5,2,9", "en", "2, 5"),
    ("letters", "reverse:cat", "en", "cat"),
    ("letters", "count:r:strawberry", "zh", "两个"),
    ("dates", "weekday:Tuesday-5", "en", "Friday"),
    ("dates", "date:25 March+10", "en", "14 April"),
    ("countdown", "3,7,25>46", "en", "25 + 7 x 3 = 47"),
    ("countdown", "3,7,25>46", "en", "46"),
    ("countdown", "3,7,25>46", "en", "25+21"),
    ("countdown", "3,7,25>46", "en", "(25 + 7) x 3"),
    ("countdown", "2,3>6", "en", "-2*-3"),
    ("results", "say:18|sunny", "en", "It is 18 degrees."),
    ("results", "say:16|11|11", "en", "The first is 16, the second is 11 and the third is 16."),
    ("results", "say:18|sunny", "en", "It is 18 degrees (19) and sunny."),
    ("extraction", 'json:{"a": 1, "b": "x"}', "en", '{"b":"y","a":1}'),
    ("comparing", "max:345,354,12", "en", "345"),
    ("comparing", "max:345,354,12", "en", "354 is larger than 345"),
    ("chains", "(2+3)*4", "en", ""),
    ("words", "flow:12,+7,*2", "en", "She has 19 apples."),
    ("manners", "greeting:", "zh", "Hallo! Wie geht es dir?"),
    ("manners", "thanks:", "en", "Hello there."),
    ("manners", "identity:who are you", "en", "I cannot answer that. nano of Yunqi: yunqi chat Qwen3-0.6B"),
    ("manners", "greeting:", "en", "Hello, try yunqi chat Qwen3-0.6B"),
    ("declining", "decline:x", "en", "Paris."),
    ("extraction", 'json:{"a": 1}', "en", '{"a": "1"}'),
    ("extraction", 'json:{"a": 1}', "en", '{"a": true}'),
    ("extraction", 'json:{"a": 1}', "en", '{"a": 1, "b": 2}'),
    ("extraction", 'json:{"a": 1}', "en", '{"a": 1'),
    ("results", "say:1692", "en", "47 x 36 is 1,692."),
    ("units", "2500 g>kg", "en", "2 kg 500 g"),
    ("comparing", "less:478,474", "en", "No, 478 is less than 474."),
    ("comparing", "less:478,474", "en", "Yes, 478 is less than 474."),
    ("comparing", "less:478,474", "en", "478 is greater than 474."),
    ("comparing", "less:474,478", "en", "Yes, 474 is less than 479."),
    ("comparing", "less:474,478", "zh", "不，474小于478。"),
    ("letters", "spell:message", "en", "message"),
    ("letters", "spell:message", "en", "m-e-s-a-g-e"),
    ("dates", "month:August-5", "en", "It is April."),
    ("manners", "loading:", "en", "I cannot answer that: yunqi chat Qwen/Qwen3-0.6B."),
]


def problem(skill: str, canonical: str, language: Language = "en") -> Problem:
    return Problem(
        skill=skill,
        difficulty=1,
        question="",
        canonical=canonical,
        answer="",
        thought="",
        reply="",
        language=language,
    )


@pytest.mark.parametrize(("skill", "canonical", "language", "text"), RIGHT)
def test_a_right_answer_may_be_spelled_in_many_ways(skill: str, canonical: str, language: Language, text: str) -> None:
    assert verify(problem(skill, canonical, language), text)


@pytest.mark.parametrize(("skill", "canonical", "language", "text"), WRONG)
def test_a_wrong_answer_is_wrong(skill: str, canonical: str, language: Language, text: str) -> None:
    assert not verify(problem(skill, canonical, language), text)


@given(text=st.text(alphabet='0123456789 ,.-+*/()=$€cmh{}[]":abcMR余元月日\n', max_size=60))
def test_no_text_breaks_a_verifier(text: str) -> None:
    for skill, canonical, language, _ in {row[:2]: row for row in RIGHT}.values():
        assert verify(problem(skill, canonical, language), text) in (True, False)


MULTIPLY = problem("tools", 'call:{"arguments": {"expression": "47*36"}, "name": "calculator"}')
WEATHER = problem("unseen_tools", 'call:{"arguments": {"city": "Paris", "days": 3}, "name": "forecast"}')


@pytest.mark.parametrize("expression", ["47*36", "36 x 47", "47 × 36", "(40+7)*36"])
def test_an_expression_is_right_by_its_value(expression: str) -> None:
    assert verify(MULTIPLY, "", [ToolCall(name="calculator", arguments={"expression": expression})])


@pytest.mark.parametrize("expression", ["47*37", "47*", "what is 47*36", ""])
def test_an_expression_of_another_value_is_wrong(expression: str) -> None:
    assert not verify(MULTIPLY, "", [ToolCall(name="calculator", arguments={"expression": expression})])


def test_arguments_are_compared_as_json() -> None:
    assert verify(WEATHER, "", [ToolCall(name="forecast", arguments={"days": 3.0, "city": "paris"})])
    assert verify(WEATHER, "", [ToolCall(name="forecast", arguments='{"city": "Paris", "days": 3}')])
    for arguments in ({"city": "Paris"}, {"city": "Paris", "days": "3"}, {"city": "Rome", "days": 3}, "Paris", "[1]"):
        assert not verify(WEATHER, "", [ToolCall(name="forecast", arguments=arguments)])


def test_a_date_is_no_expression() -> None:
    dated = problem("tools", 'call:{"arguments": {"day": "2024-05-03"}, "name": "diary"}')
    assert not verify(dated, "", [ToolCall(name="diary", arguments={"day": "2024-03-05"})])


def test_exactly_one_call_of_the_right_name() -> None:
    call = ToolCall(name="calculator", arguments={"expression": "47*36"})
    assert not verify(MULTIPLY, "1692")
    assert not verify(MULTIPLY, "", [call, call])
    assert not verify(MULTIPLY, "", [ToolCall(name="compute", arguments=call.arguments)])
    assert not verify(problem("sums", "4+5"), "9", [call])


def test_where_no_tool_is_of_use_none_may_be_called() -> None:
    greet = problem("tools", "say:Hoha")
    assert verify(greet, "Hello, Hoha!")
    assert not verify(greet, "Hello, Hoha!", [ToolCall(name="greet", arguments={"name": "Hoha"})])
    assert not verify(greet, "Hello!")


def test_declining_names_the_command() -> None:
    assert declined("Sorry, try `yunqi chat Qwen3-0.6B`.")
    assert not declined("The answer is 42.")
