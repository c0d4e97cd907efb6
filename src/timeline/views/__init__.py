"""The views that most people ask for: control, casualties, statements and the chronology."""
