"""A report as its reader gets it."""

import csv
import io
from base64 import b64decode
from html.parser import HTMLParser

VOID = {"meta", "link", "br", "input", "img"}


class Page(HTMLParser):
    """The elements of a page, and its text outside of scripts and styles."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.open, self.elements, self.words, self.unbalanced = [], [], [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.unbalanced.append(tag)

    def handle_data(self, data):
        if data.strip() and not {"script", "style", "title"} & set(self.open):
            self.words.append(" ".join(data.split()))

    def all(self, name):
        return [attributes[name] for _, attributes in self.elements if name in attributes]

    @property
    def files(self):
        """Files inside the page, by name."""
        found = {}
        for tag, attributes in self.elements:
            if tag == "a" and "download" in attributes:
                found[attributes["download"]] = b64decode(attributes["href"].partition(";base64,")[2])
        return found

    def check_whole(self):
        """Every element is closed, every id there once, and nothing is loaded from anywhere."""
        assert not self.unbalanced and not self.open
        assert all(link.startswith(("#", "data:")) for link in self.all("href") + self.all("src"))
        ids = self.all("id")
        assert len(ids) == len(set(ids))
        assert {link[1:] for link in self.all("href") if link.startswith("#")} <= set(ids)

    def table(self, name):
        """A CSV file inside as list of dict."""
        return list(csv.DictReader(io.StringIO(self.files[name].decode())))
