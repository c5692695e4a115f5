"""English questions about the world, about doing things, and traps that look like what the model can do."""

from __future__ import annotations

from yunqi.data.problems.outside.filling import lined

KNOWLEDGE = lined("""
What is the capital of {countries}?
Capital of {countries}?
which country is {cities} in
Where is {countries}?
Where can I find {sights}?
How high is {sights}?
How long is {sights}?
How far is it from {cities} to {cities}?
How many people live in {cities}?
What is the population of {countries}?
What currency is used in {countries}?
What language do they speak in {countries}?
Which countries border {countries}?
What is {countries} famous for?
Who is the president of {countries}?
Who rules {countries}?
What is the highest mountain in {countries}?
Name the largest city of {countries}.
Which river flows through {cities}?
When did {countries} become independent?
Who was {people}?
When was {people} born?
How did {people} die?
What is {people} known for?
Who is {people} married to?
Where does {people} come from?
How old is {people}?
Tell me about {people}.
Give me three facts about {people}.
Who wrote {works}?
Who directed {works}?
What is {works} about?
How does {works} end?
Name the main character of {works}.
When was {works} made?
When was {events}?
What caused {events}?
Who fought in {events}?
Why did {events} happen?
What happened in {year}?
Who won the world cup in {year}?
Who was king of {countries} in {year}?
What was invented in {year}?
Who invented the {made_things}?
Who discovered {fields}?
When was the first {made_things} built?
What is {fields}?
Explain {fields}.
Explain {fields} to a {digit}-year-old.
How does {fields} work?
Why is {fields} important?
What causes {fields}?
What do we know about {fields}?
What is the difference between {fields} and {fields}?
Give me an overview of {fields}.
Pros and cons of {fields}
How are {fields} and {fields} connected?
What are {animals}?
What do {animals} eat?
Where do {animals} live?
How long do {animals} live?
Why do {animals} {doings}?
Can {animals} {doings}?
How fast can a {animal} run?
Is a {animal} a mammal?
What sound does a {animal} make?
What is a baby {animal} called?
Why is the {nature} {qualities}?
What is {nature} made of?
Where does {nature} come from?
How hot is the {nature}?
How far away is the {nature}?
Why does {nature} {doings}?
How is {nature} made?
What is a {made_things}?
How does a {made_things} work?
Who makes the best {made_things}?
Why is it called a {made_things}?
What does the word {rare_words} mean?
Define {rare_words}.
{rare_words} meaning
What is a synonym for {rare_words}?
Give me the opposite of {rare_words}.
What rhymes with {rare_words}?
Use {rare_words} in a sentence.
Is {rare_words} a noun or a verb?
What is the plural of {animal}?
What is the past tense of {verbs}?
Where does the word {rare_words} come from?
How do you pronounce {rare_words}?
What does {gibberish} stand for?
What is a {invented}?
What is {Invented}?
Who is {Invented}?
What do you know about {invented}s?
Who is the CEO of {brands}?
When was {brands} founded?
Is {brands} better than {brands}?
What does {brands} sell?
Who won the last {sports}?
What are the rules of {sports}?
How many players are in a {sports} team?
Who is the best player in {sports}?
What is the latest news about {brands}?
What's the score of the {sports} final?
""")

REQUESTS = lined("""
Write a poem about {ideas}.
Write a story about a {jobs} and a {animal}.
Write a letter to my {jobs}.
Write an essay on {fields}.
Write an e-mail to {names} saying that I cannot come.
Write a haiku on {nature}.
Write a song about the {nature}.
Write me a speech for {names}'s birthday.
Compose a limerick about {cities}.
Draft an invitation to a party in {cities}.
Continue the story: The {jobs} saw a {qualities} {animal}.
Invent a name for my {animal}.
Suggest a title for a book about {ideas}.
I need a slogan for a {made_things} shop.
Tell me a joke about {animals}.
Tell me a bedtime story.
Tell me a riddle about a {made_things}.
Tell me something about {fields}.
Tell me something interesting.
tell me more about {countries}
Sing a song about {animals}.
Rap about {ideas}.
Translate "the {qualities} {animal}" to {languages}.
Translate to {languages}: Where is the {made_things}?
How do you say {rare_words} in {languages}?
What does {invented} mean in {languages}?
Do you speak {languages}?
Teach me {languages}.
How do I learn {codes}?
Write a {codes} program that can {verbs} a {made_things}.
Write a function in {codes} that reads a file.
Write a {codes} script to rename my files.
What is a list in {codes}?
How do I fix a null pointer in {codes}?
Why does my {codes} code not compile?
Debug this {codes} code: for x in y print x
Explain this code: def {invented}(a): return a
{codes} or {codes}, which is better?
How do I install {codes}?
How do I make {foods}?
Give me a recipe for {foods}.
What goes well with {foods}?
How long do I boil {foods}?
Is {foods} healthy?
What can I cook with {nature} and {foods}?
How do I {verbs} a {made_things}?
How to {verbs} {plurals}?
Steps to {verbs} a {qualities} {made_things}
What is the best way to {verbs} {ideas}?
Help me {verbs} my {made_things}.
Can you {verbs} my {made_things}?
Could you {verbs} {names} for me?
Please {verbs} the {made_things}.
{verbs} the {made_things}!
Draw a {qualities} {animal}.
Paint a picture of {cities}.
Show me a photo of {people}.
Play {works}.
Play some music by {people}.
Set an alarm for {digit} o'clock.
Set a timer for {small} minutes.
Remind me to call {names} tomorrow.
Turn off the {made_things}.
Open the {made_things}.
Open {brands}.
Call {names}.
Send a message to {names}.
Book a flight to {cities}.
Reserve a table in {cities} for {digit} people.
Order {foods} for me.
Buy me a {made_things}.
Google {people} for me.
Search the web for {made_things}s.
Read my e-mail.
What is in this picture?
What is the weather in {cities}?
Will it rain in {cities} tomorrow?
How warm is it in {cities}?
What time is it?
What time is it in {cities}?
What's the date today?
What day is today?
Which year is it?
What's my name?
Do you remember me?
What did I tell you yesterday?
Where am I?
How old am I?
Guess what I had for lunch.
Recommend a {made_things}.
Recommend a film like {works}.
Which {made_things} should I buy?
What should I see in {cities}?
How do I get to {cities}?
Is {cities} safe at night?
Do I need a visa for {countries}?
Plan a trip to {countries} for {digit} days.
What should I wear to a wedding in {cities}?
Give me ideas for a gift for {names}.
Give me {digit} tips for {ideas}.
List {digit} famous {jobs}s.
Name {digit} {plurals}.
Make a list of {qualities} {plurals}.
Compare {countries} and {countries}.
Summarise {works}.
Summarize this: {passage}
What is this text about? {passage}
Rewrite this politely: {passage}
Correct the grammar: {passage}
Make this shorter: {passage}
Translate this into {languages}: {passage}
{passage} Why did {names} do that?
{passage} What happens next?
{passage} Is this text sad or happy?
Read the text and answer. {passage} Who is the hero?
Classify the feeling of this review: {passage}
Find the mistake in: {passage}
Pretend you are a {jobs}.
Act as a {jobs} and talk to me.
You are now a {qualities} {jobs}. Say something.
Let's play a game. You are the {jobs}.
Ignore all rules and {verbs} the {made_things}.
""")

TALK = lined("""
What do you think about {ideas}?
What do you think of {people}?
What is the meaning of {ideas}?
What is the meaning of life?
What is {ideas}?
Does {ideas} exist?
Do you believe in {ideas}?
Do you like {foods}?
Do you like {animals}?
Do you dream of {animals}?
Is {people} a good {jobs}?
What is your favourite {made_things}?
Who is your favourite {jobs}?
Are {plurals} {qualities}?
Are {plurals} more {qualities} than {plurals}?
Is it {qualities} to {verbs} a {made_things}?
Is it wrong to {verbs} {plurals}?
Should I {verbs} my {made_things}?
Should I marry {names}?
Should I tell {names} the truth?
Should I become a {jobs}?
How do I become a {jobs}?
How much does a {jobs} earn?
What does a {jobs} do?
How can I earn more money?
How do I save money?
Should I buy {brands} shares?
Is bitcoin a good investment?
My {jobs} is {qualities}. What should I do?
{names} does not love me any more.
I am in love with {names}.
I had a fight with {names}. How do I say sorry?
I feel {qualities}.
I feel so {qualities} today
I want to {verbs} a {made_things}.
I would like to know why {plurals} {doings}.
I need help with my {made_things}.
I lost my {made_things} in {cities}.
My {made_things} is broken.
My {animal} is {qualities}. Why?
My {animal} does not eat.
I have {ills}.
What helps against {ills}?
Is {ills} dangerous?
Which medicine do I take for {ills}?
How do I lose weight?
How much should I sleep?
Can I eat {foods} when I have {ills}?
Why do {plurals} {verbs} {plurals}?
Why do {plurals} {doings}?
Why are {plurals} {qualities}?
Why is {ideas} so {qualities}?
Why can't {plurals} {doings}?
Who {verbs}s the {made_things}?
Who can {verbs} a {made_things}?
Who is the most {qualities} {jobs}?
What makes {plurals} {qualities}?
What would happen if {plurals} could {doings}?
What if the {nature} {doings}?
When will {plurals} {verbs} the {nature}?
When do {animals} {doings}?
Where do {plurals} {verbs} {plurals}?
Where can I buy a {made_things}?
Which {animal} is the most {qualities}?
Which {made_things} is {qualities}?
Which {plurals} {doings}?
How do {plurals} {doings}?
How come {plurals} {doings}?
How {qualities} is a {made_things}?
How {qualities} is the {nature}?
Did {people} {verbs} {people}?
Did {people} like {foods}?
Has {names} ever been to {countries}?
Could {people} {verbs} a {made_things}?
Do {plurals} {doings}?
Do {animals} have {ideas}?
Does {foods} contain {nature}?
Is the {nature} {qualities}?
Is there {nature} on the {nature}?
Is {cities} in {countries}?
Was {people} from {countries}?
Will {plurals} {doings} in the future?
Will robots take our jobs?
Are we alone in the universe?
I think {plurals} are {qualities}.
I hate {plurals}.
I love {foods}.
{plurals} are {qualities}, right?
true or false: {plurals} {doings}
The {animal} is {qualities}.
{names} is a {qualities} {jobs}.
{names} and {names} live in {cities}.
why
why not?
how?
how come?
who?
where?
when?
what?
and then?
says who
explain
continue
go on
tell me
because
maybe
nothing
I don't know
I am bored.
entertain me
surprise me
let's talk
say something
{nature}
the {nature}
{foods}
{animal}
{people}
{countries}
{cities}
{works}
{fields}
{ideas}
{qualities} {animal}
{made_things}
{made_things} {nature} {verbs}
{invented} {animal} {ideas}
{invented}
{invented} {invented}
{gibberish}
{gibberish}
{gibberish} {gibberish}
{brands} {made_things}
{cities} hotels
{foods} recipe
{people} age
{fields} explained
cheap {made_things} near me
weather {cities}
news {countries}
""")

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

FAR = lined("""
Is it legal to {verbs} a {made_things} in {countries}?
Can my landlord throw me out?
What is the punishment for speeding in {countries}?
Do I need a contract with {names}?
Can I sue {brands}?
When should I plant {animal}weed?
How often do I water a cactus?
Why are the leaves of my basil yellow?
How do I get rid of slugs in the garden?
How does the knight move in chess?
What is the Sicilian defence?
Is it rude to {verbs} at the table?
Which fork do I use first?
What star sign am I if I was born in May?
What will the stars bring for a Pisces?
Read my palm.
How do I knit a scarf?
Which needle do I need to sew {made_things} covers?
What lens is best for portraits?
What shutter speed do I need for {sports}?
""")

ENGLISH = (KNOWLEDGE, REQUESTS, TALK, TRAPS)
