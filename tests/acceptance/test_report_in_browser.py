"""A report in a real browser: it loads nothing, turns, plays and prints."""

import json
import time
from base64 import b64decode

import chromium
import pictures
import pytest
import stored
from chromium import settled

from coble.reports.page import report

webdriver = pytest.importorskip("selenium.webdriver")
pytestmark = pytest.mark.skipif(not (chromium.BINARY and chromium.DRIVER), reason="needs chromium and chromedriver")


@pytest.fixture(scope="module")
def files(plate, tmp_path_factory):
    """Reports of growth, and of two results whose wall has a hostile name."""
    base, kept = tmp_path_factory.mktemp("reports"), {}
    shares = stored.shares(base / "shares")

    def once(name, figure, title, said):
        """Growth comes first in both, under the same name; painted are the first figures of each result."""
        if (name, title) not in kept:
            draw = pictures.DRAWN if name.endswith(("-0", "-1", "-2", "all")) else pictures.not_drawn
            kept[name, title] = draw(name, figure, title, said)
        return kept[name, title]

    content = json.loads((shares / "result.json").read_text())
    content["walls"][1]["name"] = (
        "<img src=x onerror=\"document.title='hacked'\"><script>document.title='hacked'</script>"
    )
    (shares / "result.json").write_text(json.dumps(content))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("coble.reports.figures.drawn", once)
        (base / "growth.html").write_text(report([plate]), encoding="utf-8")
        (base / "both.html").write_text(report([plate, shares]), encoding="utf-8")
    return base


@pytest.fixture
def page(browser, files):
    """A page that was just opened."""

    def opened(name="growth", **look):
        return chromium.opened(browser, files / f"{name}.html", **look)

    return opened


def reached(condition, seconds=10):
    """Wait until something holds; whether it does."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


def pixels(browser):
    return browser.execute_script("return document.querySelector('canvas').toDataURL()")


def inked(browser):
    """Part of the canvas that is drawn on."""
    return browser.execute_script(
        "const c = document.querySelector('canvas'), d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;"
        "let n = 0; for (let i = 3; i < d.length; i += 4) n += d[i] > 0; return n / (c.width * c.height);"
    )


def element(browser, selector):
    return browser.find_element("css selector", selector)


def keys(browser, selector, *names):
    from selenium.webdriver.common.keys import Keys

    element(browser, selector).send_keys(*(getattr(Keys, name, name) for name in names))
    settled(browser)


@pytest.mark.parametrize("name", ["growth", "both"])
def test_no_errors_and_nothing_is_loaded(page, name):
    before = page()
    before.get_log("performance"), before.get_log("browser")
    browser = page(name)
    assert browser.get_log("browser") == []
    messages = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    asked = [m["params"]["request"]["url"] for m in messages if m["method"] == "Network.requestWillBeSent"]
    assert asked and all(url.startswith(("file:", "data:")) for url in asked)
    assert sum(url.startswith("file:") for url in asked) == 1
    assert browser.title.endswith("Coble report") and inked(browser) > 0.05


def test_the_view_turns_by_mouse_and_keyboard(page):
    browser = page()
    canvas, first = element(browser, "canvas"), pixels(browser)
    webdriver.ActionChains(browser).drag_and_drop_by_offset(canvas, 120, 40).perform()
    settled(browser)
    dragged = pixels(browser)
    keys(browser, "canvas", "ARROW_LEFT", "ARROW_UP")
    turned, small = pixels(browser), inked(browser)
    keys(browser, "canvas", "+", "+", "+")
    assert len({first, dragged, turned, pixels(browser)}) == 4
    assert inked(browser) > 1.2 * small
    element(browser, "button.reset").click()
    settled(browser)
    assert pixels(browser) == first


def test_the_wheel_zooms_only_after_a_click(page):
    browser = page()
    from selenium.webdriver.common.actions.wheel_input import ScrollOrigin

    canvas, first = element(browser, "canvas"), inked(browser)
    browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", canvas)
    browser.execute_script("scrolled = false; addEventListener('scroll', () => { scrolled = true; })")
    wheel = ScrollOrigin.from_element(canvas)
    webdriver.ActionChains(browser).scroll_from_origin(wheel, 0, -200).perform()
    assert reached(lambda: browser.execute_script("return scrolled"))
    settled(browser)
    assert inked(browser) == pytest.approx(first, abs=0.005)
    browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", canvas)
    webdriver.ActionChains(browser).click(canvas).perform()
    webdriver.ActionChains(browser).scroll_from_origin(wheel, 0, -200).perform()
    assert reached(lambda: inked(browser) > 1.2 * first)


def test_slider_legend_and_play(page):
    browser = page()
    last, label = pixels(browser), element(browser, "output.frame").text
    keys(browser, "input[type=range]", "HOME")
    first, now = pixels(browser), element(browser, "output.frame").text
    assert first != last and label != now and now.startswith("frame 0, t = 0 µs")
    assert element(browser, "input[type=range]").get_attribute("aria-valuetext") == now
    element(browser, ".legend input").click()
    settled(browser)
    assert pixels(browser) != first and inked(browser) > 0.002
    element(browser, "button.play").click()
    assert element(browser, "button.play").text == "Pause"
    assert reached(lambda: element(browser, "output.frame").text == label)
    assert element(browser, "button.play").text == "Play"


def test_counts_in_the_legend_are_those_of_the_data(page):
    browser = page()
    counts = [int(each.text.replace(",", "")) for each in browser.find_elements("css selector", "output.count")]
    data = json.loads(element(browser, ".viewer script").get_attribute("textContent"))
    packed = b64decode(data["states"])
    n, frames = data["n"], len(data["frames"])
    states = [packed[i // 2] >> 4 * (i % 2) & 15 for i in range(n * (frames - 1), n * frames)]
    assert counts == [states.count(kind + 1) for kind in range(len(data["kinds"]))] and min(counts) > 0


def test_print_is_clean(page):
    browser = page(scheme="dark")
    pdf = b64decode(browser.execute_cdp_cmd("Page.printToPDF", {"printBackground": True})["data"])
    assert pdf.startswith(b"%PDF") and 2 <= pdf.count(b"/Type /Page\n") <= 15
    assert element(browser, "details").get_attribute("open") is None  # closed again
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    browser.execute_script("dispatchEvent(new Event('beforeprint'))")
    for selector in (".controls", ".keys", ".files", ".legend input"):
        assert not element(browser, selector).is_displayed(), selector
    for selector in ("canvas", "details dl", "details table", "pre"):
        assert element(browser, selector).is_displayed(), selector
    assert browser.execute_script("return getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    browser.execute_script("dispatchEvent(new Event('afterprint'))")
    assert element(browser, "details").get_attribute("open") is None


@pytest.mark.parametrize("scheme, light", [("light", True), ("dark", False)])
def test_colours_follow_the_reader(page, scheme, light):
    browser = page(scheme=scheme)
    colours = browser.execute_script(
        "const path = document.querySelector('.drawing svg use');"
        "return [getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color,"
        "getComputedStyle(path).fill]"
    )
    brightness = [sum(int(part) for part in colour.split("(")[1].rstrip(")").split(",")[:3]) for colour in colours]
    assert (brightness[0] > 700) is light and (brightness[1] < 200) is light and (brightness[2] < 200) is light


def test_a_narrow_screen_scrolls_only_down(page):
    browser = page("both", width=400)
    assert browser.execute_script("return document.documentElement.scrollWidth") <= 400
    notes = browser.execute_script(
        "for (const each of document.querySelectorAll('details')) each.open = true;"
        "return [...document.querySelectorAll('td.prose')].map(each => each.getBoundingClientRect().width)"
    )
    assert notes and min(notes) > 200  # no column of one word a line


def test_figures_share_pages_on_paper(page):
    """None is higher than 112 mm, of the 265 mm that a page of A4 has."""
    browser = page("both")
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    heights = browser.execute_script(
        "return [...document.querySelectorAll('.drawing svg, .raster')].map(e => e.getBoundingClientRect().height)"
    )
    assert heights and max(heights) * 25.4 / 96 < 112.5


def test_everything_has_a_name_and_can_be_reached_by_keyboard(page):
    browser = page("both")
    nameless = browser.execute_script(
        "const named = e => e.ariaLabel || e.labels?.length || e.textContent.trim();"
        "const all = document.querySelectorAll('canvas, button, input, a, summary, [role]');"
        "return [...all].filter(e => !named(e)).length"
    )
    assert nameless == 0
    hidden = browser.execute_script(
        "return [...document.querySelectorAll('svg, img')].filter(e => !e.closest('[role=img][aria-label]')).length"
    )
    assert hidden == 0
    assert browser.execute_script("return document.querySelector('canvas').tabIndex") == 0


WIDTHS = """
const page = document.querySelector('main').clientWidth - 40, boxes = [...document.querySelectorAll('.two > *')];
return boxes.filter(e => e.offsetWidth && !e.closest('details:not([open])')).map(e => e.offsetWidth / page);
"""


def test_a_wide_page_is_used_to_its_full_width(page):
    """Half a row each, or a whole one; on a narrow page all are whole."""
    wide = page("both").execute_script(WIDTHS)
    assert any(width < 0.5 for width in wide) and any(width > 0.98 for width in wide)
    assert all(0.47 < width < 0.5 or width > 0.98 for width in wide)
    assert all(width > 0.98 for width in page("both", width=400).execute_script(WIDTHS))
