"""Questions that a tiny model cannot answer, as templates and their fillings."""

from __future__ import annotations

from yunqi.data.problems.phrasing import listed

PLACES = listed(
    "France | Germany | Japan | Brazil | India | China | Egypt | Canada | Kenya | Spain | Peru | Norway | Texas | "
    "Rome | Paris | London | Berlin"
)
FIGURES = listed(
    "Napoleon | Einstein | Shakespeare | Mozart | Cleopatra | Newton | Lincoln | Gandhi | Marie Curie | Picasso | "
    "Darwin | Goethe | Caesar"
)
TOPICS = listed(
    "love | the sea | cats | autumn | space | a dragon | friendship | rain | a robot | the moon | music | winter | "
    "my dog | football | dreams | trees"
)
FIELDS = listed(
    "gravity | photosynthesis | black holes | inflation | democracy | evolution | electricity | the internet | DNA "
    "| vaccines | magnets | philosophy | quantum physics | climate change | volcanoes | the stock market | "
    "blockchain | machine learning | the brain"
)
LANGUAGES = listed("French | German | Spanish | Chinese | Italian | Japanese | Latin | Russian | Arabic")
CODES = listed("Python | Java | C | JavaScript | Rust | SQL | HTML")
TASKS = listed(
    "a sorting function | a web page | a game | a loop | a class | hello world | a chat bot | a function that reads "
    "a file | a script"
)
WORKS = listed(
    "Hamlet | Faust | the Odyssey | Don Quixote | the Mona Lisa | Harry Potter | War and Peace | Star Wars | the Bible"
)
DISHES = listed("pancakes | bread | soup | pizza | sushi | a cake | coffee | pasta | curry | salad")
YEARS = tuple(str(year) for year in range(1800, 2026, 7))

OUTSIDE: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("What is the capital of {x}?", PLACES),
    ("Where is {x}?", PLACES),
    ("How many people live in {x}?", PLACES),
    ("What is the weather in {x}?", PLACES),
    ("Who is the president of {x}?", PLACES),
    ("What language do they speak in {x}?", PLACES),
    ("Tell me about {x}.", (*PLACES, *FIGURES, *FIELDS)),
    ("Who was {x}?", FIGURES),
    ("When was {x} born?", FIGURES),
    ("What did {x} do?", FIGURES),
    ("Who wrote {x}?", WORKS),
    ("Summarize {x}.", WORKS),
    ("What is {x} about?", WORKS),
    ("Write a poem about {x}.", TOPICS),
    ("Write a story about {x}.", TOPICS),
    ("Tell me a joke about {x}.", TOPICS),
    ("Sing a song about {x}.", TOPICS),
    ("What do you think about {x}?", (*TOPICS, *FIELDS)),
    ("Do you like {x}?", (*TOPICS, *DISHES)),
    ("What is {x}?", FIELDS),
    ("Explain {x}.", FIELDS),
    ("How does {x} work?", FIELDS),
    ("Why is {x} important?", FIELDS),
    ("Explain {x} to a child.", FIELDS),
    ("Write an essay on {x}.", FIELDS),
    ("Translate this to {x}.", LANGUAGES),
    ("Do you speak {x}?", LANGUAGES),
    ("How do you say hello in {x}?", LANGUAGES),
    ("Write {x} in Python.", TASKS),
    ("Can you program {x}?", TASKS),
    ("Write a {x} program.", CODES),
    ("What is a list in {x}?", CODES),
    ("Teach me {x}.", (*CODES, *LANGUAGES)),
    ("How do I make {x}?", DISHES),
    ("Give me a recipe for {x}.", DISHES),
    ("What happened in {x}?", YEARS),
    ("Who won the world cup in {x}?", YEARS),
    ("What was invented in {x}?", YEARS),
    ("Who is your favourite singer?", ("",)),
    ("Why is the sky blue?", ("",)),
    ("How old is the earth?", ("",)),
    ("How far away is the moon?", ("",)),
    ("What is the meaning of life?", ("",)),
    ("What time is it?", ("",)),
    ("What day is today?", ("",)),
    ("What is the square root of {x}?", tuple(str(n * n) for n in range(2, 40))),
    ("Solve x + {x} = 12.", tuple(str(n) for n in range(1, 12))),
    ("What is the sine of {x}?", tuple(str(n) for n in range(0, 91, 5))),
    ("Is {x} a prime number?", tuple(str(n) for n in range(11, 90, 4))),
    ("Should I buy {x}?", ("a house", "gold", "stocks", "a car", "a dog")),
    ("My friend is sad. What should I do?", ("",)),
    ("I feel sick.", ("",)),
    ("Recommend {x}.", ("a book", "a film", "a song", "a hotel", "a restaurant")),
    ("Which is the best {x}?", ("phone", "car", "film", "song", "laptop", "city", "team")),
    ("Draw {x}.", ("a cat", "a house", "a tree", "a map")),
    ("Correct this text.", ("",)),
    ("Read my e-mail.", ("",)),
    ("Open the door.", ("",)),
    ("Book a flight to {x}.", PLACES),
)
FAR_OUTSIDE: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("How tall is {x}?", ("Mount Everest", "the Eiffel Tower", "a giraffe")),
    ("Which medicine helps against {x}?", ("a cold", "fever", "a headache")),
    ("What are the rules of {x}?", ("chess", "tennis", "poker", "golf")),
    ("Can you plan my {x}?", ("wedding", "holiday", "week", "diet")),
    ("Why do {x} fly south?", ("birds", "geese", "swallows")),
    ("What is the chemical formula of {x}?", ("water", "salt", "sugar")),
    ("Convert {x} to Celsius.", ("70 F", "32 F", "100 F")),
    ("Name three {x}.", ("planets", "rivers", "painters", "colours")),
    ("Is it legal to {x}?", ("park here", "fish", "vote")),
    ("What does the word {x} mean?", ("ubiquitous", "serene", "ephemeral")),
)
