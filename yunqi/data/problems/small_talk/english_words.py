"""English words that fill small talk."""

from __future__ import annotations

from collections.abc import Mapping

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
        "Well done | Great | Nice | Cool | Super | Perfect | Good job | Great job | Good work | Nice work | "
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
