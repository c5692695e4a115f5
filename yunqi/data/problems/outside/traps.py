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
How many syllables are in {rare_words}?
How many words are in {works}?
How many letters are in the {languages} alphabet?
How many letters did {people} write?
How many chapters does {works} have?
How many wheels does a {made_things} have?
How many wings does a {animal} have?
How many keys does a piano have?
How many colours are in a rainbow?
How many strings has a violin?
How many eggs does a {animal} lay?
How many years does a {animal} live?
How many grams of {nature} do I need for {foods}?
How many cups of {nature} go into {foods}?
How many minutes do I cook {foods}?
How many hours of sleep does a {animal} need?
How many kilometres is {cities} from {cities}?
How many miles is it to {space}?
How many metres tall is {sights}?
How many steps lead up {sights}?
How many litres of blood are in a {animal}?
How many people died in {events}?
How many children did {people} have?
How many medals did {countries} win in {year}?
How many users does {brands} have?
How many songs did {people} record?
How many employees does {brands} have?
How many sides does a {maths} have?
How many elements are in the periodic table?
How much does {brands} pay a {jobs}?
How much rain falls in {countries}?
How much sugar is in {foods}?
How much money does {people} have?
How much time do I need for {sights}?
What day is {holiday} this year?
What is the date of {holiday}?
What date was {people} born?
Which day of the week is the best to {act}?
What month does {hobby} season start?
Which month is the hottest in {cities}?
What year was {people} born?
In which century was {works} written?
Which came first, {events} or {events}?
Which is longer, {sights} or {sights}?
Which is closer, {space} or {space}?
Which is more, all {animals} or all {plurals}?
Which is healthier, {foods} or {foods}?
Which is cheaper, {hobby} or {hobby}?
Which number is unlucky in {countries}?
Which number wears {people}?
Which word does not belong: {plant}, {animal}, {made_things}?
Sort by colour: {plant}, {nature}, {animal}.
Sort my photos.
Sort {works}, {works} and {works} by year.
Arrange {cities}, {cities}, {cities} from north to south.
Rank {brands}, {brands} and {brands}.
Order the planets by size.
Count sheep with me.
Count to ten in {languages}.
What is the first letter of the {languages} alphabet?
What was the last word of {people}?
What is the first line of {works}?
Who was the first {jobs} in {countries}?
Reverse the effects of {ills}.
What does a ticket for {works} cost?
What is the price of {foods} in {cities}?
How much change is happening in {countries}?
What is the total area of {countries}?
What is the sum of all knowledge?
What is the product of {brands}?
What is the difference between a {animal} and a {animal}?
What is half of a {made_things} called?
What is the average height in {countries}?
What is the average temperature on {space}?
What is the speed of light?
What is the speed of a {animal}?
What is the distance to {space}?
What is the length of {sights}?
What is the weight of a {made_things}?
What is the age of {people}?
What is the size of {countries}?
What is the time in {countries}?
What is the number of {plurals} in {countries}?
Calculate the distance from {cities} to {cities}.
Calculate my taxes.
Calculate the mass of {space}.
Compute the determinant of a matrix.
Convert {digit} cups of {nature} to grams.
Convert {number} yen to euros.
Convert this file to PDF.
Add {names} to my contacts.
Add music to my video.
Add a comma where it belongs: {passage}
Multiply the matrix by a vector.
Divide {countries} into regions.
Subtract the {languages} words from this text.
If {plurals} could {act}, what would {person} do?
If I {act}, will I be {qualities}?
If x + y = {small} and x - y = {digit}, what is x?
If f(x) = {digit}x + {small}, what is f({small})?
If today is a holiday in {countries}, which one is it?
{names} has {small} {plurals}. What colour are they?
{names} is {small} years older than {names} was when {names} was born. Who is {names}?
{names} buys a {made_things} in {cities}. Which bus does {names} take?
{names} ran a marathon in {digit} hours. Is that fast?
{names} drives at {number} km/h. Is that legal in {countries}?
A coin is tossed {digit} times. What is the chance of {digit} heads?
A train to {cities} is late. What are my rights?
The price rises by {small}% each year. When has it doubled?
Use {made_things}, {nature} and {animal} in a story.
Make a sentence out of {nature}, {animal}, {made_things}.
Make me a {made_things}.
Make {foods} for {digit} people.
Extract the {element} from {nature}.
Call the {jobs}.
Show the map of {countries}.
{number}
{big}
{year}
{number} {plurals}
{names} {number}
{digit} {qualities} {plurals}
""")
