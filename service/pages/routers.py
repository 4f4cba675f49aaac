"""The routers of all pages, in the order of the navigation."""

from typing import Final

from fastapi import APIRouter

from service.pages import (
    bundles,
    login,
    managing,
    managing_people,
    managing_terms,
    managing_webhooks,
    monthly,
    overview,
    own_password,
    performance,
    policies,
    queue,
    reports,
    stories,
    trends,
    trying,
)

PAGE_ROUTERS: Final[tuple[APIRouter, ...]] = (
    overview.router,
    queue.router,
    reports.router,
    stories.router,
    trends.router,
    performance.router,
    monthly.router,
    policies.router,
    bundles.router,
    managing.router,
    managing_people.router,
    managing_terms.router,
    managing_webhooks.router,
    trying.router,
    login.router,
    own_password.router,
)
