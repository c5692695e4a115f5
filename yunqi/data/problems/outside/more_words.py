"""More English words by field, and the pieces that free sentences are made of."""

from __future__ import annotations

from collections.abc import Mapping

from yunqi.data.problems.phrasing import listed

PIECES: Mapping[str, tuple[str, ...]] = {
    "plant": listed(
        "roses | tulips | orchids | ivy | basil | mint | thyme | potatoes | carrots | onions | garlic | spinach | "
        "lettuce | beans | peas | rice | wheat | corn | strawberries | cherries | grapes | lemons | bananas | "
        "olives | almonds | bamboo | palms | maples | birches | ferns | weeds | algae"
    ),
    "body": listed(
        "knee | elbow | shoulder | neck | ankle | wrist | finger | thumb | toe | chin | cheek | forehead | throat | "
        "chest | hip | kidney | spleen | liver | skull | spine | tongue | eyelid | nail | muscle | nerve | vein"
    ),
    "space": listed(
        "Mercury | Venus | Mars | Jupiter | Saturn | Uranus | Neptune | Pluto | Titan | Europa | Halley's comet | "
        "Sirius | Polaris | Orion | the Big Dipper | Andromeda | the ISS | the Hubble telescope | a black hole | "
        "a supernova | an asteroid | {Invented}"
    ),
    "element": listed(
        "hydrogen | helium | lithium | carbon | nitrogen | oxygen | sodium | aluminium | silicon | sulphur | "
        "chlorine | calcium | iron | copper | zinc | silver | tin | gold | mercury | lead | uranium | ammonia | "
        "methane | ethanol | baking soda | vinegar | glucose | caffeine"
    ),
    "subject": listed(
        "algebra | geometry | calculus | statistics | trigonometry | physics | chemistry | biology | geology | "
        "astronomy | history | geography | politics | art | music | literature | grammar | logic | ethics | "
        "theology | law | medicine | anatomy | engineering | accounting | design"
    ),
    "maths": listed(
        "Pythagoras' theorem | the Fibonacci numbers | prime numbers | imaginary numbers | a matrix | a vector | "
        "a logarithm | an integral | a derivative | a polynomial | a hypothesis test | Bayes' theorem | "
        "the golden ratio | infinity | zero | a parabola | the number e | a polygon"
    ),
    "hobby": listed(
        "hiking | fishing | painting | chess | cooking | baking | knitting | gardening | reading | yoga | jogging | "
        "climbing | sailing | camping | photography | pottery | origami | juggling | magic | dancing | video games | "
        "poker | travelling | writing | woodwork | singing | {invented}ing"
    ),
    "holiday": listed(
        "Christmas | Easter | Halloween | Thanksgiving | Diwali | Ramadan | Hanukkah | New Year | Valentine's Day | "
        "Mother's Day | my birthday"
    ),
    "genre": listed(
        "rock | jazz | blues | pop | hip hop | classical music | techno | country music | comedy | drama | horror | "
        "crime novels | fantasy | fairy tales | science fiction | documentaries | cartoons | anime | poetry | "
        "opera | musicals | westerns | thrillers"
    ),
    "paper": listed(
        "a cover letter | a CV | a blog post | a tweet | a review | a report | a contract | an apology | "
        "a diary entry | a love letter | a wedding speech | a product description | a press release | a complaint | "
        "a birthday card | a business plan | a lesson plan | a quiz | a script | an ode | a summary | a thesis | "
        "a headline | an advert | a post for Instagram | a shopping list | a lullaby | a fable | a ghost story | "
        "a sonnet"
    ),
    "app": listed(
        "Word | Excel | Photoshop | Windows | Linux | my Mac | Android | an iPhone | WhatsApp | Gmail | Zoom | "
        "Slack | Docker | Git | Kubernetes | WordPress | Minecraft | Fortnite | Chrome | Firefox | my router | "
        "Wi-Fi | Bluetooth | the cloud | my password | a virus | a spreadsheet | {Invented}"
    ),
    "feeling": listed(
        "lonely | nervous | worried | stressed | depressed | anxious | excited | confused | ashamed | jealous | "
        "bored | homesick | exhausted | sick | dizzy | hurt | afraid | grateful | proud | curious | overwhelmed | "
        "guilty | {invented}"
    ),
    "person": listed(
        "my mother | my father | my brother | my wife | my husband | my girlfriend | my boyfriend | my ex | "
        "my daughter | my son | my baby | my uncle | my neighbour | my colleague | my friend | my teacher | "
        "the police | the government | a stranger | an alien | everybody | nobody | we | they | I | you"
    ),
    "how": listed(
        "well | quickly | slowly | safely | cheaply | in public | at home | at night | in winter | in space | "
        "on Mars | under water | without money | without a {made_things} | with {nature} | in {cities} | "
        "in {countries} | in {year} | since {year} | every day | by hand | for free | online | again | "
        "before breakfast | after work | when it rains | on {holiday} | for the first time | like {people} | "
        "in the old days | by accident | forever"
    ),
    "thing": listed(
        "the {made_things} | a {made_things} | my {made_things} | a {qualities} {made_things} | the {nature} | "
        "the {animal} | my {animal} | {plurals} | {plant} | {person} | {people} | {names} | {ideas} | {foods} | "
        "{brands} | {works} | {animals} | {qualities} {plurals} | the {jobs} | the {body} | {space} | {element} | "
        "{subject} | {app} | {hobby} | {fields} | a {invented} | the {invented} {made_things} | {paper} | {maths}"
    ),
    "act": listed(
        "{verbs} {thing} | {verbs} {thing} {how} | {doings} | {doings} {how} | talk to {thing} | "
        "talk about {thing} | look like {thing} | go to {cities} | live in {countries} | work for {brands} | "
        "become a {jobs} | feel {feeling} | be {qualities} | get {qualities} | need {thing} | "
        "mix {element} and {element} | study {subject} | take up {hobby} | listen to {genre} | belong to {thing} | "
        "turn into {thing} | {verbs} {thing} and {verbs} {thing} | deal with {person} | "
        "explain {thing} to {person} | {invented} {thing}"
    ),
    "service": listed(
        "proofread | edit | check | review | summarise | translate | rewrite | improve | format | print | scan | "
        "read | finish | send | delete | save | shorten | continue | correct | paraphrase | analyse | rate | grade | "
        "fix | design | draw | paint | record | play | book | cancel | order | buy | download | upload | convert | "
        "plan | organise | schedule | outline | draft | invent | generate | create | prepare | compose | test | debug"
    ),
    "object": listed(
        "my cover letter | this essay | my homework | this paragraph | my code | this bug | the article | "
        "this website | my calendar | the file | this image | a logo | a poster | a song | a menu | a workout plan | "
        "a diet | a budget | a password | a username | a timetable | a travel plan | a meeting | a taxi | a hotel | "
        "a ticket | my order | an invoice | a form | a table of {plurals} | a chart | a slide show | a video | "
        "a podcast | my inbox | an appointment | a playlist | the lights | the heating | a photo of {thing} | "
        "{paper} | {paper} about {thing}"
    ),
    "foreign": listed(
        "Bonjour | Comment ça va ? | Hola | ¿Qué tal? | ¿Cómo te llamas? | Buenos días | Ciao bella | Come stai? | "
        "Che ore sono? | Merci beaucoup | Gracias | Où est la gare ? | Je t'aime | Parlez-vous français ? | "
        "¿Dónde está {cities}? | Olá, tudo bem? | Obrigado | Hej, hur mår du? | Dzień dobry | "
        "Quelle est la capitale de {countries} ? | ¿Quién es {people}? | Chi ha scritto {works}? | Privet | "
        "Konnichiwa | Arigato | Shalom | Salaam | Namaste | Merhaba | Quid novi? | Carpe diem | Je ne sais pas | "
        "No entiendo | Hoe gaat het? | Wat is {invented}? | Ça coûte combien ? | Écris un poème"
    ),
}
