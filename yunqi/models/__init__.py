"""One file per family: wiring only. See `yunqi.families` for the table that leads here."""
