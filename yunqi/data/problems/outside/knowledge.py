"""English questions about the world: places, people, science, animals, words."""

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
