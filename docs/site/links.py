"""Links out of docs/ lead to the repository; the list of decisions is a section of its own; the search has a name for screen readers."""
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
DOCS = ROOT / "docs"
LINK = re.compile(r"(!?)\[([^]]*)\]\((?!https?:|mailto:|#)([^)\s#]+)(#[^)\s]+)?\)")


def on_config(config, **_):
    decisions = sorted(path.relative_to(DOCS).as_posix() for path in (DOCS / "adr").glob("*.md"))
    config.nav.append({"Decisions": decisions})
    return config


def on_page_markdown(markdown, page, config, **_):
    directory = (DOCS / page.file.src_uri).parent

    def outside(link):
        picture, text, path, heading = link.groups()
        target = (directory / path).resolve()
        # What is not there is left for the strict build to refuse.
        if picture or target.is_relative_to(DOCS) or not (target.is_relative_to(ROOT) and target.exists()):
            return link[0]
        if not config.repo_url:
            return text
        kind = "tree" if target.is_dir() else "blob"
        return f"[{text}]({config.repo_url}/{kind}/main/{target.relative_to(ROOT).as_posix()}{heading or ''})"

    return LINK.sub(outside, markdown)


def on_post_page(output, **_):
    return output.replace('data-md-component="search" role="dialog"', 'data-md-component="search" role="dialog" aria-label="Search"')
