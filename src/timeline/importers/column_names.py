"""What people call the columns of their sheets, and the kinds of events in them.

``NAMES`` are tried in their order, and the whole name counts. ``HARMED`` are words of what a column
counts, ``ENDS`` which end of a range it is, ``OF_ALL`` words that leave it a count of everybody.
"""

from __future__ import annotations

__all__ = ["ENDS", "HARMED", "KINDS", "NAMES", "OF_ALL"]

NAMES = {
    "id": "id|no|nr|number|event id|eventid|case|case id|ref|reference|code|incident id|record id|"
          "entry number|unique id|uid|objectid|case number|strike id|index|disaster no|gtd id|"
          "web id|event number|incident number|incident no|event no|row id|caseid|incidentid|matid|"
          "serial number|serial no|s no|sno|s",
    "when.from": "start|from|start date|date start|begin|began|started|started at|first day|"
                 "date from|time start|start time|дата початку",
    "when.to": "end|to|until|end date|date end|ended|finished|finished at|last day|date to|"
               "time end|end time|дата закінчення",
    "when": "when|date|day|event date|datetime|date time|occurred|incident date|date of incident|"
            "date of event|date occurred|strike date|attack date|reported date|timestamp|time|дата|"
            "fecha|datum|tarih|data|fecha del evento|date of death|verified date|date of attack",
    "place.name": "town|city|settlement|village|city town|city village|city or county|"
                  "municipality|місто|населений пункт|ville|municipio|nearest city|nearest town",
    "place.site": "place|location|where|site|locality|place name|locationname|location name|"
                  "location description|place of incident|lugar|ort|lieu|loc",
    "place.district": "district|raion|county|adm2|admin2|admin 2|subdistrict|lga",
    "place.state": "oblast|province|state|governorate|adm1|admin1|admin 1|provstate|область|"
                   "departamento",
    "place.region": "region",
    "place.country": "country|nation|country txt|countryname|country name|country killed|країна|"
                     "pays|land",
    "place.latitude": "lat|latitude|y|lat dd|geo lat|latitud|широта|y coord",
    "place.longitude": "lon|lng|long|longitude|x|lon dd|geo lon|longitud|довгота|x coord",
    "place.coordinates": "coordinates|coords|lat lon|latlon|lat long|gps|geolocation|point|"
                         "geo|координати|latitude longitude|geolocation coordinates",
    "killed.low": "killed low|killed min|deaths low|low|min killed|reported minimum|fatalities min|"
                  "minimum killed|deaths min",
    "killed.best": "killed best|best",
    "killed.high": "killed high|killed max|deaths high|high|max killed|reported maximum|"
                   "fatalities max|maximum killed|deaths max",
    "killed": "killed|dead|deaths|fatalities|fatality|nkill|total killed|deaths total|casualties|"
              "number killed|civilians killed|people killed|загиблі|вбито|muertos|tote|morts|"
              "number of deaths|total deaths|death toll|victims|dead count",
    "wounded.low": "wounded low|wounded min|injured min|min injured|injured low",
    "wounded.high": "wounded high|wounded max|injured max|max injured|injured high",
    "wounded": "wounded|injured|injuries|nwound|total wounded|number injured|civilians injured|"
               "people injured|поранені|heridos|verletzte|blessés|total injured|no injured",
    "by": "by|perpetrator|attacker|actor1|actor 1|side a|gname|belligerent|perpetrators|actor|"
          "responsible|perpetrator group|strike by",
    "against": "against|target|victim|actor2|actor 2|side b|targets|target1",
    "weapon": "weapon|means|munition|weapons|weapon used|weaptype1 txt|weapon type|means of attack|"
              "munition type|model|type of weapon",
    "source": "source|who says|outlet|publisher|reported by|sources|source name|media|джерело|"
              "fuente|quelle|publication|information source|source of information",
    "published": "published|publication date|date published|reported|reported on|date reported|"
                 "report date",
    "url": "url|link|source url|source link|web|source1|source 1|links|urls|article url|"
           "link to source|post|tweet|посилання|permalink|source urls",
    "quote": "quote|excerpt|words|original text",
    "title": "source title|article title|report title",
    "summary": "summary|headline|title|what happened|event|incident|description|notes|note|comment|"
               "text|details|synopsis|опис|descripción|beschreibung|narrative|event description|"
               "incident description|name|full name|fullname|victim name|name of victim|"
               "victim s name",
    "kind": "kind|type|event type|category|incident type|sub event type|attack type|"
            "attacktype1 txt|type of attack|type of incident|class|тип|tipo|typ|violation type|"
            "type of event|disaster type|hazard type|primary type",
}  # fmt: skip
KINDS = {
    "attack": "attack|airstrike|air strike|shelling|bombing|bomb|missile|missile strike|drone|"
              "drone strike|shooting|explosion|ied|ambush|assassination|strike|bombing explosion|"
              "armed assault|artillery|rocket|suicide attack|mortar|aerial attack|"
              "explosions remote violence|violence against civilians",
    "clash": "clash|clashes|battle|battles|fighting|armed clash|firefight|combat",
    "incident": "incident|protest|protests|riot|riots|arrest|detention|abduction|kidnapping|"
                "looting|accident|disappearance|displacement|demonstration|strategic developments|"
                "hostage taking kidnapping|facility infrastructure attack",
    "political-statement": "statement|political statement|speech|announcement|declaration",
    "territorial-change": "territorial change|capture|liberation|occupation|withdrawal",
}  # fmt: skip
HARMED = {
    "killed": frozenset("killed dead died deaths fatalities fatality".split()),
    "wounded": frozenset("wounded injured injuries".split()),
}
ENDS = {
    "low": frozenset("min minimum low lowest least".split()),
    "high": frozenset("max maximum high highest most".split()),
}
OF_ALL = frozenset(
    (
        "total number no of people persons victims the reported estimated estimate all count "
        "overall num sum"
    ).split()
)
