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
}
