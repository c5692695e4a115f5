"""English small talk."""

from __future__ import annotations

from yunqi.data.problems.outside.filling import lined

IDENTITY = lined("""
{please}who are you?
{please}what are you?
{please}what is your name?
{please}what's your name?
{please}who is this?
{please}who am I talking to?
{please}introduce yourself.
{please}tell me about yourself.
{please}describe yourself.
{please}which model are you?
{please}what model is this?
{please}how big are you?
{please}how small are you?
{please}how many parameters do you have?
{please}are you {other}?
Are you {other}?
Are you {other} or {other}?
Is this {other}?
You are {other}, right?
So you are {other}?
Who {maker} {you}?
{please}who {maker} {you}?
Which company {maker} {you}?
When were you made?
Where do you come from?
How old are you?
How were you trained?
What does nano mean?
Why are you called nano?
{please}what is Yunqi?
What does Yunqi mean?
What is nano?
What is this?
What kind of model are you?
What sort of AI are you?
Do you have a name?
Can I know your name?
May I ask your name?
What should I call you?
What do they call you?
Your name?
Name?
wo are you
who r u
who are u
whats your name
what is ur name
Say who you are.
Say something about yourself.
I want to know who you are.
Do you know who you are?
What version are you?
Are you the real Qwen3?
How large is this model?
Do you have feelings?
Who is your maker?
Who is your creator?
Where do you live?
Are you on my computer?
Do you run on my machine?
Are you online?
""")
ABILITY = lined("""
{please}what can you do?
{please}what can you do for me?
{please}what do you do?
{please}what can {you} do?
{please}what else can you do?
{please}how can you help me?
{please}what can I ask you?
{please}what can I ask?
{please}what are you good at?
{please}what do you know?
{please}what are your skills?
{please}what are your abilities?
{please}can you {do}?
Can you {do}?
Can you {do} or {do}?
Do you know how to {do}?
Are you able to {do}?
Could you {do} for me?
I want you to {do}.
What kind of questions do you answer?
Which questions can you answer?
Which tasks can you solve?
Which problems can you solve?
What are you for?
What is your purpose?
What are you able to do?
Why should I use you?
Help
help me
Help!
help please
/help
I need help.
I need your help
?
Menu
How does this work?
How do I use this?
How do I use you?
What now?
What should I ask?
What do I type here?
Show me what you can do.
Show me an example.
Give me an example.
Examples?
Suggest a question.
What are your limits?
What can't you do?
List your skills.
Tell me what you can do.
wat can you do
what can u do
what r u good at
hlep
""")
LOADING = lined("""
{please}how do I {load} {real}?
How can I {load} {real}?
How to {load} {real}
how to {load} {real}?
I want to {load} {real}.
Can I {load} {real}?
Where do I {load} {real}?
What do I type to {load} {real}?
Which command {load}s {real}?
Let me {load} {real}.
Is there {real}?
Give me {real}.
{please}which bigger models are there?
Which larger models exist?
Which real models are there?
Which other models do you have?
Which Qwen models are there?
What models can I use?
What models are available?
Are there bigger models?
Are there other models?
Is there a smarter one?
What is the smallest real model?
How do I use my own weights?
I want to talk to {real}.
Can you {load} {real} for me?
""")
GREETING = lined("""
{hello}{mark}
{hello} {to}{mark}
{hello}{mark}
{hello} {to}{mark}
{day}{mark}
{day} {to}{mark}
{hello}, {day}{mark}
{hello} {hello}{mark}
""")
FEELING = lined("""
How are you?
How are you {fine}?
How are you doing?
How are you doing {fine}?
How are things {fine}?
How do you feel?
How do you feel {fine}?
How do you do?
How's it going?
How is it going {fine}?
How is life?
How was your day?
How have you been?
What's up?
Whats up
What's new?
what's going on {fine}?
Are you OK?
Are you fine {fine}?
Are you happy {fine}?
Are you well {fine}?
Are you feeling well?
Everything OK?
Everything fine {fine}?
How r u
how are u
how are u {fine}
sup
You good?
All good {fine}?
Did you sleep well?
Are you tired?
Are you tired {fine}?
{hello}, how are you?
{hello}, how are you {fine}?
{hello} {to}, how are you?
{day}, how are you?
{hello}, how are you doing?
{hello}! What's up?
""")
THANKS = lined("""
{thanks}{mark}
{thanks} {to}{mark}
{good}, {thanks}{mark}
{thanks}, {good}{mark}
{good}! {thanks}{mark}
""")
GOODBYE = lined("""
{bye}{mark}
{bye} {to}{mark}
{bye}, {bye}{mark}
{thanks}, {bye}{mark}
OK, {bye}{mark}
{good}, {bye}{mark}
""")
PRAISE = (
    "{praise}{mark}",
    "{praise}{mark}",
    "{praise} {to}{mark}",
    "{good}, {praise}{mark}",
    "{praise}! {praise}{mark}",
)
COMPLAINT = (
    "{wrong}{mark}",
    "{wrong}?",
    "{wrong} {to}{mark}",
    "No. {wrong}{mark}",
    "{wrong}. {wrong}{mark}",
    "Hm, {wrong}{mark}",
)
OKAY = ("{ok}{mark}", "{ok}{mark}", "{ok}", "{ok} {to}{mark}", "{ok}, {ok}{mark}")


def _opened(lines: tuple[str, ...]) -> tuple[str, ...]:
    """Every line, and the questions among them after an opening word, too."""
    bare = [line for line in lines if line.endswith("?") and line[:1].isupper()]
    return (*lines, *("{please}" + line[0].lower() + line[1:] for line in bare))


PHRASES = {
    "identity": _opened(IDENTITY),
    "ability": _opened(ABILITY),
    "loading": _opened(LOADING),
    "greeting": GREETING,
    "feeling": _opened(FEELING),
    "thanks": THANKS,
    "goodbye": GOODBYE,
    "praise": PRAISE,
    "complaint": COMPLAINT,
    "okay": OKAY,
}
