"""Headless Chromium, for all tests that look at pages."""

import os
import shutil

import pytest
from playwright.sync_api import sync_playwright

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


def chromium() -> str | None:
    names = [os.environ.get("CHROMIUM"), "chromium", "chromium-browser", "google-chrome"]
    return next(filter(None, map(shutil.which, filter(None, names))), None)


def pytest_terminal_summary(terminalreporter):
    if not chromium():
        terminalreporter.section("THE BROWSER TESTS DID NOT RUN: Chromium is missing", sep="!", red=True, bold=True)
        terminalreporter.line("Install the package chromium, or set CHROMIUM to the program, and run make test again.")


@pytest.fixture(scope="session")
def browser():
    program = chromium()
    if not program:
        pytest.skip("Chromium is missing")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield browser
        browser.close()
