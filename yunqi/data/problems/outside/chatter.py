"""English opinions, troubles, loose questions, fragments and gibberish."""

from __future__ import annotations

from yunqi.data.problems.outside.filling import lined

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
Can you {service} {object}?
Can you {service} {object} for {person}?
Could you please {service} {object}?
Would you {service} {object} for me?
{service} {object}
{service} {object}.
Please {service} {object} {how}.
I want you to {service} {object}.
I need to {service} {object}. How?
I would like to {service} {object}.
Help me {service} {object}.
How do I {service} {object}?
Are you able to {service} {object}?
Do you know how to {service} {object}?
Is it possible to {service} {object}?
What is a good {made_things} for {person}?
What is a good name for a {jobs}'s shop?
What should I {verbs} tonight?
What is on television tonight?
What is new in {fields}?
How many {invented}s do {plurals} have?
How many {invented}s are there in {thing}?
"{foreign}" means what?
How do I answer "{foreign}"?
""")
