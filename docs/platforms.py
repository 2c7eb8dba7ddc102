"""The page on exports of platforms, which `docs.generate` writes."""

from __future__ import annotations

from composite.posts import lines, streams
from composite.posts.platforms import FORMATS


def describe_platforms() -> str:
    """The exports of platforms that are read: how to get each, what columns come of it, and what is missing."""
    rows = ["| format | export | how to get it | columns | missing, or not as one would think |", "| --- " * 5 + "|"]
    for form in FORMATS.values():
        columns = ", ".join(f"`{name}`" for name in form.columns)
        how, lacks = form.how.replace("|", "\\|"), form.lacks.replace("|", "\\|")
        rows.append(f"| `{form.name}` | {form.title} | {how} | {columns} | {lacks} |")
    return f"""
# Exports of platforms

What platforms and their tools write is read as it is: a file, a folder of files of any kinds, or the ZIP archive that
a platform hands out. The format is recognised by the content, not by the name; `--format NAME` (`format=`) overrides
that, and `--format table` reads a table that only looks like an export. `composite formats` lists the names.

```sh
composite study exports --accounts accounts.csv --out report
```

```python
posts = cp.read_posts("exports", accounts=cp.read_accounts("accounts.csv"))
```

## Accounts

A platform says who posted, not of which agency and country that account is. A table of accounts does:

```csv
account,platform,agency,country,kind,language
@BrackwellPol,twitter,Brackwell Police,GB,corporate,en
https://www.facebook.com/BrackwellPolice/,facebook,Brackwell Police,GB,corporate,en
brackwell@social.example,mastodon,Brackwell Police,GB,corporate,en
```

An account is written as its handle, in any case, with or without `@`, or as the address of its profile; X and Twitter
are one platform. What a file says of a post goes before the table, and the table before `--set`. Accounts with posts
that the table does not name are in `unmatched_accounts.csv` beside the report, those with most posts first, each with
the account of the table that is most like it. Their posts are set aside in `rejected.csv` where nothing else tells
their country, and stay without an agency where only that is unknown.

A table that a researcher has given the columns `country`, `agency` or `corpus` needs no accounts for them. Where all
files are of one country, `--set country=GB` will do.

## Formats

{chr(10).join(rows)}

`post_id` is the platform's own behind its name (`twitter:1624…`), or the address that the post has already (Mastodon,
Bluesky, feeds): no two platforms share one. A retweet, boost or repost is a post of who repeats it, on the day of
that; `repost_of` and `quote_of` say what it repeats or quotes. Counts that a platform hides, or gives for another
post or another day, are missing and not 0. HTML becomes the text that a reader sees. Dates become UTC; those without
a zone are read in `--timezone`.

Not a post, and set aside with the reason: service messages, deletion notices, what a platform was asked for and did
not give, posts without text, and what is not public.

## Broken and hostile files

Rows read and rows set aside are all that a file holds. A record that cannot be read is set aside with its line (in a
JSON document or a feed, the number of the post): bad JSON, JSON nested too deeply, bytes that the encoding does not
know, a quote that is never closed, a date that is none, a line of more than {lines.MOST_CHARACTERS:,} characters. A
document that is cut off gives the posts before the cut.

Archives are read where they are: no name in one becomes a place on disk, and links in one are not followed. A file
that unpacks to more than {streams.MOST_RATIO:g} times its size (`{streams.RATIO}`) or {streams.MOST_GB:g} GB
(`{streams.GIGABYTES}`) is refused, and so is a JSON document or a feed of more than {streams.WHOLE_GB:g} GB, which is
read at once; the environment variables raise the limits. A feed that declares entities is refused. No pickle is ever
loaded. `python -m benchmarks.fuzz` looks for more.
"""
