"""Models one news report of 16 September 2022 and asks it who held what, when, and who says so.

Run it with `make demo`, or `python examples/kharkiv_2022.py [war.db]`.
"""

import sys
import tempfile
from pathlib import Path

from timeline import (
    Attack,
    Before,
    Casualties,
    Control,
    Count,
    Incident,
    Log,
    Place,
    PoliticalStatement,
    Report,
    Statements,
    TerritorialChange,
    chronology,
)

TEXT = """
Ukraine has won back many places in recent days. Within three days it retook a third of the
Kharkiv region, after announcing an attack in one direction and making it in another. Kharkiv, the
city around which that feint was built, is in Ukrainian hands.

Russia keeps trying to take it. This morning an attack on the city wounded 12 people, two of them
children.

In Moscow the setback is being felt. Russia's political system is in shock, Abbas Galliamov, a
political scientist who once wrote speeches for Vladimir Putin, told Público. Two groups of
municipal deputies, one from Moscow and one from St Petersburg, have publicly called on Putin to
resign. The president is harming the security of Russia and of its citizens, says the one; in
countries where power changes hands people live better and longer, says the other, and his views
and his model of government are out of date. They will probably go to prison for it.

The British Ministry of Defence writes this Friday that the Wagner Group is trying to recruit in
Russian prisons, offering freedom and money.

Volodymyr Zelenskyy says that a mass grave was found in Izium, which used to be under Russian
control and is now under Ukrainian rule. Officials in Kharkiv estimate that about 450 bodies lie
buried in that one place. Bucha, Mariupol, now sadly Izium, the president said.

On his way back to Kyiv a car collided with the vehicle carrying Zelenskyy. The collision is being
investigated.
"""

report = Report(
    "Portuguese newspaper",
    published="2022-09-16",
    zone="Europe/Lisbon",
    title="The counter-offensive around Kharkiv",
    text=TEXT,
)

oblast = Place("Kharkiv Oblast", precision="oblast")
kharkiv = Place("Kharkiv", within=oblast, latitude=49.99, longitude=36.23)
izium = Place("Izium", within=oblast, latitude=49.21, longitude=37.25)

third_retaken = TerritorialChange(
    when=report.undated("within three days"),  # it doesn't say which three
    place=oblast,
    to="Ukraine",
    from_="Russia",
    share="1/3",
    how="feint",
)
city_held = TerritorialChange(when=report.undated(), place=kharkiv, to="Ukraine")
city_attacked = Attack(
    when=report.when("this morning"),
    place=kharkiv,
    by="Russia",
    against="Ukraine",
    wounded=12,
    including={"children": 2},
    summary="Russian attack on Kharkiv wounds 12 people, two of them children",
)
shock = PoliticalStatement(
    when=report.undated(),
    speaker="Abbas Galliamov",
    role="political scientist, once speechwriter to Vladimir Putin",
    addressee="Público",
    text="Russia's political system is in shock.",
)
moscow_calls = PoliticalStatement(
    when=report.undated(),
    speaker="Municipal deputies, Moscow",
    addressee="Vladimir Putin",
    topic="resignation",
    stance="demand",
    text="He harms the security of Russia and of its citizens.",
    summary="A group of municipal deputies from Moscow calls on Putin to resign",
)
petersburg_calls = PoliticalStatement(
    when=report.undated(),
    speaker="Municipal deputies, St Petersburg",
    addressee="Vladimir Putin",
    topic="resignation",
    stance="demand",
    text="People live better and longer where power changes hands; his views and his model "
    "of government are out of date.",
    summary="A group of municipal deputies from St Petersburg calls on Putin to resign",
)
prison = Incident(
    when=report.undated(direction="future"),
    category="imprisonment",
    involved=["Municipal deputies, Moscow", "Municipal deputies, St Petersburg"],
    summary="The municipal deputies go to prison",
)
izium_freed = TerritorialChange(when=report.undated(), place=izium, to="Ukraine", from_="Russia")
grave_found = Incident(
    when=report.undated(),
    category="mass grave",
    place=izium,
    found=Count(about=450),
    summary="A mass grave is found in Izium: about 450 bodies",
)
zelenskyy_speaks = PoliticalStatement(
    when=report.undated(),
    speaker="Volodymyr Zelenskyy",
    role="president of Ukraine",
    topic="mass graves",
    text="Bucha, Mariupol, now sadly Izium.",
)

claims = [
    report.says(
        TerritorialChange(
            when=report.when("in recent days"),
            place=Place("many places", within="Ukraine"),
            to="Ukraine",
            summary="Ukraine wins back many places",
        ),
        quote="Ukraine has won back many places in recent days",
    ),
    report.says(
        third_retaken,
        quote="Within three days it retook a third of the Kharkiv region",
    ),
    report.says(
        city_held,
        quote="Kharkiv, the city around which that feint was built, is in Ukrainian hands",
    ),
    report.says(
        city_attacked,
        quote="This morning an attack on the city wounded 12 people, two of them children",
    ),
    report.says(
        shock,
        quote="Russia's political system is in shock, Abbas Galliamov",
    ),
    report.says(
        moscow_calls,
        quote="The president is harming the security of Russia and of its citizens, says the one",
    ),
    report.says(
        petersburg_calls,
        quote="in countries where power changes hands people live better and longer, says the "
        "other, and his views and his model of government are out of date",
    ),
    report.expects(
        prison,
        quote="They will probably go to prison for it",
    ),
    report.says(
        PoliticalStatement(
            when=report.when("this Friday"),
            speaker="British Ministry of Defence",
            stance="writes",
            topic="Wagner Group",
            text="The Wagner Group is trying to recruit in Russian prisons.",
        ),
        quote="The British Ministry of Defence writes this Friday",
    ),
    report.says(
        Incident(
            when=report.undated(),
            category="recruitment in prisons",
            place=Place("Russia", precision="country"),
            involved=["Wagner Group"],
            summary="The Wagner Group tries to recruit in Russian prisons",
        ),
        quote="trying to recruit in Russian prisons, offering freedom and money",
        according_to="British Ministry of Defence",
    ),
    report.says(
        izium_freed,
        quote="Izium, which used to be under Russian control and is now under Ukrainian rule",
    ),
    report.says(
        grave_found,
        quote="about 450 bodies lie buried in that one place",
        according_to=["Volodymyr Zelenskyy", "officials in Kharkiv"],
    ),
    report.says(
        zelenskyy_speaks,
        quote="Bucha, Mariupol, now sadly Izium, the president said",
    ),
    report.says(
        Incident(
            when=report.undated(),
            category="road accident",
            involved=["Volodymyr Zelenskyy"],
            summary="A car collides with the vehicle taking Zelenskyy back to Kyiv",
        ),
        quote="a car collided with the vehicle carrying Zelenskyy",
    ),
]

# What the report says about order, each with the sentence that says it.
links = [
    report.says(
        Before(izium_freed, grave_found),
        quote="a mass grave was found in Izium, which used to be under Russian control and is now "
        "under Ukrainian rule",
    ),
    report.says(
        Before(grave_found, zelenskyy_speaks),
        quote="Volodymyr Zelenskyy says that a mass grave was found in Izium",
    ),
    report.says(
        Before(third_retaken, shock),
        quote="In Moscow the setback is being felt. Russia's political system is in shock",
    ),
    report.says(
        Before(city_held, city_attacked),
        quote="is in Ukrainian hands. Russia keeps trying to take it. This morning an attack on "
        "the city wounded 12 people",
    ),
    *(
        report.says(Before(call, prison), quote="They will probably go to prison for it")
        for call in (moscow_calls, petersburg_calls)
    ),
]


def heading(text: str) -> None:
    """Print a heading, underlined."""
    print(f"\n{text}\n{'=' * len(text)}\n")


def show(path: Path) -> None:
    """Append the report's claims to a log on disk and print what can be asked of it."""
    with Log(path) as log:
        before = log.head
        log.append(*claims, *links)

        heading("What happened, in order")
        chronology(log).print()

        heading("Who holds what")
        days = ["2022-09-09", "2022-09-11", "2022-09-16"]
        held = {day: log.ask(Control(), at=day) for day in days}
        places = sorted({place for holdings in held.values() for place in holdings})
        print(f"{'':30}" + "".join(f"{day:28}" for day in days).rstrip())
        for place in places:
            cells = [str(held[day].get(place, "nobody says")) for day in days]
            print(f"{place:30}" + "".join(f"{cell:28}" for cell in cells).rstrip())
        known = log.ask(Control(), known=before)
        print(f"\nAs known before the report: {dict(known) or 'nothing'}")

        heading("The toll")
        tally = log.ask(Casualties())
        print(f"In all: {tally.total}")
        for who, count in tally.total.including.items():
            print(f"  of them {who}: {count}")
        for name, toll in tally.by_place.items():
            print(f"  {name or 'place not given'}: {toll}")

        heading("Who said what")
        for speaker, said in log.ask(Statements()).items():
            for account in said:
                if isinstance(account.event, PoliticalStatement):
                    print(f"{speaker}: {account.event.text}")

        heading("What the report only expects")
        for account in log.accounts():
            if account.expected:
                print(f"{account.event} ({account.when})")
                print(f'  "{account.claims[0].quote}"')


if __name__ == "__main__":
    if len(sys.argv) > 1:
        show(Path(sys.argv[1]))
    else:
        with tempfile.TemporaryDirectory() as folder:
            show(Path(folder) / "kharkiv_2022.db")
