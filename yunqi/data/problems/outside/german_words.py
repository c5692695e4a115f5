"""German words that fill the templates."""

from __future__ import annotations

from collections.abc import Mapping

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
