"""A browser for the tests of a module, and a fresh page for each."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.lab import CHROMIUM, NO_CHROMIUM, chromium, patient


@pytest.fixture(scope="module")  # Playwright keeps an event loop running, which other modules need for themselves
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip(NO_CHROMIUM)
    with chromium() as browser:
        yield browser


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    page = patient(browser.new_page(viewport={"width": 1280, "height": 1000}))
    yield page
    page.close()
