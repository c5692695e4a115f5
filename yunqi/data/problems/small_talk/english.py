"""English small talk."""

from __future__ import annotations

from collections.abc import Mapping

from yunqi.data.problems.outside.filling import lined
from yunqi.data.problems.phrasing import listed

WORDS: Mapping[str, tuple[str, ...]] = {
    "hello": listed(
        "Hello | Hi | Hey | Hi there | Hello there | Hey there | Helo | Hiya | Howdy | Hallo | Yo | Hey hey | Greetings"
    ),
    "day": listed(
        "Good morning | Good evening | Good afternoon | Good day | Morning | Evening | Nice to meet you | Welcome back"
    ),
    "to": listed(
        ", nano | nano | , friend | buddy | , model | , robot | , AI | , computer | everyone | , my friend | "
        ", Yunqi | again | , you"
    ),
    "mark": ("", "!", ".", " :)", "!!", " ..."),
    "thanks": listed(
        "Thanks | Thank you | Thx | Ty | Thank you very much | Thanks a lot | Many thanks | Thank you so much | "
        "Thanks so much | Cheers | Tank you | Thanks again | Thank u | Much obliged | Thanks for your help | "
        "Thank you for the answer | Big thanks | Thanks a million | Thank you for everything | Thanks for that"
    ),
    "good": listed(
        "Great | Perfect | OK | Nice | Cool | Wonderful | Super | Good | Fine | Yes | Got it | Right | That helped | Ah"
    ),
    "bye": listed(
        "Bye | Goodbye | Bye bye | Good bye | See you | See you later | See you soon | See you tomorrow | Cya | "
        "Good night | Ciao | Farewell | Take care | Have a nice day | Have a good evening | Until next time | "
        "I have to go | I am leaving | Gotta go | I must go now | Later | Talk to you later | So long | Time to go | "
        "That is all | That's it for today | I am done | Quit | Exit"
    ),
    "fine": listed("today | this morning | now | these days | tonight | then | right now | this fine day"),
    "other": listed(
        "ChatGPT | GPT | GPT-4 | Claude | Gemini | Siri | Alexa | Qwen | Qwen3 | Llama | Mistral | DeepSeek | "
        "Copilot | Bard | a human | a person | a robot | a bot | a chat bot | a computer | a machine | an AI | "
        "a real person | a language model | alive | real | a man | a woman | a program | made by Alibaba | "
        "made by OpenAI | made by Google | open source | conscious | smart | intelligent | nano | Yunqi | "
        "a big model | a small model | a toy"
    ),
    "maker": listed("made | built | created | trained | programmed | wrote | developed | designed | invented | owns"),
    "you": listed("you | this model | nano | this bot | this thing"),
    "do": listed(
        "do maths | do math | calculate | add numbers | do sums | multiply | divide | sort numbers | count letters | "
        "solve word problems | use tools | call a tool | work with dates | add prices | write JSON | extract JSON | "
        "convert units | speak German | speak Chinese | help me with maths | help me | play Countdown | think | "
        "do homework | count | compare numbers | do arithmetic | reason"
    ),
    "real": listed(
        "a real model | a real Qwen3 | a bigger model | a larger model | Qwen3 | a proper model | the real Qwen | "
        "a better model | another model | a full model | Qwen3-0.6B | a Qwen model | real weights | "
        "a smarter model | the big model"
    ),
    "load": listed("load | run | start | use | get | download | chat with | try | switch to | open | install | pull"),
    "praise": listed(
        "Well done | Great | Nice | Cool | Super | Perfect | Good | Good job | Great job | Good work | Nice work | "
        "Bravo | You are great | You are smart | You are so clever | Amazing | Awesome | Impressive | Excellent | "
        "That is right | That's correct | Correct | You are right | I like you | I love you | You are funny | "
        "Good bot | You are cool | You are good at this | That was fast | Very good | Wow | Not bad | Brilliant | "
        "Fantastic | You are the best | Exactly | Lovely"
    ),
    "wrong": listed(
        "That is wrong | This is wrong | Wrong | That's not right | That is not correct | Incorrect | "
        "You are wrong | False | No, that is wrong | You made a mistake | That is a mistake | Bad answer | "
        "That makes no sense | You are stupid | You are dumb | You are useless | You are bad at this | Nonsense | "
        "Rubbish | Your answer is wrong | I don't think so | Are you sure | Check again | Try again | Think again | "
        "You miscalculated | That can't be right | This is not what I asked | You did not understand me | "
        "I don't believe you | Terrible | You suck | This is bad | The result is wrong | Nope, wrong | "
        "I do not understand your answer | That was not helpful | What a bad model"
    ),
    "ok": listed(
        "OK | Okay | Ok | Yes | No | Yeah | Yep | Nope | Sure | Alright | All right | Fine | Aha | I see | Got it | "
        "Understood | Right | Hm | Hmm | Ah | Oh | K | Okey | Yup | Nah | Good | Of course | Maybe later | Not now | "
        "No thanks | No, thank you | Yes please | Yes, please | I understand | Makes sense | Interesting | "
        "Never mind | Let's go | Go | Ready | I am ready | Test | Just testing | Testing | Wait"
    ),
    "please": (
        "",
        "Please: ",
        "Hey, ",
        "Hi, ",
        "Hello. ",
        "Tell me, ",
        "So, ",
        "OK, ",
        "Sorry, ",
        "By the way, ",
        "First, ",
        "Well, ",
    ),
}
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

PHRASES = {
    "identity": IDENTITY,
    "ability": ABILITY,
    "loading": LOADING,
    "greeting": GREETING,
    "feeling": FEELING,
    "thanks": THANKS,
    "goodbye": GOODBYE,
    "praise": PRAISE,
    "complaint": COMPLAINT,
    "okay": OKAY,
}
FAR = {
    "identity": (
        "With whom do I have the pleasure?",
        "State your name and model.",
        "Might I learn what you call yourself?",
    ),
    "ability": ("What is your range of talents?", "Walk me through your features.", "Where do your strengths lie?"),
    "loading": ("Which line in the terminal brings up actual Qwen3 weights?", "How would one upgrade from nano?"),
    "greeting": ("Salutations!", "Ahoy, little model!", "A very good morning to you"),
    "feeling": ("In good spirits?", "How fares it with you?"),
    "thanks": ("I am grateful.", "You have my gratitude."),
    "goodbye": ("I shall take my leave.", "Until we meet again!"),
    "praise": ("Splendid!", "What a marvel you are."),
    "complaint": ("This result disappoints me.", "Your figures do not add up."),
    "okay": ("As you wish", "Affirmative"),
}
