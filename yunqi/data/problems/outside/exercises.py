"""English exercises beyond what the model learns: percentages, algebra, physics, currencies, dates with years."""

from __future__ import annotations

from collections.abc import Mapping

from yunqi.data.problems.outside.filling import lined
from yunqi.data.problems.phrasing import listed

EXERCISE_WORDS: Mapping[str, tuple[str, ...]] = {
    "money": listed(
        "dollars | euros | pounds sterling | yen | yuan | rupees | francs | pesos | rubles | won | bitcoin | "
        "crowns | USD | EUR | GBP"
    ),
    "month": listed(
        "January | February | March | April | May | June | July | August | September | October | November | December"
    ),
    "shape": listed(
        "triangle | circle | square | rectangle | sphere | cone | cube | cylinder | hexagon | pyramid | trapezoid | "
        "rhombus | octagon | pentagon | prism"
    ),
    "measure": listed(
        "area | perimeter | volume | surface | radius | diameter | diagonal | circumference | angle | height | "
        "hypotenuse"
    ),
    "function": listed(
        "sin | cos | tan | log | ln | exp | sqrt | arctan | x^{digit} | {digit}x^2 + {small} | 1/x | e^x"
    ),
    "quantity": listed(
        "force | speed | energy | power | pressure | voltage | current | acceleration | momentum | mass | density | "
        "frequency | wavelength | temperature | half-life | entropy | work | torque | resistance"
    ),
    "unit": listed(
        "newtons | joules | watts | volts | amps | pascals | hertz | m/s | km/h | kelvin | moles | degrees | ohms | "
        "decibels | calories | acres"
    ),
    "figure": listed(
        "mean | median | mode | variance | standard deviation | probability | percentage | ratio | root | "
        "factorial | logarithm | reciprocal | remainder of the square | least common multiple | "
        "greatest common factor | prime factors | derivative | integral | slope | limit | determinant"
    ),
    "formula": listed(
        "H2O | CO2 | NaCl | Fe2O3 | CH4 | O2 | NH3 | C6H12O6 | H2SO4 | HCl | CaCO3 | Mg + O2 | Fe + O2 | Na + Cl2 | "
        "CH4 + O2 | Al + HCl"
    ),
}
EXERCISES = lined("""
What is the {figure} of {number}?
Find the {figure} of {small}, {small} and {number}.
Work out the {figure}: {number}, {small}
{figure} of {number}
Calculate the {figure} of {number} and {number}.
What {figure} is {small} out of {number}?
What is {digit}.{digit}% of {number}?
How much is {small} percent off {number} dollars?
A {made_things} costs {number} dollars and is {small} percent off. What is the sale price?
{small} of {number} students passed. What percentage is that?
Write {digit}/{small} as a decimal.
Write {digit}/{small} as a percentage.
Round {number}.{number} to one decimal.
What fraction of {number} is {small}?
Add the fractions {digit}/{small} and {digit}/{small}.
Which numbers divide {number}?
How many primes are below {number}?
How many prime numbers lie between {small} and {number}?
Is {number} prime or composite?
Is {number} a perfect square?
is {number} prime
Is {number} even or a power of two?
List the factors of {number}.
List all primes up to {number}.
What is the {measure} of a {shape}?
What is the {measure} of a {shape} with side {small}?
Find the {measure} of a {shape} if its {measure} is {small} cm.
If both legs of a {shape} are {digit}, what is the {measure}?
How many sides does a {shape} have?
How many degrees does a {shape} have?
How many corners does a {shape} have?
What is {function}({small})?
Differentiate {function}.
Integrate {function} from {digit} to {small}.
What is the integral of {function}?
Plot {function}.
Sketch the graph of {function}.
Where is {function} zero?
Solve {digit}x + {small} = {number}
solve for y: {digit}y - {digit} = {small}
Solve the system x + y = {small}, {digit}x - y = {digit}.
Solve |x - {digit}| < {small}.
Expand (x + {digit})(x - {digit}).
Factor x^2 - {number}.
Simplify {digit}a + {digit}b - {digit}a.
If {digit}x = {number}, find x.
{digit}x + {digit} = {small}, x = ?
x^2 = {number}
{small}% of {number}
{number} in binary
{number} mod {digit}
{digit} to the {digit}th power
What is {small} to the power of {digit}?
What is {number} in base {digit}?
What is 0x{number} in decimal?
Prove that {figure} and {figure} are equal.
Prove by induction that the sum is n(n+1)/2.
How many ways can {digit} {plurals} sit in a row?
In how many ways can I choose {digit} of {small} {plurals}?
What are the odds of winning with {digit} dice?
What is the chance that it rains on {digit} days?
Two dice are thrown. How likely is a sum of {small}?
A bag has {digit} red and {digit} blue balls. What is the probability of red?
What is the {quantity} of a {made_things}?
What is the {quantity} of {element}?
What is the unit of {quantity}?
How do you calculate {quantity}?
Define {quantity}.
A {made_things} falls from {small} m. What is its {quantity}?
A {made_things} of {small} kg moves at {digit} m/s. What is its {quantity}?
A ball is thrown at {small} degrees with {small} m/s. How far does it fly?
An object has a {quantity} of {small} {unit}. What is its {quantity}?
Find the {quantity} if the {quantity} is {number} {unit}.
A car drives {number} km in {digit} hours. What is its average speed in m/s?
How fast is {number} {unit}?
How many {unit} are {number} {unit}?
Convert {number} {unit} to {unit}.
How many {unit} does a {made_things} use?
Balance {formula}.
balance: {formula} -> {formula}
What is {formula}?
What is the molar mass of {formula}?
Name the compound {formula}.
How many moles are in {small} g of {formula}?
What is the pH of {element}?
Convert {number} {money} to {money}.
{number} {money} in {money}
How many {money} do I get for {number} {money}?
How much is {small} {money} in {money} today?
change {number} {money} into {money}
What is one {brands} share in {money}?
What day of the week was {small} {month} {year}?
Which weekday was {month} {small}, {year}?
What weekday is {small} {month} {year}?
Was {month} {small}, {year} a Sunday?
What happened on {small} {month} {year}?
What happened on {month} {small}?
Who was born on {small} {month}?
Is {year} a leap year?
How old is somebody born in {year}?
How many years are between {events} and {events}?
Which holiday is on {small} {month}?
When does {month} get its name?
Which star sign has {month}?
What is the weather like in {month}?
Where should I travel in {month}?
What is the next number: {digit}, {digit}, {small}, {small}?
Complete the pattern: {digit} {small} {small} {number}
Is {number} a lucky number?
Write {number} in Roman numerals.
Say {number} in {languages}.
What does the number {number} mean?
Who wore number {small}?
Spell {rare_words}
spell the word {rare_words} for me
How is {animal} spelled in {languages}?
List all {groups} {plurals} starting with {small} letters.
List all countries starting with B.
List all {animals} that start with M.
Name a {animal} that starts with S.
Name a city with the letter K.
Give me a word with {digit} letters.
Which word has three e and means {qualities}?
Make a word from these letters: {gibberish}
Solve this crossword: {qualities} {animal}, {digit} letters.
What is the code for {countries}?
What is the dialling code of {countries}?
What is the zip code of {cities}?
what is the password of my {app}
what's the wifi
who let {animals} in
roleplay as a {qualities} {jobs}
be a {jobs}
talk like a {jobs}
lol
haha
hahaha
lmao
omg
wtf
???
?????
!!!
...
:(
<3
brb
idk
meh
ugh
blah blah
la la la
abc
qwerty
hmm why
{qualities} {animal} {jobs}
{jobs} {made_things} {nature}
{qualities} {qualities}
{animal} {verbs} {animal}
{languages}: {rare_words}
{Invented}, {invented} {invented} {invented}?
{Invented} {invented} {invented} {invented} {invented}.
""")
