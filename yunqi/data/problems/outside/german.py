"""German questions outside, and the words that fill them."""

from __future__ import annotations

from collections.abc import Mapping

from yunqi.data.problems.outside.filling import lined
from yunqi.data.problems.phrasing import listed

GERMAN_WORDS: Mapping[str, tuple[str, ...]] = {
    "land": listed(
        "Frankreich | Deutschland | Japan | Brasilien | Indien | China | Ägypten | Kanada | Kenia | Spanien | Peru | "
        "Norwegen | Italien | Mexiko | Schweden | Polen | Griechenland | Portugal | Österreich | Ungarn | Finnland | "
        "Irland | Russland | Australien | Chile | Kuba | Island | Belgien | Thailand | Vietnam | Marokko | Nigeria | "
        "Kroatien | {Invented}"
    ),
    "stadt": listed(
        "Berlin | Hamburg | München | Köln | Wien | Zürich | Paris | London | Rom | Madrid | Moskau | New York | "
        "Tokio | Peking | Kairo | Athen | Prag | Warschau | Lissabon | Dublin | Leipzig | Dresden | Stuttgart | "
        "Bremen | {Invented}"
    ),
    "person": listed(
        "Goethe | Schiller | Einstein | Mozart | Beethoven | Bach | Napoleon | Caesar | Kleopatra | Kant | Marx | "
        "Luther | Merkel | Bismarck | Kafka | Picasso | Darwin | Newton | Kolumbus | Messi | Heidi Klum | "
        "Shakespeare | Platon | {Invented}"
    ),
    "werk": listed(
        "Faust | Hamlet | Die Räuber | Titanic | Harry Potter | die Bibel | Momo | Tatort | Das Boot | Don Quijote | "
        "Star Wars"
    ),
    "thema": listed(
        "Schwerkraft | Photosynthese | Inflation | Demokratie | Evolution | Elektrizität | das Internet | Impfung | "
        "der Klimawandel | ein Vulkan | die Börse | künstliche Intelligenz | das Gehirn | Philosophie | "
        "der Kalte Krieg | die Französische Revolution | die Reformation | das Römische Reich | Recycling | "
        "ein Erdbeben | Diabetes | Musik | Religion | {Invented}"
    ),
    "begriff": listed(
        "Liebe | Freundschaft | Freiheit | Glück | Angst | Hoffnung | Zeit | Geld | Heimat | Winter | Herbst | "
        "Regen | Wald | Meer | Mond | Sonne | Nacht | Schule | Arbeit | Urlaub | Weihnachten | Fußball | Katzen | "
        "Träume | {Invented}"
    ),
    "tiere": listed(
        "Katzen | Hunde | Vögel | Bienen | Ameisen | Wale | Haie | Elefanten | Löwen | Bären | Pferde | Kühe | "
        "Eulen | Frösche | Igel"
    ),
    "tier": listed(
        "Hund | Bär | Fisch | Vogel | Frosch | Igel | Esel | Wolf | Fuchs | Hai | Wal | Elefant | Löwe | Tiger | "
        "Hase | Adler | Käfer | Pinguin"
    ),
    "ding": listed(
        "Fahrrad | Auto | Handy | Klavier | Fenster | Sofa | Radio | Buch | Messer | Flugzeug | Schiff | Schloss | "
        "Haus | Zelt | Sieb | Regal"
    ),
    "essen": listed(
        "Pfannkuchen | Brot | Suppe | Pizza | Kuchen | Kaffee | Nudeln | Salat | Gulasch | Sauerkraut | Marmelade | "
        "Sushi | Waffeln"
    ),
    "eigenschaft": listed(
        "groß | klein | alt | neu | gut | schlecht | schnell | kalt | heiß | schwer | laut | blau | grün | rot | "
        "teuer | traurig | müde | gesund | gefährlich | klug | faul | giftig | süß | salzig | {invented}"
    ),
    "tun": listed(
        "reparieren | bauen | kochen | putzen | malen | lernen | verkaufen | kaufen | öffnen | finden | waschen | "
        "pflanzen | schreiben | vergessen | verstehen | schützen | {invented}en"
    ),
    "beruf": listed(
        "Lehrer | Arzt | Koch | Maler | König | Pilot | Bauer | Richter | Ritter | Sänger | Kanzler | Chef | "
        "Nachbar | Bäcker"
    ),
    "name": listed(
        "Anna | Ben | Clara | Emma | Felix | Jonas | Lena | Max | Mia | Paul | Sofie | Tim | Herr Müller | "
        "Frau Schmidt | meine Mutter"
    ),
    "sprache": listed(
        "Englisch | Französisch | Spanisch | Chinesisch | Latein | Russisch | Arabisch | Polnisch | Türkisch | "
        "Schwedisch"
    ),
    "code": listed("Python | Java | C | JavaScript | Rust | SQL | HTML | PHP | Excel"),
    "wort": listed(
        "Abseits | famos | vage | Ambition | obsolet | Haus | laufen | schön | Wald | prägnant | {invented} | "
        "{Invented}ung"
    ),
    "leiden": listed(
        "Kopfschmerzen | Fieber | Husten | Schnupfen | Rückenschmerzen | Zahnschmerzen | Stress | Sonnenbrand | "
        "Allergie"
    ),
    "marke": listed("Apple | Google | BMW | Siemens | VW | Lego | Netflix | Ikea | Adidas | Samsung | Lidl | Tesla"),
}
WORLD = lined("""
Was ist die Hauptstadt von {land}?
Wie heißt die Hauptstadt von {land}?
Wo liegt {land}?
Wo liegt {stadt}?
Wie viele Menschen leben in {stadt}?
Welche Sprache spricht man in {land}?
Wer regiert {land}?
Wie wird das Wetter in {stadt}?
Wie weit ist es von {stadt} nach {stadt}?
Was kann man in {stadt} sehen?
Wer war {person}?
Wann wurde {person} geboren?
Wie starb {person}?
Erzähl mir etwas über {person}.
Wer hat {werk} geschrieben?
Worum geht es in {werk}?
Fasse {werk} zusammen.
Was geschah {year}?
Wer wurde {year} Weltmeister?
Was ist {thema}?
Erkläre mir: {thema}
Wie funktioniert {thema}?
Warum ist {thema} wichtig?
Wie funktioniert ein {ding}?
Wer hat das {ding} erfunden?
Was kostet ein {ding}?
Was fressen {tiere}?
Wie alt werden {tiere}?
Warum sind {tiere} {eigenschaft}?
Wie viele Beine hat ein {tier}?
Wie viele Zähne hat ein {tier}?
Wie schwer ist ein {tier}?
Ist ein {tier} schneller als ein {tier}?
Was bedeutet {wort}?
Was ist ein {invented}?
Wer ist {Invented}?
Was reimt sich auf {wort}?
Nenne ein anderes Wort für {wort}.
Wie heißt der Plural von {wort}?
Wie viele Länder hat Europa?
Wie viele Einwohner hat {land}?
Welcher Tag ist heute?
Wie spät ist es?
Wann ist Ostern {year}?
An welchem Wochentag wurde {person} geboren?
Was ist größer, {land} oder {land}?
Wer ist der Chef von {marke}?
Warum ist der Himmel blau?
Wie weit ist der Mond entfernt?
Was ist die Wurzel aus {number}?
Wie viel sind {small} Prozent von {number}?
Ist {number} eine Primzahl?
Löse x + {small} = {number}.
Was ist {digit} hoch {digit}?
Wie groß ist die Fläche eines Kreises mit Radius {small}?
Leite x^{digit} ab.
Beweise den Satz des Pythagoras.
Wie viele Euro sind {number} Dollar?
Wie viele Kalorien hat {essen}?
""")
DOING = lined("""
Schreibe ein Gedicht über {begriff}.
Schreib eine Geschichte über {begriff}.
Schreibe einen Brief an {name}.
Schreibe einen Aufsatz über {thema}.
Erzähl mir einen Witz über {tiere}.
Erzähl mir einen Witz.
Sing ein Lied über {begriff}.
Was denkst du über {begriff}?
Was hältst du von {person}?
Glaubst du an {begriff}?
Magst du {essen}?
Was ist dein Lieblingsbuch?
Was ist der Sinn des Lebens?
Wie mache ich {essen}?
Gib mir ein Rezept für {essen}.
Ist {essen} gesund?
Wie kann ich ein {ding} {tun}?
Kannst du mein {ding} {tun}?
Hilf mir, mein {ding} zu {tun}.
Mein {ding} ist kaputt.
Mein {tier} ist {eigenschaft}.
Übersetze das ins {sprache}e.
Wie sagt man {wort} auf {sprache}?
Sprichst du {sprache}?
Schreibe ein Programm in {code}.
Wie lerne ich {code}?
Wie lerne ich am besten {sprache}?
Warum läuft mein {code} nicht?
Ich habe {leiden}. Was soll ich tun?
Was hilft gegen {leiden}?
Ich bin {eigenschaft}.
Ich fühle mich {eigenschaft}.
Mir ist langweilig.
{name} liebt mich nicht mehr.
Soll ich {name} heiraten?
Soll ich ein {ding} kaufen?
Soll ich {marke} kaufen?
Welches {ding} ist das beste?
Empfiehl mir ein {ding}.
Wie werde ich {beruf}?
Was macht ein {beruf}?
Was verdient ein {beruf}?
Mein {beruf} ist {eigenschaft}. Warum?
Stelle den Wecker auf {digit} Uhr.
Ruf {name} an.
Spiele Musik von {person}.
Buche einen Flug nach {stadt}.
Mach das Licht aus.
Male ein Bild von {stadt}.
Wie heiße ich?
Fasse diesen Text zusammen: {name} ging in den {begriff} und fand ein {ding}. Es war {eigenschaft}.
Verbessere diesen Satz: ich habe ein {ding} gesehn.
Plane eine Reise nach {land}.
Tu so, als wärst du ein {beruf}.
{begriff}
{invented} {invented}
{gibberish}
{thema}
warum
wer bist wo
{land}
{ding} {tun}
""")
GERMAN = (WORLD, DOING)
GERMAN_FAR = lined("""
Ist es verboten, ein {ding} zu {tun}?
Darf mein Vermieter kündigen?
Wann pflanzt man Tomaten?
Wie oft gieße ich einen Kaktus?
Wie zieht der Springer im Schach?
Welches Sternzeichen bin ich?
Wie stricke ich einen Schal?
""")
