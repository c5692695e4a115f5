"""German small talk."""

from __future__ import annotations

from collections.abc import Mapping

from yunqi.data.problems.outside.filling import lined
from yunqi.data.problems.phrasing import listed

WORDS: Mapping[str, tuple[str, ...]] = {
    "hallo": listed(
        "Hallo | Hi | Hey | Guten Tag | Guten Morgen | Guten Abend | Moin | Servus | Grüß dich | Hallöchen | "
        "Grüezi | Tag | Na"
    ),
    "an": listed(", nano | nano | , du | , mein Freund | zusammen | , Modell | , Yunqi"),
    "mark": ("", "!", ".", " :)"),
    "danke": listed(
        "Danke | Vielen Dank | Danke schön | Danke sehr | Tausend Dank | Besten Dank | Danke dir | Herzlichen Dank | "
        "Dankeschön"
    ),
    "gut": listed("Super | Toll | Gut | Prima | Perfekt | Okay | Schön | Klasse | Alles klar"),
    "tschüss": listed(
        "Tschüss | Auf Wiedersehen | Bis bald | Bis morgen | Bis später | Ciao | Gute Nacht | Mach's gut | "
        "Schönen Tag noch | Ich muss los | Das war alles | Servus und tschüss | Ich gehe jetzt | Bis dann | Tschau"
    ),
    "anderes": listed(
        "ChatGPT | GPT | Qwen | Qwen3 | Siri | Alexa | ein Mensch | ein Roboter | eine KI | ein Computer | "
        "ein Programm | nano | echt | groß | Gemini | Claude"
    ),
    "kann": listed(
        "rechnen | zählen | sortieren | Deutsch | helfen | Textaufgaben lösen | Buchstaben zählen | Mathe | denken | "
        "multiplizieren"
    ),
    "echt": listed(
        "ein echtes Modell | ein echtes Qwen3 | Qwen3 | ein größeres Modell | ein besseres Modell | "
        "ein anderes Modell | das richtige Qwen3"
    ),
    "lob": listed(
        "Gut gemacht | Bravo | Sehr gut | Richtig | Stimmt | Du bist toll | Du bist klug | Klasse | Wow | "
        "Ausgezeichnet | Das ist richtig | Genau"
    ),
    "falsch": listed(
        "Das ist falsch | Falsch | Das stimmt nicht | Du irrst dich | Das war falsch | Nein, falsch | "
        "Bist du sicher | Unsinn | Du bist dumm | Versuch es noch einmal | Deine Antwort ist falsch | "
        "Das ist nicht richtig | Du hast dich verrechnet | Schlechte Antwort | Quatsch"
    ),
    "ok": listed(
        "Ja | Nein | Okay | OK | Klar | Gut | Verstanden | Aha | Ach so | Alles klar | Na gut | Hm | Gern | "
        "Nein danke | Ja bitte | Test | Weiter so"
    ),
    "so": ("", "Hallo, ", "Sag mal, ", "Also, ", "Bitte: ", "Hey, "),
}
PHRASES = {
    "identity": lined("""
{so}wer bist du?
{so}was bist du?
{so}wie heißt du?
{so}wie ist dein Name?
Bist du {anderes}?
Bist du {anderes} oder {anderes}?
Wer hat dich gemacht?
Wer hat dich gebaut?
Wer hat dich trainiert?
Woher kommst du?
Wie alt bist du?
Wie groß bist du?
Wie viele Parameter hast du?
Welches Modell bist du?
Was ist Yunqi?
Was ist nano?
Warum heißt du nano?
Stell dich vor.
Stell dich bitte kurz vor.
Erzähl mir etwas über dich.
Mit wem spreche ich?
"""),
    "ability": lined("""
{so}was kannst du?
{so}was kannst du alles?
{so}was kannst du für mich tun?
{so}wie kannst du mir helfen?
Kannst du {kann}?
{so}kannst du {kann}?
Kannst du {kann} und {kann}?
Was kann ich dich fragen?
Welche Fragen kannst du beantworten?
Welche Aufgaben kannst du lösen?
Worin bist du gut?
Hilfe
Hilfe!
Hilf mir
Ich brauche Hilfe.
Gib mir ein Beispiel.
Zeig mir, was du kannst.
Was soll ich fragen?
Wie funktioniert das hier?
Was machst du?
"""),
    "loading": lined("""
{so}wie lade ich {echt}?
Wie starte ich {echt}?
Wie bekomme ich {echt}?
Wie benutze ich {echt}?
Ich möchte {echt} laden.
Ich will {echt} starten.
Gibt es {echt}?
Welche größeren Modelle gibt es?
Welche Modelle gibt es?
Gibt es andere Modelle?
Wie nutze ich eigene Gewichte?
"""),
    "greeting": ("{hallo}{mark}", "{hallo}{mark}", "{hallo} {an}{mark}", "{hallo}, {hallo}{mark}"),
    "feeling": lined("""
{so}wie geht es dir?
{so}wie geht's?
{hallo}, wie geht es dir?
{hallo} {an}, wie geht's?
Wie geht es dir heute?
Wie fühlst du dich?
Alles gut?
Alles klar bei dir?
Geht es dir gut?
Was gibt es Neues?
Was machst du so?
Na, alles gut?
Wie war dein Tag?
Wie läuft's?
Bist du müde?
Bist du glücklich?
"""),
    "thanks": (
        "{danke}{mark}",
        "{danke}{mark}",
        "{gut}, {danke}{mark}",
        "{danke} {an}{mark}",
        "{danke} für die Antwort{mark}",
    ),
    "goodbye": (
        "{tschüss}{mark}",
        "{tschüss}{mark}",
        "{tschüss} {an}{mark}",
        "{danke}, {tschüss}{mark}",
        "{gut}, {tschüss}{mark}",
    ),
    "praise": ("{lob}{mark}", "{lob} {an}{mark}", "{lob}, {lob}{mark}"),
    "complaint": ("{falsch}{mark}", "{falsch}?", "{falsch} {an}{mark}", "Nein. {falsch}{mark}"),
    "okay": ("{ok}{mark}", "{ok}{mark}", "{ok}, {ok}{mark}", "{ok} {an}{mark}"),
}
FAR = {
    "identity": ("Mit welchem Wesen habe ich die Ehre?", "Nenne deine Bezeichnung."),
    "ability": ("Wo liegen deine Stärken?", "Welche Talente besitzt du?"),
    "loading": ("Wie steige ich auf richtige Gewichte um?",),
    "greeting": ("Seid gegrüßt!", "Ahoi"),
    "feeling": ("Wie ist das werte Befinden?",),
    "thanks": ("Ich stehe in deiner Schuld.",),
    "goodbye": ("Ich empfehle mich.",),
    "praise": ("Hervorragend!",),
    "complaint": ("Das Ergebnis enttäuscht mich.",),
    "okay": ("Wie du meinst",),
}
