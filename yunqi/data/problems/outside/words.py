"""English words that fill the templates: many, so that a word never met changes nothing."""

from __future__ import annotations

from collections.abc import Mapping

from yunqi.data.problems.phrasing import listed

COUNTRIES = listed(
    "France | Germany | Japan | Brazil | India | China | Egypt | Canada | Kenya | Spain | Peru | Norway | Italy | "
    "Mexico | Sweden | Poland | Turkey | Greece | Portugal | Austria | Hungary | Finland | Denmark | Ireland | "
    "Chile | Argentina | Colombia | Cuba | Ghana | Nigeria | Ethiopia | Morocco | Tunisia | South Africa | Iran | "
    "Iraq | Israel | Pakistan | Nepal | Bhutan | Thailand | Vietnam | Laos | Indonesia | Malaysia | "
    "the Philippines | South Korea | Mongolia | Russia | Ukraine | Romania | Bulgaria | Serbia | Croatia | Iceland | "
    "New Zealand | Australia | Fiji | Ecuador | Bolivia | Uruguay | Panama | Haiti | Jamaica | Malta | Cyprus | "
    "Latvia | Estonia | Belgium | Switzerland | the Netherlands | the United States | the UK | Scotland | Wales | "
    "Saudi Arabia | Jordan | Madagascar | {Invented}"
)
CITIES = listed(
    "Rome | Paris | London | Berlin | Madrid | Tokyo | Beijing | Shanghai | Moscow | New York | Chicago | Boston | "
    "Los Angeles | San Francisco | Toronto | Sydney | Cairo | Nairobi | Lagos | Mumbai | Delhi | Seoul | Bangkok | "
    "Hanoi | Jakarta | Istanbul | Athens | Vienna | Prague | Budapest | Warsaw | Lisbon | Dublin | Oslo | "
    "Stockholm | Helsinki | Zurich | Geneva | Milan | Venice | Munich | Hamburg | Cologne | Lyon | Barcelona | "
    "Seville | Lima | Bogota | Havana | Rio | Buenos Aires | Cape Town | Dubai | Singapore | Texas | Florida | "
    "Hawaii | Ohio | Bavaria | Tuscany | Kyoto | Edinburgh | Manchester | Las Vegas | Seattle | {Invented}"
)
SIGHTS = listed(
    "the Eiffel Tower | the Great Wall | the Louvre | Big Ben | the Colosseum | the Taj Mahal | Mount Everest | "
    "Mont Blanc | Mount Fuji | the Nile | the Amazon | the Danube | the Rhine | the Thames | the Mississippi | "
    "Lake Baikal | the Sahara | the Gobi desert | the Alps | the Andes | the Himalayas | the Rocky Mountains | "
    "Niagara Falls | the Grand Canyon | the Dead Sea | the Pacific | the Atlantic | the Black Sea | the Arctic | "
    "Antarctica | the Golden Gate Bridge | the Statue of Liberty | the White House | the Kremlin | Machu Picchu | "
    "Stonehenge | the Acropolis | the Suez Canal"
)
PEOPLE = listed(
    "Napoleon | Einstein | Shakespeare | Mozart | Cleopatra | Isaac Newton | Lincoln | Gandhi | Marie Curie | "
    "Picasso | Darwin | Goethe | Caesar | Galileo | Beethoven | Bach | Chopin | Van Gogh | Rembrandt | "
    "Michelangelo | Leonardo da Vinci | Aristotle | Plato | Socrates | Confucius | Buddha | Jesus | Moses | Kant | "
    "Nietzsche | Marx | Freud | Churchill | Stalin | Lenin | Mandela | Martin Luther King | Kennedy | Obama | "
    "Trump | Putin | Merkel | Queen Victoria | Queen Elizabeth | Joan of Arc | Columbus | Marco Polo | Magellan | "
    "Neil Armstrong | Gagarin | Tesla | Edison | Bell | Pasteur | Turing | Ada Lovelace | Stephen Hawking | "
    "Bill Gates | Steve Jobs | Elon Musk | Taylor Swift | Beyonce | Madonna | Elvis | Michael Jackson | "
    "John Lennon | Bob Dylan | Messi | Ronaldo | Pele | Serena Williams | Roger Federer | Muhammad Ali | "
    "Usain Bolt | Tom Hanks | Brad Pitt | Charlie Chaplin | Hitchcock | Spielberg | Jane Austen | Dickens | "
    "Tolstoy | Kafka | Homer | Dante | Hemingway | Mark Twain | Agatha Christie | Tolkien | Stephen King | "
    "{Invented} | {Invented} {Invented}"
)
WORKS = listed(
    "Hamlet | Faust | the Odyssey | Don Quixote | the Mona Lisa | Harry Potter | War and Peace | Star Wars | "
    "the Bible | Titanic | The Matrix | Inception | Macbeth | Romeo and Juliet | Moby Dick | Dracula | "
    "Frankenstein | 1984 | Animal Farm | The Hobbit | The Lord of the Rings | Pride and Prejudice | Jane Eyre | "
    "Casablanca | Jaws | Avatar | Frozen | The Lion King | Friends | The Simpsons | Breaking Bad | Game of Thrones | "
    "Sherlock Holmes | Alice in Wonderland | Peter Pan | Pinocchio | The Little Prince | Swan Lake | "
    "The Magic Flute | Carmen | Bohemian Rhapsody | Imagine | Guernica | the Iliad | the Koran"
)
ANIMALS = listed(
    "cats | dogs | birds | spiders | bees | ants | whales | sharks | dolphins | elephants | lions | tigers | bears | "
    "wolves | foxes | horses | cows | pigs | sheep | goats | chickens | penguins | owls | eagles | parrots | "
    "snakes | frogs | turtles | crocodiles | octopuses | snails | butterflies | mosquitoes | bats | mice | rats | "
    "rabbits | squirrels | hedgehogs | kangaroos | koalas | pandas | giraffes | zebras | camels | monkeys | "
    "gorillas | salmon | jellyfish | dinosaurs | mammoths"
)
ANIMAL = listed(
    "cat | dog | spider | bee | ant | whale | shark | dolphin | elephant | lion | tiger | bear | wolf | fox | "
    "horse | cow | pig | sheep | goat | chicken | penguin | owl | eagle | snake | frog | turtle | crocodile | "
    "octopus | snail | butterfly | fly | bat | mouse | rabbit | squirrel | kangaroo | koala | panda | giraffe | "
    "zebra | camel | monkey | gorilla | lobster | crab | squid | cheetah | hippo | rhino | swan | duck | crow | "
    "beetle | scorpion | hamster | {invented}"
)
FOODS = listed(
    "pancakes | bread | soup | pizza | sushi | a cake | coffee | pasta | curry | salad | lasagne | risotto | tacos | "
    "a burger | omelette | scrambled eggs | fried rice | dumplings | ramen | tofu | hummus | falafel | guacamole | "
    "pesto | gravy | jam | yoghurt | cheese | butter | ice cream | chocolate mousse | apple pie | brownies | "
    "cookies | waffles | muffins | cheesecake | lemonade | green tea | a smoothie | a cocktail | beer | wine | "
    "kimchi | goulash | schnitzel | paella | a stew | roast beef | meatballs | mashed potatoes | fish and chips | "
    "porridge | pickles | {invented} soup"
)
FIELDS = listed(
    "gravity | photosynthesis | black holes | inflation | democracy | evolution | electricity | the internet | DNA | "
    "vaccines | magnets | philosophy | quantum physics | climate change | volcanoes | the stock market | "
    "blockchain | machine learning | the brain | relativity | thermodynamics | entropy | plate tectonics | "
    "earthquakes | tides | rainbows | lightning | atoms | molecules | electrons | nuclear fusion | radioactivity | "
    "bacteria | viruses | antibiotics | genetics | cloning | stem cells | the immune system | digestion | "
    "the heart | the liver | blood pressure | diabetes | cancer | sleep | dreams | memory | consciousness | "
    "psychology | sociology | economics | capitalism | socialism | communism | feminism | fascism | the law | "
    "human rights | globalisation | taxes | interest rates | mortgages | insurance | bitcoin | marketing | "
    "logistics | steam engines | jet engines | batteries | solar panels | wind turbines | transistors | lasers | "
    "radar | GPS | satellites | rockets | robots | neural networks | compilers | databases | encryption | "
    "recursion | operating systems | computer viruses | cloud computing | the ozone layer | acid rain | recycling | "
    "deforestation | the water cycle | glaciers | coral reefs | ecosystems | food chains | grammar | poetry | jazz | "
    "opera | ballet | impressionism | gothic architecture | Buddhism | Islam | Christianity | Hinduism | stoicism | "
    "existentialism | karma | meditation | yoga | the Renaissance | the Enlightenment | feudalism | colonialism | "
    "slavery | the Cold War | the French Revolution | the Industrial Revolution | the Roman Empire | "
    "the Middle Ages | the Black Death | the Silk Road | the space race | World War I | World War II | "
    "the Vietnam War | the fall of the Berlin Wall | {invented}ism"
)
EVENTS = listed(
    "the moon landing | the French Revolution | the Second World War | the First World War | "
    "the American Civil War | the fall of Rome | the battle of Waterloo | the Russian Revolution | "
    "the Titanic disaster | the Chernobyl accident | the Great Depression | the discovery of America | "
    "the last ice age | the first Olympics | the Boston Tea Party | Brexit | the Hundred Years' War | "
    "the attack on Pearl Harbor | the signing of the Magna Carta | the invention of printing | "
    "the battle of Hastings | the Chinese Revolution | German reunification | the Black Death | Woodstock | "
    "the gold rush"
)
LANGUAGES = listed(
    "French | German | Spanish | Chinese | Italian | Japanese | Latin | Russian | Arabic | Korean | Hindi | "
    "Turkish | Greek | Portuguese | Dutch | Swedish | Polish | Hebrew | Swahili | Vietnamese | Welsh | Esperanto | "
    "Klingon"
)
CODES = listed(
    "Python | Java | C | C++ | JavaScript | TypeScript | Rust | Go | SQL | HTML | CSS | PHP | Ruby | Kotlin | "
    "Swift | Bash | Haskell | Perl | Lua | Scala | MATLAB | Excel | R"
)
MADE_THINGS = listed(
    "phone | car | laptop | bicycle | camera | watch | guitar | piano | violin | drum | television | radio | "
    "fridge | oven | washing machine | vacuum cleaner | lamp | chair | table | sofa | bed | desk | mirror | carpet | "
    "curtain | knife | fork | spoon | plate | bottle | umbrella | backpack | suitcase | wallet | ring | necklace | "
    "shirt | jacket | coat | dress | shoe | sock | hat | scarf | glove | hammer | screwdriver | saw | ladder | "
    "bucket | rope | candle | pencil | pen | notebook | book | newspaper | map | globe | telescope | microscope | "
    "compass | clock | printer | keyboard | mouse | monitor | router | drone | robot | engine | wheel | tyre | "
    "boat | ship | train | bus | plane | helicopter | rocket | tractor | truck | scooter | tent | kite | ball | "
    "doll | puzzle | whistle | bell | key | lock | door | window | roof | wall | bridge | tower | castle | church | "
    "museum | library | {invented}"
)
NATURE = listed(
    "sun | moon | earth | sky | sea | ocean | river | lake | mountain | forest | desert | island | beach | cave | "
    "valley | star | planet | comet | galaxy | cloud | rain | snow | ice | wind | storm | fire | smoke | sand | "
    "stone | gold | silver | iron | copper | diamond | salt | sugar | water | milk | honey | oil | glass | paper | "
    "wood | leather | cotton | silk | wool | plastic | rubber | steel | air | oxygen | tree | oak | pine | rose | "
    "tulip | cactus | grass | moss | mushroom | leaf | root | seed | bark | egg | feather | bone | blood | skin | "
    "hair | tooth | eye | ear | nose | hand | knee | heart | brain | lung | stomach | shadow | echo | rainbow | "
    "{invented}"
)
IDEAS = listed(
    "love | friendship | happiness | freedom | justice | truth | beauty | death | time | hope | fear | anger | "
    "courage | wisdom | luck | fate | honour | loneliness | jealousy | patience | kindness | success | failure | "
    "money | power | peace | war | art | religion | god | the soul | evil | nature | progress | work | childhood | "
    "old age | home | family | trust | silence | boredom | {invented}ness"
)
JOBS = listed(
    "teacher | doctor | nurse | lawyer | pilot | farmer | baker | butcher | carpenter | plumber | painter | writer | "
    "poet | singer | dancer | actor | chef | waiter | driver | sailor | soldier | policeman | judge | priest | "
    "king | queen | president | mayor | minister | manager | boss | engineer | scientist | astronaut | detective | "
    "pirate | wizard | knight | student | neighbour | landlord | coach | {invented}er"
)
VERBS = listed(
    "invent | build | break | find | lose | paint | discover | destroy | write | sing | cook | eat | clean | "
    "repair | open | close | hide | steal | sell | buy | choose | change | improve | move | hold | carry | throw | "
    "catch | kill | save | help | teach | learn | measure | grow | cut | burn | freeze | melt | wash | dry | fold | "
    "wear | drive | fly | ride | feed | train | protect | recycle | hate | like | love | understand | explain | "
    "describe | remember | forget | avoid | start | stop | {invented}"
)
DOINGS = listed(
    "swim | sleep | dance | sing | cry | laugh | run | jump | snore | dream | migrate | hibernate | bark | purr | "
    "howl | fly | bite | sweat | yawn | sneeze | smell | glow | float | sink | rust | shine | grow | die | fight | "
    "hunt | dig | climb | lie | change colour | turn red | make noise | lay eggs | shed their skin | live so long | "
    "move so fast | {invented}"
)
PLURALS = listed(
    "people | children | men | women | babies | teenagers | teachers | doctors | kings | pirates | robots | "
    "computers | cars | planes | ships | trains | clouds | stars | planets | trees | flowers | leaves | mountains | "
    "rivers | oceans | bones | teeth | eyes | books | films | songs | games | phones | shoes | clothes | houses | "
    "cities | countries | languages | religions | banks | prices | wars | laws | schools | {animals} | {animals} | "
    "{invented}s"
)
QUALITIES = listed(
    "big | small | old | new | good | bad | fast | slow | hot | cold | heavy | light | hard | soft | deep | tall | "
    "bright | dark | loud | quiet | rich | poor | happy | sad | angry | tired | hungry | clever | stupid | brave | "
    "lazy | famous | dangerous | poisonous | expensive | cheap | rare | common | beautiful | ugly | blue | green | "
    "red | yellow | white | black | salty | sweet | sour | bitter | sticky | funny | strange | healthy | legal | "
    "safe | clean | round | transparent | {invented}"
)
GROUPS = listed(
    "Europe | Africa | Asia | South America | the world | the solar system | the universe | the Milky Way | "
    "the human body | a football team | an orchestra | the alphabet of Greek | the US Senate | the European Union | "
    "the United Nations | a deck of cards | the periodic table | the Bible | an ocean | a jar of honey | a cow | "
    "a forest | my town | {cities} | {countries}"
)
BRANDS = listed(
    "Apple | Google | Microsoft | Amazon | Samsung | Sony | Nokia | Toyota | Volkswagen | BMW | Ford | Tesla | "
    "Nike | Adidas | IKEA | Lego | Netflix | Spotify | Facebook | YouTube | TikTok | Instagram | Twitter | "
    "Wikipedia | Disney | Nintendo | Coca-Cola | Pepsi | Nestle | McDonald's | Starbucks | Intel | Nvidia | OpenAI | "
    "Alibaba | Huawei | Boeing | Airbus | Siemens | {Invented}"
)
SPORTS = listed(
    "football | soccer | tennis | golf | cricket | rugby | hockey | basketball | baseball | volleyball | handball | "
    "swimming | boxing | judo | skiing | surfing | cycling | Formula 1 | the Olympics | the Super Bowl | "
    "the Champions League | the Tour de France | Wimbledon | the World Cup"
)
NAMES = listed(
    "Anna | Ben | Clara | David | Emma | Felix | Grace | Henry | Ivy | Jack | Kate | Leo | Mia | Noah | Olivia | "
    "Paul | Ruth | Sam | Tina | Tom | Lucy | Max | Nina | Oscar | Peter | Rosa | Sofia | Victor | Wendy | Yusuf | "
    "Zoe | Mr Brown | Mrs Green | my sister | my boss | {Invented}"
)
RARE_WORDS = listed(
    "ubiquitous | serene | ephemeral | candid | frugal | verbose | obsolete | tedious | benign | cynical | "
    "diligent | eloquent | feeble | genuine | hostile | inept | jovial | keen | lucid | meticulous | naive | "
    "opaque | plausible | quaint | reluctant | subtle | timid | urgent | vivid | weary | zealous | happy | run | "
    "beautiful | house | quick | brave | orange | silver | month | {invented} | {invented}"
)
ILLS = listed(
    "a cold | a fever | a headache | a cough | back pain | a sore throat | toothache | insomnia | acne | "
    "an allergy | the flu | a burn | a rash | stress | anxiety | a broken arm | a nosebleed | heartburn | asthma | "
    "sunburn | a hangover | hiccups | dizziness | high blood pressure"
)

WORDS: Mapping[str, tuple[str, ...]] = {
    "countries": COUNTRIES,
    "cities": CITIES,
    "sights": SIGHTS,
    "people": PEOPLE,
    "works": WORKS,
    "animals": ANIMALS,
    "animal": ANIMAL,
    "foods": FOODS,
    "fields": FIELDS,
    "events": EVENTS,
    "languages": LANGUAGES,
    "codes": CODES,
    "made_things": MADE_THINGS,
    "nature": NATURE,
    "ideas": IDEAS,
    "jobs": JOBS,
    "verbs": VERBS,
    "doings": DOINGS,
    "plurals": PLURALS,
    "qualities": QUALITIES,
    "groups": GROUPS,
    "brands": BRANDS,
    "sports": SPORTS,
    "names": NAMES,
    "rare_words": RARE_WORDS,
    "ills": ILLS,
}
