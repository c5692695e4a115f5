r"""Final answers that are equal though they are spelt otherwise, and others that only look alike."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yunqi.eval.public.algebra import Value
from yunqi.eval.public.boxed import boxed, final_answer
from yunqi.eval.public.equality import same_answer
from yunqi.eval.public.latex import NotMathematics, read_value

EQUAL = [
    # numbers
    (r"\frac12", "0.5"), (r"\dfrac{1}{2}", "1/2"), (r"\frac{57}{160}", ".35625"), (r"6.72 \times 10^{-5}", ".0000672"),
    (r"0.\overline{3}", r"\frac13"), (r"\frac{270}7", r"\frac{270}{7}"), ("1.8", r"1\frac{4}{5}"),
    ("1 4/5", r"1\frac45"),
    ("-137.5", r"-137 \frac{1}{2}"), ("10080", r"10,\!080"), ("$10,080$", r"10,\!080"), ("10{,}080", "10080"),
    ("58500", "58,500"), ("2^{10}", "1024"), ("2^10", "1024"), (r"\binom{5}{2}", "10"), ("5!", "120"), ("5.0", "5"),
    ("3 : 4", r"\frac34"), ("|-7|", "7"), (r"\left(5\right)", "5"), (r"\(5\)", "5"), ("5.", "5"),
    # roots, constants, the imaginary unit
    (r"\sqrt{8}", r"2\sqrt2"), (r"\frac{1}{\sqrt3}", r"\frac{\sqrt{3}}{3}"), (r"\sqrt{-4}", "2i"), ("i^2", "-1"),
    (r"\frac{1}{1+i}", r"\frac{1-i}{2}"), (r"\sqrt[3]{16}", r"2\sqrt[3]{2}"),
    (r"\sqrt{\frac{2}{3}}", r"\frac{\sqrt6}{3}"),
    ("sqrt(5)", r"\sqrt{5}"), ("2*sqrt(3) + 1", r"1+2\sqrt{3}"), ("7i - 2", "-2+7i"), ("12pi", r"12\pi"), ("π", r"\pi"),
    (r"\pi^2/8", r"\frac{\pi^2}{8}"), (r"(\sqrt2+1)^2", r"3+2\sqrt{2}"), (r"9^{1/2}", "3"),
    (r"8^{-\frac{2}{3}}", r"\frac14"),
    # letters
    ("2(k+1)", "2k+2"), (r"\frac{9a}{20}+\frac{11}{20}", r"\frac{11+9a}{20}"), ("x^3-6+3x", "x^3 + 3x - 6"),
    (r"\frac{x^2-1}{x-1}", "x+1"), (r"\cot(x)", r"\cot x"), (r"\sin^2 \theta", r"(\sin\theta)^2"), ("3R^{2}", "3R^2"),
    ("x_1+x_{2}", "x_2+x_1"), ("(b+2)(a+5)", "(a+5)(b+2)"), (r"\log_2 x", r"\log_{2}(x)"),
    # units
    ("15", r"15\mbox{ cm}^2"), ("15 cm^2", r"15\mbox{ cm}^2"), ("864 square inches", r"864 \mbox{ inches}^2"),
    ("90", r"90^\circ"), (r"90^{\circ}", r"90^\circ"), ("90°", "90"), (r"90 \text{ degrees}", r"90^\circ"),
    ("$18.90", r"\$18.90"), ("18.9", r"\$18.90"), (r"25\%", "25"), (r"5.4 \text{ cents}", "5.4"), ("12 inches", "12"),
    # words
    ("B", r"\text{(B)}"), (r"\textbf{(B)}", r"\text{(B)}"), (r"\text{(B) Circle}", r"\text{(B)}"),
    (r"\mathbf{2340}", "2340"), (r"\mathrm{e}^{2}", "e^2"), (r"\approx 8.24", "8.24"), (r"\text{-3}", "-3"),
    (r"(\text{C}) Plane", r"\text{(C)}"), ("Evelyn", r"\text{Evelyn}"), (r"\mathrm{East}", r"\text{east}"),
    # lists and sets, in any order
    ("-2, 1", "1,-2"), (r"\{1,-2\}", "-2,1"), (r"x=1 \text{ or } x=-2", "1,-2"), ("3, 7 and 5", "3, 5, 7"),
    (r"1+\sqrt{19}, 1-\sqrt{19}", r"1 \pm \sqrt{19}"), (r"\{1+\sqrt5,1-\sqrt5,-2\}", r"\{1\pm\sqrt{5},-2\}"),
    # tuples, intervals, unions, inequalities
    (r"(3, \pi/2)", r"\left( 3, \frac{\pi}{2} \right)"), ("(3,100)", "(3, 100)"), ("(1,-16, -4,43)", "(1,-16,-4,43)"),
    (r"(3,\infty)\cup(-\infty,2)", r"(-\infty, 2) \cup (3, \infty)"), ("[-2,7]", r"x \in [-2,7]"),
    (r"-2 \le x \le 7", r"x \in [-2,7]"), ("x > 5", r"(5,\infty)"), ("5<x", r"(5,\infty)"), (r"x\geq 5", r"[5,\infty)"),
    (r"x<2 \text{ or } x>3", r"(-\infty, 2) \cup (3, \infty)"), (r"x \in (2,5]\cup[7,8)", r"[7,8) \cup (2,5]"),
    ("100,200,300", "100, 200, 300"), ("1,000,000", "1000000"), (r"x = 1 \pm \sqrt{19}", r"1 \pm \sqrt{19}"),
    (r"x \leq \pi", r"(-\infty, \pi]"), (r"\left(\frac35,\frac83\right]", r"\left(\frac{3}{5},\frac{8}{3}\right]"),
    # equations
    ("5", "x=5"), ("x = 5", "5"), ("x = 2 + 3 = 5", "5"), ("5x-7y+11z=-4", "5x - 7y + 11z + 4 = 0"),
    ("-10x+14y-22z-8=0", "5x - 7y + 11z + 4 = 0"), ("2x+y=0", "y = -2x"), ("-2x", "y = -2x"), ("f(x) = 2x", "2x"),
    # matrices and bases
    (r"\begin{bmatrix}-1&0\\0&-1\end{bmatrix}", r"\begin{pmatrix} -1 & 0 \\ 0 & -1 \end{pmatrix}"),
    (r"\begin{pmatrix}-\frac{1}{3}\\\frac23\end{pmatrix}", r"\begin{pmatrix} -1/3 \\ 2/3 \end{pmatrix}"),
    ("204_5", "204_{5}"), ("204", "204_5"),
]  # fmt: skip
DIFFERENT = [
    ("", "5"), ("0.333", r"\frac13"), ("3.14", r"\pi"), ("5", "-5"), ("6-5i", "6+5i"), ("k", "2k"), ("2", "2k"),
    ("10,800", "10080"), (r"\sqrt{x}", "x"), (r"2\frac{1}{3}", r"\frac{2}{3}"), ("1/0", "5"), ("500", "50"),
    ("(-2,1)", "-2,1"), ("-2", "-2,1"), ("-2,1,3", "-2,1"), ("-2,-2", "-2,1"), (r"1+\sqrt{19}", r"1 \pm \sqrt{19}"),
    ("(3,4)", "(3,4]"), ("[3,4]", "(3,4]"), ("(4,3)", "(3,4)"), ("(3,4)", "(3,4,5)"), ("x<5", r"(5,\infty)"),
    (r"x \ge 5", r"(5,\infty)"), ("ab+2a+5b+10", "(a+5)(b+2)"), ("y=2x", "y=-2x"), ("y=2x+1", "y=2x"),
    ("5x-7y+11z=4", "5x - 7y + 11z + 4 = 0"), ("A", r"\text{(B)}"), ("A, B", r"\text{(A)}"),
    ("Line (A)", r"\text{(A)}"), (r"-\mathbf{2340}", "2340"), ("Navin", r"\text{Evelyn}"),
    ("odd", r"\text{even}"),
    ("x<2", r"(-\infty, 2) \cup (3, \infty)"), (r"(-\infty, 2)", r"(-\infty, 2) \cup (3, \infty)"), ("1,000", "100,0"),
    ("205", "204_5"), ("204_6", "204_5"),
    (r"\begin{pmatrix}-1\\0\end{pmatrix}", r"\begin{pmatrix} 0 \\ -1 \end{pmatrix}"),
    (r"\begin{pmatrix}0&-1\end{pmatrix}", r"\begin{pmatrix} 0 \\ -1 \end{pmatrix}"), (r"\frac{\pi}{2}", r"90^\circ"),
    (r"\cos x", r"\sin x"), ("x+1", "x-1"), ("the answer is 5", "5"), ("2 or 3", "2"),
]  # fmt: skip
BROKEN = [
    "((((((", "{", "\\frac{", "\\", "[", "\\sqrt", "^", "x_", "1000!", "2^{999999999}", "x^{200}(x+y+z)^{150}",
    "9" * 5000,
    "(" * 300 + "1" + ")" * 300, r"\frac{1}" * 90, r"\pm 1" * 90, "1," * 400, "cm " * 300 + "x", "7" * 900,
    r"\sqrt{" + "7" * 900,
]  # fmt: skip


@pytest.mark.parametrize(("answer", "reference"), EQUAL)
def test_equal_answers(answer: str, reference: str) -> None:
    assert same_answer(answer, reference)


@pytest.mark.parametrize(("answer", "reference"), DIFFERENT)
def test_other_answers(answer: str, reference: str) -> None:
    assert not same_answer(answer, reference)


@pytest.mark.parametrize("answer", BROKEN)
def test_what_nobody_means_is_wrong_and_quick(answer: str) -> None:
    assert not same_answer(answer, "5")


@settings(deadline=None, max_examples=60)
@given(st.text(max_size=60) | st.text(alphabet="\\frac{}sqt12x^_,()[]+-*/!|=<>pm. ", max_size=40))
def test_any_text_is_judged_without_an_error(text: str) -> None:
    assert same_answer(text, "5") in (True, False)
    same_answer("5", text)


Made = tuple[str, Fraction]


def _joined(parts: tuple[Made, str, Made]) -> Made:
    (a, x), sign, (b, y) = parts
    if sign == "/" and not y:
        sign = "*"
    value = {"+": x + y, "-": x - y, "*": x * y, "/": x / y if y else x}[sign]
    text = {"/": rf"\frac{{{a}}}{{{b}}}", "*": rf"({a})\cdot({b})"}.get(sign, f"({a}{sign}({b}))")
    return text, value


EXPRESSIONS: st.SearchStrategy[Made] = st.recursive(
    st.integers(0, 30).map(lambda whole: (str(whole), Fraction(whole))),
    lambda inner: st.tuples(inner, st.sampled_from("+-*/"), inner).map(_joined),
    max_leaves=7,
)


@settings(deadline=None)
@given(EXPRESSIONS)
def test_expressions_have_the_value_that_fractions_give(made: Made) -> None:
    text, value = made
    assert read_value(text).number() == value
    assert same_answer(text, str(value))
    assert not same_answer(text, str(value + 1))


@settings(deadline=None, max_examples=40)
@given(st.integers(1, 400), st.integers(1, 400), st.integers(1, 20))
def test_roots_multiply(a: int, b: int, scale: int) -> None:
    assert same_answer(rf"\sqrt{{{a}}}\sqrt{{{b}}}", rf"\sqrt{{{a * b}}}")
    assert same_answer(rf"\sqrt{{{a * scale**2}}}", rf"{scale}\sqrt{{{a}}}")
    assert not same_answer(rf"\sqrt{{{a}}}", rf"\sqrt{{{a + b}}}")


def test_quotients_are_compared_without_reducing_them() -> None:
    def value(text: str) -> Value:
        return read_value(text)

    assert value(r"\frac{(x+y)(x-y)}{x-y}").same(value("x+y"))
    assert value("2x+4y").multiple_of(value("-x-2y"))
    assert not value("2x+4y").multiple_of(value("x+y"))
    assert value(r"\frac{2x}{x}").number() == 2
    assert value("x").number() is None
    with pytest.raises(NotMathematics):
        value(r"\int x")


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        (r"So \boxed{3}, no: \boxed{\frac{1}{2}}.", r"\frac{1}{2}"),
        (r"$\boxed{ {a}{b} }$", " {a}{b} "),
        (r"\boxed 7.", "7"),
        (r"\fbox{4}", "4"),
        (r"It is \boxed{5}. Or \boxed{6", "5"),
        (r"The answer is 12.", "12."),
        ("First.\n**Answer:** 7", "7"),
        ("The final answer is: $x = 4$\nBye.", "$x = 4$"),
        ("Who knows?", None),
        (r"\boxed{3", None),
        (r"\boxed{" * 9000, None),
    ],
)
def test_the_final_answer_of_a_text(text: str, answer: str | None) -> None:
    assert final_answer(text) == answer


def test_no_box_no_boxed_answer() -> None:
    assert boxed("The answer is 5.") is None
