"""English questions that look like what the model can do, but need knowledge or harder mathematics."""

from __future__ import annotations

from yunqi.data.problems.outside.filling import lined

TRAPS = lined("""
How many legs does a {animal} have?
How many eyes does a {animal} have?
How many teeth does a {animal} have?
How many hearts does a {animal} have?
How many {plurals} are in {groups}?
How many {plurals} are there in {groups}?
How many bones are in {groups}?
How many strings does a {made_things} have?
How many wives did {people} have?
How many books did {people} write?
How many pages does {works} have?
How many moons does {Invented} have?
How many calories are in {foods}?
How many goals has {people} scored?
How many {plurals} fit into a {made_things}?
How many times did {people} win {sports}?
How much does a {made_things} cost?
How much does a {animal} weigh?
How much is a ticket to {cities}?
How much {nature} is in {foods}?
What is the price of {brands} shares?
What does a {made_things} cost in {cities}?
How many dollars are {number} euros?
Convert {number} dollars to pounds.
Convert {small} Fahrenheit to Celsius.
How tall is {people}?
How old is the {nature}?
Which is bigger, the {nature} or the {nature}?
Which is larger, {countries} or {countries}?
What is heavier, a {animal} or a {made_things}?
Which is older, {cities} or {cities}?
Who is taller, {people} or {people}?
Is a {animal} faster than a {animal}?
Sort these by age: {people}, {people}, {people}.
Sort the countries by size: {countries}, {countries}, {countries}.
Which of these does not fit: {animal}, {made_things}, {animal}?
What day was {events}?
On which weekday was {people} born?
On what date did {events} begin?
How many days did {events} last?
How many years ago was {events}?
When is Easter in {year}?
When is the next full moon?
What is today's date?
How many days until Christmas?
What time does the sun rise in {cities}?
What letter comes most often in {languages}?
How do you spell {rare_words}?
Is {invented} spelled right?
Find an anagram of {rare_words}.
What is the square root of {number}?
What is the cube root of {big}?
What is {small} to the power of {digit}?
What is {digit} squared?
{small}^{digit}
sqrt({number})
{digit}!
What is {small}% of {number}?
{small} percent of {number}
Increase {number} by {small}%.
Solve x + {small} = {number}.
Solve {digit}x - {small} = {number} for x.
Solve x^2 + {digit}x + {small} = 0.
Find x: {digit}x = {number} + y
What is the derivative of x^{digit}?
Integrate {digit}x^2.
What is the limit of {digit}/x as x goes to infinity?
Factor {number} into primes.
Is {number} a prime number?
Which is the {small}th prime number?
What is the sine of {small}?
log({number})
What is pi?
Give me {small} digits of pi.
What is {digit}/{digit} + {digit}/{digit} as a fraction?
Simplify the fraction {small}/{number}.
What is the area of a circle with radius {small}?
What is the volume of a sphere with radius {digit} cm?
A triangle has sides {digit}, {digit} and {digit}. What are its angles?
What is the hypotenuse of a triangle with legs {digit} and {small}?
Prove that there are infinitely many primes.
Prove that the square root of {digit} is irrational.
What is the mean of {small}, {small} and {small}?
What is the standard deviation of {small}, {small}, {small}?
What is the probability of rolling a {digit} with two dice?
What is {number} in binary?
What is {small} in Roman numerals?
Convert {number} to hexadecimal.
What number comes next: {digit}, {small}, {number}?
What is the next number in the series {small}, {small}, {small}?
What is the greatest common divisor of {number} and {number}?
A ball falls from {small} metres. How long does it take?
A car of {big} kg brakes in {small} seconds. What is the force?
How much energy is in {small} grams of {nature}?
What is the boiling point of {nature}?
What is the chemical formula of {nature}?
Balance the equation H2 + O2 = H2O.
What is the atomic number of {nature}?
How many atoms are in {small} grams of {nature}?
What is the density of {nature}?
What is the resistance at {small} volts and {digit} amperes?
I put {number} dollars in the bank at {digit}% interest. What do I have in {small} years?
Toss a coin.
Roll a dice.
Give me a random number.
Think of a number between 1 and {number}.
What is my lucky number?
What is the phone number of {names}?
How many {plurals} can {people} {verbs}?
{names} has {small} {plurals} and is {qualities}. Why is {names} {qualities}?
{names} bought a {made_things} for {small} dollars. Was it a good deal?
What time is the train to {cities}?
""")
