"""German questions outside."""

from __future__ import annotations

from yunqi.data.problems.outside.filling import lined

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
FRAMES = lined("""
Warum {ding} {tun}?
Warum muss ein {beruf} das {ding} {tun}?
Warum kann {name} das {ding} nicht {tun}?
Kann ein {tier} das {ding} {tun}?
Darf {name} mein {ding} {tun}?
Wollte {person} das {ding} {tun}?
Wie soll {name} das {ding} {tun}?
Wo kann ich ein {ding} {tun}?
Wann will {name} das {ding} {tun}?
Wer kann {thema} {tun}?
Welcher {beruf} ist {eigenschaft}?
Welches {tier} ist {eigenschaft}?
Sind {tiere} {eigenschaft}?
Sind {tiere} in {land} {eigenschaft}?
Ist ein {beruf} immer {eigenschaft}?
Ist {name} in {stadt} {eigenschaft}?
Was hat {person} mit {begriff} zu tun?
Was weißt du über {thema}?
Was ist {begriff}?
Was ist das Gegenteil von {eigenschaft}?
Was ist der Unterschied zwischen {begriff} und {begriff}?
Was macht {name} in {stadt}?
Was macht {tiere} so {eigenschaft}?
Erkläre, warum {tiere} {eigenschaft} sind.
Sag mir etwas über {begriff} und {begriff}.
Ich will ein {ding} {tun}.
Ich kann mein {ding} nicht {tun}.
Ich glaube, {tiere} sind {eigenschaft}.
{name} ist {eigenschaft}. Was soll ich tun?
{name} und {name} wollen nach {land}. Was sollen sie dort {tun}?
{begriff} oder {begriff}?
{tiere} in {land}
{eigenschaft} {eigenschaft} {ding}
Wie viele {tiere} gibt es in {land}?
Wie viele Bücher schrieb {person}?
Wie viele Tage dauerte {thema}?
Wie groß ist ein {tier}?
Wie teuer ist ein {ding} in {stadt}?
Welches Land ist größer, {land} oder {land}?
Sortiere {land}, {land} und {land} nach Größe.
""")
GERMAN = (WORLD, DOING, FRAMES)
GERMAN_FAR = lined("""
Ist es verboten, ein {ding} zu {tun}?
Darf mein Vermieter kündigen?
Wann pflanzt man Tomaten?
Wie oft gieße ich einen Kaktus?
Wie zieht der Springer im Schach?
Welches Sternzeichen bin ich?
Wie stricke ich einen Schal?
""")
