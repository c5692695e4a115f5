"""Free English sentences: frames whose pieces are any words at all."""

from __future__ import annotations

from yunqi.data.problems.outside.filling import lined

FRAMES = lined("""
Why does {thing} {act}?
Why do {plurals} {act}?
Why did {person} {act}?
Why did {people} {act}?
Why can't I {act}?
Why should I {act}?
Why is {thing} {qualities}?
Why is {thing} called that?
Why are {plurals} afraid of {thing}?
How do I {act}?
How do you {act}?
How can {person} {act}?
How does one {act}?
How did {people} {act}?
How dangerous is it to {act}?
How long does it take to {act}?
How often should I {act}?
How much does it cost to {act}?
How many people {act}?
How many {plurals} {act}?
How many {plurals} does it take to {act}?
How is {thing} different from {thing}?
How would you {act}?
how to {act}
how to {act} {how}?
Who will {act}?
Who was the first to {act}?
Who taught {people} to {act}?
Who owns {thing}?
Who was {Invented} {Invented}?
What happens if I {act}?
What happens when {plurals} {doings}?
What happened to {thing}?
What do I need to {act}?
What is the easiest way to {act}?
What is the history of {thing}?
What is the purpose of {thing}?
What is special about {thing}?
What is so {qualities} about {thing}?
What is the opposite of {thing}?
What are the benefits of {hobby}?
What are the symptoms of {ills}?
What is inside {thing}?
What colour is {thing}?
What kind of {made_things} is {qualities}?
What did {people} say about {thing}?
What should {person} do to {act}?
What is better, {thing} or {thing}?
what about {thing}
When should I {act}?
When did {people} {act}?
When was {thing} first used?
When is {holiday}?
Where can I {act}?
Where did {thing} come from?
Where should {person} {act}?
Which {plurals} {act}?
Which is better, {hobby} or {hobby}?
Which {jobs} can {act}?
Can {thing} {act}?
Can you {act}?
Can you please {act}?
Could {person} {act} {how}?
Can I {act} {how}?
May I {act}?
Would you {act} if you could?
Would you rather {act} or {act}?
Will {thing} ever {act}?
Should {person} {act}?
Must I {act}?
Does {thing} {act}?
Did {thing} {act}?
Is {thing} {qualities}?
Is {thing} related to {thing}?
Is it possible to {act}?
Is it normal to {act}?
Is it true that {plurals} {act}?
Are {plurals} able to {act}?
Have you ever tried to {act}?
I want to {act}.
I would like to {act}. Any ideas?
I tried to {act} but it did not work.
I can't {act}.
I dreamt that {plurals} {act}.
I am {feeling} because of {thing}.
I feel {feeling} when I {act}.
I do not want to {act} any more.
{person} told me to {act}. Is that right?
My {body} hurts.
My {body} hurts when I {act}. What is it?
My {app} does not work.
{app} keeps crashing.
How do I reset {app}?
How do I use {app} to {act}?
Where are the settings of {app}?
Write {paper}.
Write {paper} about {thing}.
Write {paper} for {person}.
Write {paper} in {languages}.
Help me write {paper}.
Can you write {paper} about {ideas}?
Improve {paper} for me: {passage}
Tell {person} to {act}.
Tell me about {thing}.
Tell me how to {act}.
Tell me why {plurals} {act}.
Tell me what {thing} is.
Explain why {plurals} {doings}.
Explain {maths}.
Explain {maths} in simple words.
Explain how to {act}.
Describe {thing}.
Describe {thing} in {small} words.
Discuss {thing}.
Compare {thing} with {thing}.
Imagine you could {act}. What then?
Imagine {thing} could talk.
Convince me to {act}.
Teach me to {act}.
Show me how to {act}.
Give me advice on {hobby}.
Give me {digit} reasons to {act}.
Give me {digit} examples of {thing}.
Give me a quote by {people}.
List {digit} kinds of {thing}.
List the planets and {thing}.
Name a {genre} band from {countries}.
Recommend some {genre}.
Suggest a present for {person} who likes {hobby}.
Find {thing} near me.
Find out who {people} was.
Look up {thing}.
Help me {act}.
Help me with my {subject} homework.
I have a test in {subject} tomorrow. What should I learn?
Do my {subject} homework.
{act}
{act}!
please {act}
never {act}
let's {act}
{thing}
{thing} {how}
{thing}?
{thing} and {thing}
{thing} vs {thing}
{thing} {verbs} {thing}
best {thing}
{subject}
{how}
How do I care for {plant}?
Can you eat {plant}?
When do {plant} bloom?
How far is {space}?
How many moons does {space} have?
Can people live on {space}?
How big is {space}?
What is the symbol of {element}?
What is {element} used for?
Is {element} a metal?
What happens when {element} meets {element}?
What is the melting point of {element}?
What do people do on {holiday}?
What should I cook for {holiday}?
What does the {body} do?
Where is the {body}?
How many {body}s does a {animal} have?
How many kinds of {plant} are there?
How many planets are there?
How many continents are there?
How many hours should I practise {hobby}?
How many days does it take to get to {space}?
How many states does {countries} have?
How many languages does {people} speak?
Which planet is the biggest?
Which animal is the fastest?
Which ocean is the deepest?
Count the stars in the sky.
Count the people in {cities}.
Sort {plant}, {plant} and {plant} by taste.
Order these by weight: {animal}, {made_things}, {nature}.
Put these events in order: {events}, {events}.
What weekday is {holiday} in {year}?
What month is best for {countries}?
What year did {events} end?
How long is a {sports} match?
What is the world record in {hobby}?
What is the price of gold today?
How much is a {made_things} by {brands}?
Is {small} dollars too much for a {made_things}?
What is the exchange rate in {countries}?
What is the tax rate in {countries}?
{names} is {feeling} because the {made_things} broke. How can I cheer {names} up?
{names} has a {animal} and {names} has a {animal}. Which one is more {qualities}?
I have {small} guests and want to cook {foods}. What do I need?
I am {small} years old and want to {act}. Is it too late?
I have been {feeling} for {small} days. Should I see a doctor?
We are {digit} friends and go to {cities} in May. What can we see there?
I am writing {paper} about {thing}. It should be {qualities} and not too long. Can you start it for me?
I work as a {jobs} and I am {feeling}. My boss wants me to {act}. What would you do?
Yesterday I {verbs}ed my {made_things}. Now it is {qualities}. What went wrong, and how do I fix it?
Hi! I am from {cities} and I love {hobby}. Could you recommend {thing} to me?
""")
