"""Words to spell: common ones, and made ones of syllables or of a few random letters."""

from __future__ import annotations

from random import Random

from yunqi.data.problems.phrasing import listed

ALPHABET = "abcdefghijklmnopqrstuvwxyz"
RANDOM_SHARE = 0.25
ONSETS = listed(
    "b | c | d | f | g | h | j | k | l | m | n | p | r | s | t | v | w | z | y | br | cl | dr | fl | gr | pl | sh | "
    "st | "
    "th | tr | ch | qu | sp | cr | sl | | "
)
VOWELS = listed("a | e | i | o | u | a | e | i | o | u | ee | oo | ai | ea | ou | y")
CODAS = listed(
    "| | | n | r | s | t | l | m | d | ll | ss | tt | ng | ck | nd | x | p | rr | mm | nn | pp | ff | zz | st | k | "
    "b | g"
)

WORDS = tuple(
    """
    able about above accommodation across address afraid africa after afternoon again agree airplane airport
    alphabet already always amazing america amount anchor angry animal anna answer apple apples apricot april
    aquarium arrow article artist asia assassin assess attic august autumn avocado baby backpack bacon bag baker
    ball balloon balloons bamboo banana bananas banjo bank basket basketball bath beach bean beans bear beautiful
    bed bedroom bee beetle before beginning ben berlin berry between bicycle bird birthday biscuit black blackberry
    blanket blood blossom blue blueberry boat book bookkeeper books bookshop boots borrow boss bottle bottom box
    boxes boy bread breakfast bridge bright broccoli broom brother brown bubble bucket build bunny bus butter
    butterfly button buttons cabbage cabin cake cakes calculator calendar camel camera candle candy cards carpet
    carrot carrots castle cat caterpillar cats cheese cherry chess chicken child children china chocolate christmas
    church cinnamon circle city class classroom clean clock cloud coat coconut coffee coin coins college color
    colour committee common computer cookie cookies copper corn correct cotton country cousin cow cranberry crayon
    crocodile crossroad cucumber cup cupboard curry daddy daisy dance daughter david day december deer definitely
    desk dessert diamond dictionary different difficult dinner dinosaur doctor dog dogs dollar dolphin donkey door
    dragon drawer dream dress drink drum duck eagle ear earth easter easy egg eggs eight elephant elevator eleven
    embarrass emma engine england english envelope evening every excellent eye face family fantastic farm farmer
    father feather february fence festival fifteen fifty finger fire fish five flag floor flower flowers football
    forest fork forty four fourteen fox france free friday friend friends frog fruit full funny furniture game
    garage garden garlic george german germany ghost gift ginger giraffe girl glass glasses glove goat gold good
    goodbye goose grammar grandfather grandmother grape grapefruit grapes grass green grey guitar hair hall hammer
    hamster hand happiness happy harassment harbor hat heart helicopter hello help hippopotamus history holiday home
    honey horse hospital hotel hour house hundred hungry husband ice igloo important indeed information insect
    island jacket jam january jelly jellyfish jewel juice july june jungle kangaroo kettle key keyboard king kitchen
    kite kitten knee knife knight ladder lake lamp language laptop laughter leaf leather lemon lemons leopard lesson
    letter letterbox letters lettuce level library light lily lion lisa little lizard llama london lucy machine
    mammal mango map marble marbles march maria market married mathematics max may meadow melon message metal mia
    middle millennium million minute mirror mississippi mom monday money monkey month moon morning mosquito moss
    mother motorcycle mountain mouse museum mushroom music nano necessary necklace needle nephew network newspaper
    night nine nineteen noah noodle north november number nurse nut nuts occasion occurrence ocean october office
    old olive one onion opposite orange oranges orchestra ostrich otter oven owl page paint pajamas panda papa paper
    paprika parallel paris parrot party passenger peach peacock peanut pear pears peas pebble pen pencil pencils
    penguin pepper peter piano picture piece pig pillow pilot pineapple pink pizza planet plant plate playground
    please plum pocket police pony pool possession possible potato potatoes president pretty prince princess problem
    pumpkin puppy purple puzzle pyramid queen question queue quick quiet rabbit raccoon radio railroad rain rainbow
    raspberry raven reason recommend referee refrigerator restaurant rhythm rice river robin robot rocket roof room
    rooster rose ruler running sail salad salt sam sand sandwich sara saturday sausage school science scissors sea
    season second separate september seven seventeen shadow sheep shell ship shirt shoes shop sister six sixteen
    skirt sky sleep snail snake snow snowman soccer sock socks sorry soup south spaghetti spider spoon spring square
    squirrel stamp stamps star stars station sticker stickers stone store storm story strawberries strawberry street
    student success sugar suitcase summer sun sunday sunflower sunshine supper surprise swan sweets swim syrup table
    tattoo taxi tea teacher team teddy teeth telephone television ten tennessee tennis tent terrible thanks theater
    thirteen thirty thousand three throat thunder thursday tiger tim time toast today toffee together tom tomato
    tomatoes tomorrow tooth toothbrush tower town toy toys tractor traffic train travel treasure tree trees triangle
    trousers truck trumpet tuesday tulip tunnel turkey turtle twelve twenty two umbrella uncle unicorn university
    unnecessary vacuum vanilla vegetable village violin volcano vowel walnut water watermelon weather wednesday week
    whale wheel whistle white wind window winter wizard wolf woman wood wool world worm write yellow yesterday
    yogurt zebra zero zipper zoo zucchini
    """.split()  # noqa: SIM905
)


def common(random: Random, lengths: range) -> str:
    """A common word of one of the lengths; there has to be one."""
    return random.choice([word for word in WORDS if len(word) in lengths])


def made(random: Random, lengths: range) -> str:
    """A word that nobody has seen."""
    length = random.choice(lengths)
    if random.random() < RANDOM_SHARE:
        few = random.sample(ALPHABET, min(length, 3 + length // 2))
        return "".join(random.choice(few) for _ in range(length))
    word = ""
    while len(word) < length:
        word += random.choice(ONSETS) + random.choice(VOWELS) + random.choice(CODAS)
    return word[:length]
