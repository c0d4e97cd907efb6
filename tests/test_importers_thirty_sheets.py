"""Tests that thirty sheets, after real ones of ten fields, come in unedited or stop at a question.

No row is a real one: each sheet has the columns, dates and numbers as its field writes them.
"""

from __future__ import annotations

import io

import attrs
import pytest

from timeline import Attack, Claim, Event, Incident
from timeline.errors import ImporterError
from timeline.importers import Accepted, guess_sheet, table


@attrs.frozen
class Sheet:
    """A sheet, what its two rows are, the people killed in them, and what is asked, if anything."""

    name: str
    text: str
    killed: tuple[str, str] = ("unreported", "unreported")
    kinds: tuple[type[Event], type[Event]] = (Incident, Incident)
    asks: str | None = None


HARM = (Attack, Incident)
SHEETS = [
    # conflict data sets
    Sheet("events by side", """\
event_id,date_start,date_end,country,adm1,location,lat,lon,side_a,side_b,best,low,high,source
101,2022-03-01,2022-03-01,Ukraine,Kharkiv,Izium,49.2,37.3,Army A,Army B,4,3,6,Wire
102,2022-03-02,2022-03-04,Ukraine,Kharkiv,Balakliia,49.5,36.8,Army A,Army B,0,0,2,Wire
""", ("4 (3 to 6)", "0 (0 to 2)"), kinds=(Attack, Attack)),
    Sheet("incidents with actors", """\
Event ID;Event Date;Event Type;Actor 1;Actor 2;Admin1;Location;Latitude;Longitude;Fatalities;Notes
AA1;05 August 2024;Explosions/Remote violence;Army A;;Sumy;Bilopillia;51,15;34,31;2;Shelling
AA2;06 August 2024;Protests;Protesters;;Kyiv;Kyiv;50,45;30,52;0;A march
""", ("2", "0"), kinds=(Attack, Incident)),
    Sheet("terrorism by parts", """\
eventid,iyear,imonth,iday,country_txt,provstate,city,latitude,longitude,gname,nkill,nwound
201403010001,2014,3,1,Ukraine,Luhansk,Luhansk,48.57,39.3,Unknown,1,4
201403020003,2014,3,2,Ukraine,Donetsk,Donetsk,48.0,37.8,Group A,2,
""", ("1", "2"), kinds=(Attack, Attack)),
    # strikes from the air
    Sheet("drone strikes", """\
Strike ID,Date,Country,Province,Location,Minimum killed,Maximum killed,Civilians injured,Link
P001,13/01/2015,Pakistan,FATA,Datta Khel,3,5,1,https://wire.example/1
P002,19/01/2015,Pakistan,FATA,Shawal,4,4,0,https://wire.example/2
""", ("3 (3 to 5)", "4"), kinds=(Attack, Attack)),
    Sheet("missile attacks", """\
time_start,time_end,model,launch_place,target,launched,destroyed,source
2023-05-01 00:30,2023-05-01 05:00,X-101,Caspian,Kyiv,18,15,general staff
2023-05-03,2023-05-03,Shahed,,Odesa,24,18,general staff
""", kinds=(Attack, Attack)),
    Sheet("air raids in Ukrainian", """\
Дата;Місто;Область;Загиблі;Поранені;Джерело;Опис
16.09.2022;Ізюм;Харківська;2;5;Агентство;обстріл
17.09.2022;Харків;Харківська;1;0;Агентство;обстріл
""", ("2", "1"), kinds=(Attack, Attack)),
    # victims
    Sheet("deaths in custody", """\
Name,Age,Date of death,City,State,Cause,Source URL
A. B.,34,03/16/2019,Dayton,OH,unknown,https://wire.example/3
C. D.,51,11/02/2019,Akron,OH,unknown,https://wire.example/4
"""),
    Sheet("police shootings", """\
id,name,date,manner_of_death,armed,age,gender,city,state,longitude,latitude
3,A. B.,2015-01-02,shot,gun,53,M,Shelton,WA,-123.122,47.247
4,C. D.,2015-01-02,shot,gun,47,M,Aloha,OR,-122.892,45.487
""", ("1", "1")),
    Sheet("body count", """\
Incident code,Start Date,End Date,Time,Location,Target,Weapons,Min Killed,Max Killed,Sources
k1,03 Feb 2006,03 Feb 2006,AM,Baquba,policemen,gunfire,2,3,Wire
k2,04 Feb 2006,05 Feb 2006,PM,Mosul,market,car bomb,7,7,Wire
""", ("2 (2 to 3)", "7"), kinds=(Attack, Attack)),
    # journalists, aid workers, health
    Sheet("journalists", """\
Full name,Organization,Date,Location,Country,Type of death
A. B.,Paper,"March 13, 2022",Irpin,Ukraine,Crossfire
C. D.,Radio,"April 1, 2022",Kyiv,Ukraine,Murder
"""),
    Sheet("aid workers", """\
Incident ID,Year,Month,Day,Country,Region,City,Total killed,Total wounded,Means of attack,Details
11,2021,3,6,South Sudan,Jonglei,Pieri,1,0,Shooting,ambush
12,2021,3,19,Mali,Mopti,Bandiagara,0,2,Kidnapping,road
""", ("1", "0"), kinds=(Attack, Attack)),
    Sheet("attacks on health", """\
Date,Country,Admin 1,Event Description,Health Workers Killed,Latitude,Longitude,Reported by
2023-02-03,Myanmar,Sagaing,A clinic was hit,1,22.1,95.1,NGO
2023-02-07,Myanmar,Chin,A clinic was burnt,0,22.9,93.7,NGO
"""),
    # protest and rights
    Sheet("protests", """\
Date of event;City;Country;Number of participants;Organizer;Article URL
2020-08-09;Minsk;Belarus;1000;unknown;https://wire.example/5
2020-08-16;Minsk;Belarus;>100000;unknown;https://wire.example/6
"""),
    Sheet("violations", """\
Case number,Date of incident,Violation type,District,Village,Perpetrator,Victims,Description
V-1,2017-08-25,Killing,Maungdaw,Tula Toli,Unit A,12,testimony 1
V-2,2017-08-27,Destruction of property,Rathedaung,Chut Pyin,Unit A,0,testimony 2
""", ("12", "0"), kinds=(Attack, Attack)),
    Sheet("arrests", """\
Fecha;Ciudad;País;Tipo;Fuente
10/12/2021;Bogotá;Colombia;detención;Diario
25/12/2021;Cali;Colombia;detención;Diario
"""),
    # open-source investigation
    Sheet("verified posts", """\
ENTRY_NUMBER,VERIFIED_DATE,CITY,LATITUDE,LONGITUDE,LINKS,VIOLENCE_LEVEL,DESCRIPTION
UW1,2/24/2022,Kharkiv,49.99,36.23,https://post.example/1,3,Impact of a rocket
UW2,3/1/2022,Kyiv,50.45,30.52,https://post.example/2,4,Impact on a tower
"""),
    Sheet("a timemap", """\
id,description,date,time,location,latitude,longitude,association1,source1
1,First seen,2020-05-25,,Minneapolis,44.93,-93.26,police,https://post.example/3
2,Second seen,2020-05-26,,Minneapolis,44.94,-93.26,police,https://post.example/4
"""),
    Sheet("coordinates in one cell", """\
Date,Coordinates,Place,Source,Description
2022-04-02,"50.543, 30.212",Bucha,Post,satellite image
2022-04-03,"50.519, 30.239",Irpin,Post,video
"""),
    # losses and control
    Sheet("lost vehicles", """\
date,type,model,status,location,url
2022-03-01,Tank,T-72B,destroyed,Okhtyrka,https://post.example/5
2022-03-02,Truck,Ural-4320,captured,Trostianets,https://post.example/6
"""),
    Sheet("reports of control", """\
date,settlement,oblast,controlled by,reported by
2022-09-10,Izium,Kharkiv,Ukraine,staff
2022-09-11,Lyman,Donetsk,Russia,staff
"""),
    # displacement, mines, sea, disasters
    Sheet("displacement", """\
Report date;Governorate;District;Families displaced;Origin
2016-10-17;Ninewa;Mosul;120;Mosul
2016-10-18;Ninewa;Hamdaniya;85;Mosul
""", asks="needs columns.when"),
    Sheet("accidents with mines", """\
Accident date,Province,Village,Device,Killed,Injured,Source
2019-05-04,Battambang,Samlout,anti-tank mine,"1","2",authority
2019-05-09,Pailin,Pailin,ERW,"0","1",authority
""", ("1", "0"), kinds=(Attack, Attack)),
    Sheet("piracy", """\
Reference,Date of Occurrence,Lat,Long,Hostility,Description
2021-001,2021-01-03,1.25,104.1,Robbers,boarded at anchor
2021-002,2021-01-09,5.6,0.1,Robbers,boarded at anchor
"""),
    Sheet("a flood", """\
Disaster No.,Start Date,End Date,Country,Location,Disaster Type,Total Deaths,No. Injured
2021-0390,2021-07-12,2021-07-15,Germany,Ahrweiler,Flood,134,766
2021-0391,2021-07-14,2021-07-15,Belgium,Pepinster,Flood,10,
""", ("134", "10")),
    # crime and shootings
    Sheet("mass shootings", """\
Incident ID,Incident Date,State,City Or County,Address,# Killed,# Injured
92194,"January 1, 2014",Virginia,Norfolk,Main Street,2,2
92704,"January 3, 2014",New York,Queens,First Avenue,1,3
""", ("2", "1"), kinds=(Attack, Attack)),
    Sheet("crime of a city", """\
Case Number,Date,Primary Type,Location Description,District,Latitude,Longitude
HX1,09/05/2015 01:30:00 PM,BATTERY,STREET,9,41.815,-87.67
HX2,09/24/2015 11:30:00 AM,THEFT,BUS,15,41.895,-87.765
"""),
    # desk notes
    Sheet("dates nobody can order", """\
Date,Town,Killed,Source
02/03/2022,Izium,1,Wire
04/05/2022,Kharkiv,2,Wire
""", asks="formats"),
    Sheet("numbers nobody can read", """\
Date,Town,Killed,Source
2022-03-02,Izium,1.000,Wire
2022-03-05,Kharkiv,2.000,Wire
""", asks="numbers.Killed.thousands"),
    Sheet("a title above", """\
Incidents of our desk
,,
Date,Town,Killed
2022-03-02,Izium,1
2022-03-05,Kharkiv,2
""", ("1", "2"), kinds=(Attack, Attack)),
    Sheet("German notes", """\
Datum;Ort;Land;Tote;Verletzte;Quelle
2. März 1945;Köln;Deutschland;5;;Zeitung
3. März 1945;Bonn;Deutschland;ca. 3;1;Zeitung
""", ("5", "about 3 (2 to 4)"), kinds=(Attack, Attack)),
]  # fmt: skip


def outcome(sheet: Sheet) -> str | None:
    """What stops the proposed mapping, or none where its rows come in as they stand."""
    mapping = guess_sheet(io.BytesIO(sheet.text.encode()), name="sheet.csv")
    try:
        rows = list(table(io.BytesIO(sheet.text.encode()), mapping))
    except ImporterError as error:
        return str(error)
    said = [one for row in rows if isinstance(row, Accepted) for one in row.said]
    events = [one.event for one in said if isinstance(one, Claim)]
    assert len(events) == len(rows) == len(sheet.kinds), rows
    assert tuple(type(one) for one in events) == sheet.kinds
    assert tuple(str(one.killed) for one in events if isinstance(one, HARM)) == sheet.killed
    return None


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_a_sheet_comes_in_unedited_or_stops_at_a_question(sheet: Sheet) -> None:
    stopped = outcome(sheet)
    if sheet.asks is None:
        assert stopped is None
    else:
        assert stopped is not None
        assert sheet.asks in stopped


def test_of_thirty_sheets_most_come_in_unedited() -> None:
    assert len(SHEETS) == 30
    assert sum(sheet.asks is None for sheet in SHEETS) == 27
