"""A real Chromium, started once, and what it sees of a page by the boxes of its elements."""

import shutil

import pytest

BINARY, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
QUIET = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
LOOKS = {  # name → width [pixels], colours, medium
    "light": (1200, "light", ""),
    "dark": (1200, "dark", ""),
    "narrow": (400, "light", ""),
    "print": (688, "light", "print"),  # A4 without its margins
}
WORDS = "h1, h2, h3, h4, p, li, th, td, caption, figcaption, summary, dt, dd, pre, a, button, label, small, .light"
FAULTS = """
const found = [], say = (e, what) => found.push(`${what}: ${e.tagName} ${e.textContent.trim().slice(0, 40)}`);
for (const each of document.querySelectorAll('details')) each.open = true;
const rgb = text => text.match(/[\\d.]+/g).map(Number);
const light = colour => colour.slice(0, 3)
  .map(c => (c /= 255) <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
  .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
const behind = e => {
  for (; e; e = e.parentElement) {
    const c = rgb(getComputedStyle(e).backgroundColor);
    if (c.length < 4 || c[3] > 0) return c;
  }
  return [255, 255, 255];
};
if (document.documentElement.scrollWidth > innerWidth) say(document.body, 'scrolls sideways');
for (const e of document.querySelectorAll(arguments[0])) {
  const box = e.getBoundingClientRect(), style = getComputedStyle(e);
  if (!box.width || !box.height || style.clipPath !== 'none') continue;
  if (!e.closest('.scroll, pre') && (box.right > innerWidth + 1 || box.left < -1)) say(e, 'beyond the page');
  if (['TD', 'TH'].includes(e.tagName) && e.scrollWidth > e.clientWidth + 1) say(e, 'beyond its cell');
  if (e.childElementCount || !e.textContent.trim() || style.opacity !== '1') continue;
  const [a, b] = [light(rgb(style.color)), light(behind(e))].sort((x, y) => y - x);
  if ((a + 0.05) / (b + 0.05) < 3) say(e, 'hardly seen');
}
return found;
"""


@pytest.fixture(scope="session")
def browser(tmp_path_factory):
    webdriver = pytest.importorskip("selenium.webdriver")
    from selenium.webdriver.chrome.service import Service

    if not (BINARY and DRIVER):
        pytest.skip("needs chromium and chromedriver")
    options = webdriver.ChromeOptions()
    options.binary_location = BINARY
    for word in (*QUIET, f"--user-data-dir={tmp_path_factory.mktemp('profile')}", "--window-size=1280,900"):
        options.add_argument(word)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    found = webdriver.Chrome(options=options, service=Service(DRIVER))
    yield found
    found.quit()


def opened(browser, path, width=1280, scheme="light", media=""):
    """Open a file in the browser and wait until it is drawn."""
    look(browser, width, scheme, media)
    browser.get(path.as_uri())
    settled(browser)
    return browser


def look(browser, width, scheme, media):
    """Show the open page at a width [pixels], in light or dark colours, on the screen or, with "print", on paper."""
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": media, "features": features})
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    settled(browser)


def settled(browser):
    """Wait until what was asked for is drawn."""
    browser.execute_async_script("const done = arguments[0]; requestAnimationFrame(() => requestAnimationFrame(done));")


def faults(browser):
    """What leaves the open page or its cell, and what hardly stands out from what is behind it, list of str."""
    return browser.execute_script(FAULTS, WORDS)
