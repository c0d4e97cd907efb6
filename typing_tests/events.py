"""What a type checker says of events and claims, before the program runs."""

from timeline import Attack, Count, Event, Incident, Place, Report, TerritorialChange, event, when


@event("displacement/1")
class Displacement(Event):
    """A kind of one's own, with fields of the library's types."""

    place: Place
    people: Count


def short_forms_are_taken() -> list[Event]:
    """The four kinds take a text for a time, a name for a place, a number for a count."""
    return [
        TerritorialChange(when="2022-09-10", place="Izium", to="Ukraine", share="1/3"),
        Attack(when="2022-09-16", place="Kharkiv", wounded=12, including={"children": 2}),
        Incident(when=when("2022-09"), category="mass grave", found=Count(about=450)),
        Displacement(when=when("2022-09"), place=Place("Izium"), people=Count(about=450)),
    ]


def a_field_is_held_to_its_type() -> Event:
    """A misspelt or mistyped field is found early."""
    return Attack(when="2022-09-16", wounded="twelve")  # error: incompatible type "str"


def a_kind_of_ones_own_has_its_fields() -> Event:
    """What is missing is named."""
    return Displacement(when=when("2022"), place=Place("Izium"))  # error: Missing named argument


def a_report_says_events(report: Report) -> None:
    """A text isn't an event."""
    report.says("an attack")  # error: matches argument type "str"
