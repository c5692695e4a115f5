"""The German words of the plot `flow`; see `wording`."""

from __future__ import annotations

from yunqi.data.problems.phrasing import listed
from yunqi.data.problems.stories.wording import Wording

GERMAN = Wording(
    have=listed(
        "{p} hat/hatte {n}. | {p} hat/hatte {n}. | {p} besitzt/besaß {n}. | am Anfang hat/hatte {p} {n}."
        "| {p} sammelt/sammelte {n}. | {p} kauft/kaufte {n}. | {p} findet/fand {n}. | {p} bekommt/bekam {n}."
        "| {p} hat/hatte zuerst {n}. | auf dem Tisch von {p} liegen/lagen {n}."
    ),
    have_rows=listed(
        "{p} hat/hatte {k} Kisten mit je {m} {dative}. | {p} kauft/kaufte {k} Tüten mit je {m} {dative}."
        "| in jeder von {k} Kisten sind/waren {m} {things}. | {p} füllt/füllte {k} Körbe mit je {m} {dative}."
    ),
    does={
        "get": listed(
            "kauft/kaufte {n} dazu | findet/fand noch {n} | bekommt/bekam {n} dazu | gewinnt/gewann {n}"
            "| bekommt/bekam {n} von {q} | holt/holte {n} dazu | sammelt/sammelte noch {n} | kauft/kaufte noch {n}"
            "| nimmt/nahm noch {n} dazu | leiht/lieh sich {n} von {q} | erhält/erhielt noch {n}"
        ),
        "lose": listed(
            "verliert/verlor {n} | verkauft/verkaufte {n} | verschenkt/verschenkte {n} | gibt/gab {q} {n}"
            "| verbraucht/verbrauchte {n} | schenkt/schenkte {q} {n} | wirft/warf {n} weg | gibt/gab {n} weg"
            "| verkauft/verkaufte {n} davon | gibt/gab {n} davon an {q} | verleiht/verlieh {n} "
            "| tauscht/tauschte {n} weg"
        ),
        "eat": listed("isst/aß {n} | isst/aß {n} davon"),
        "hold": listed("kauft/kaufte {k} Tüten mit je {m} {dative} | bekommt/bekam {k} Kisten mit je {m} {dative}"),
        "drop": listed("gibt/gab {k} Freunden je {m} {things} | verkauft/verkaufte {k} Tüten mit je {m} {dative}"),
        "half": listed(
            "verschenkt/verschenkte die Hälfte | verliert/verlor die Hälfte | gibt/gab {q} die Hälfte davon"
        ),
    },
    happens={
        "get": listed(
            "{q} gibt/gab {them} {n}. | {q} schenkt/schenkte {them} {n}. | dann bringt/brachte {q} {them} noch {n}."
            "| {their} Bruder gibt/gab {them} {n}."
        ),
        "lose": listed("{q} nimmt/nahm {n} davon. | {n} gehen/gingen verloren. | {n} davon gehen/gingen kaputt."),
        "double": listed("am nächsten Tag hat/hatte {they} doppelt so viele. | dann verdoppelt/verdoppelte {q} alles."),
        "triple": listed("eine Woche später hat/hatte {they} 3-mal so viele."),
        "half": listed("{q} nimmt/nahm die Hälfte davon."),
    },
    links=listed("Dann | Danach | Später | Heute | Am Abend"),
    comma=", ",
    joint=" und ",
    asks=listed(
        "Wie viele {things} hat {p} jetzt? | Wie viele {things} hat {p} am Ende? | Wie viele {things} sind übrig?"
        "| Wie viele {things} hat {they} noch? | Wie viele hat {p} jetzt? | Wie viele {things} bleiben {p}?"
        "| Wie viele {things} sind es jetzt? | Wie viele {things} hat {they} nun? | Wie viele bleiben übrig?"
    ),
    replies=("Jetzt hat {p} {n}.", "Jetzt sind es {n}."),
    shares=(
        (
            listed(
                "teilt/teilte sie gerecht unter {k} Freunden auf | verteilt/verteilte sie gleichmäßig an {k} Freunde"
            ),
            listed("Wie viele {things} bekommt jeder? | Wie viele bekommt jeder? | Wie viele erhält jeder Freund?"),
            "Jeder bekommt {n}.",
        ),
        (
            listed("legt/legte sie gleichmäßig in {k} Kisten | packt/packte sie gleichmäßig in {k} Kisten"),
            listed("Wie viele {things} sind in jeder Kiste? | Wie viele sind in jeder Kiste?"),
            "In jeder sind {n}.",
        ),
    ),
)
