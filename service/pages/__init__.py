"""Pages for people who are logged in: filled on the server, with htmx for parts and vega for charts.

A page is an entry in ``navigation.py`` with words in ``words/``; a module here whose `PageRoute` begins with
``visit = await begin_visit(request, ENTRY)`` and ends with ``visit.render("page.html", …)``; and a template on
``layout.html`` with the macros of ``components.html``. docs/pages.md shows all three.
"""
